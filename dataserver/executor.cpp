#include "dataserver/executor.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/slot.h"
#include "common/resp/reply_parser.h"
#include "dataserver/about.h"
#include "dataserver/commands/handler.h"
#include "dataserver/store/scan_position.h"

namespace ringhold {

Result<SlotView> Executor::look_at_slots(const CommandRow& row, std::span<const std::string_view> args) {
  if (const Result<void> found = key_positions(row, args, positions_); !found) return found.error();
  INVARIANT(!positions_.empty());
  SlotView view;
  view.first = slot_of(args[positions_.front()]);
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const Slot slot = i == 0 ? view.first : slot_of(args[positions_[i]]);
    view.one_slot = view.one_slot && slot == view.first;
    view.all_owned = view.all_owned && node_.ownership.owns(slot);
  }
  return view;
}

Result<bool> Executor::may_run(const CommandRow& row, std::span<const std::string_view> args,
                               TopologyVersion version) {
  if (const Result<void> found = key_positions(row, args, positions_); !found) return found.error();
  return std::all_of(positions_.begin(), positions_.end(), [&](std::uint32_t at) {
    return node_.ownership.owns_since(slot_of(args[at]), version);
  });
}

std::unique_ptr<ReplySource> Executor::run(const CommandRow& row, std::span<const std::string_view> args,
                                           ReplyWriter& reply, const Caller& caller) {
  const Handler handler = store_handler(row.id);
  INVARIANT(handler != nullptr);
  if (row.has(kDenyOom) && !node_.make_room(args)) {
    reply.error("OOM command not allowed when used memory > 'maxmemory'.");
    return nullptr;
  }
  const bool clustered = node_.topology.current() != nullptr;
  CommandContext context{.args = args,
                         .reply = reply,
                         .store = node_.store,
                         .now = node_.log_time(),
                         .seed = node_.world.rng.next(),
                         .clustered = clustered,
                         .owner = caller.owner,
                         .may_reply_slowly = caller.takes_slow_replies};
  handler(context);
  return std::move(context.slow_reply);
}

void Executor::run_scan_with_positions(const CommandRow& row, std::span<const std::string_view> args,
                                       ReplyWriter& reply) {
  ByteBuffer plain;
  ReplyWriter plain_writer(plain, reply.version());
  run(row, args, plain_writer, {});
  const auto halves = split_aggregate(plain.view());
  if (!halves || halves->size() != 2) {  // an error reply
    reply.raw(plain.view());
    return;
  }
  const auto keys = split_aggregate((*halves)[1]);
  INVARIANT(keys.ok());
  reply.array(2);
  reply.raw((*halves)[0]);
  reply.array(keys->size() * 2);
  for (const std::string_view raw : *keys) {
    const auto key = decode_reply(raw);
    INVARIANT(key.ok());
    const HashedKey hashed = node_.store.hash(key->text);
    reply.raw(raw);
    reply.integer(static_cast<std::int64_t>(ScanPosition::of(hashed.slot.value, hashed.order).cursor()));
  }
}

void Executor::run_randomkey_with_size(const CommandRow& row, std::span<const std::string_view> args,
                                       ReplyWriter& reply) {
  reply.array(2);
  run(row, args, reply, {});
  reply.integer(static_cast<std::int64_t>(node_.store.size()));
}

ClusterCommandContext Executor::cluster_context(const CommandRow& row, std::span<const std::string_view> args,
                                                ReplyWriter& reply) {
  ClusterCommandContext context{row, args, reply, node_.topology.current().get(), false, node_.self};
  context.count_keys_in_slot = [this](Slot slot) { return node_.store.slot_size(slot); };
  context.keys_in_slot = [this](Slot slot, std::size_t count_max) {
    const auto views = node_.store.keys_in_slot(slot, count_max);
    return std::vector<std::string>(views.begin(), views.end());
  };
  context.status = [this] { return cluster_status(node_); };
  context.cache = &node_.cluster_replies;
  return context;
}

}  // namespace ringhold

#include "cluster/admin/cluster_commands.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "cluster/admin/cluster_view.h"
#include "common/base/slot.h"
#include "common/base/text.h"

namespace ringhold {
namespace {

constexpr std::string_view kDisabled = "ERR This instance has cluster support disabled";
constexpr std::string_view kNotAnInteger = "ERR value is not an integer or out of range";

ClusterView view_of(const ClusterCommandContext& context) {
  if (!context.is_proxy) return data_server_view(*context.topology, context.self);
  const std::uint64_t epoch = context.topology == nullptr ? 0 : context.topology->version.epoch.value;
  return proxy_view(context.self, epoch);
}

void text_field(ReplyWriter& reply, std::string_view name, std::string_view value) {
  reply.bulk(name);
  reply.bulk(value);
}

void integer_field(ReplyWriter& reply, std::string_view name, std::int64_t value) {
  reply.bulk(name);
  reply.integer(value);
}

// [host, port, id, {}]: the map holds further names of the node, of which there are none.
void slots_node(ReplyWriter& reply, const ViewNode& node) {
  reply.array(4);
  reply.bulk(node.address.host);
  reply.integer(node.address.port);
  reply.bulk(node.id);
  reply.map(0);
}

// Neighbouring slots mostly have different owners, so there are thousands of ranges: what is the same for all
// ranges of a shard is written once and copied.
void slots(ClusterCommandContext& context) {
  const ClusterView view = view_of(context);
  std::vector<ByteBuffer> nodes_of_shard;
  for (const ViewShard& shard : view.shards) {
    ReplyWriter writer(nodes_of_shard.emplace_back(), context.reply.version());
    for (const ViewNode& node : shard.nodes) slots_node(writer, node);
  }
  context.reply.array(view.ranges.size());
  for (const ClusterView::OwnedRange& owned : view.ranges) {
    context.reply.array(2 + view.shards[owned.shard].nodes.size());
    context.reply.integer(owned.range.first);
    context.reply.integer(owned.range.last);
    context.reply.raw(nodes_of_shard[owned.shard].view());
  }
}

// The one port speaks TLS. Both names are shown, because some clients read only the one and some only the
// other.
void shards_node(ReplyWriter& reply, const ViewNode& node, bool is_master) {
  reply.map(8);
  text_field(reply, "id", node.id);
  integer_field(reply, "port", node.address.port);
  integer_field(reply, "tls-port", node.address.port);
  text_field(reply, "ip", node.address.host);
  text_field(reply, "endpoint", node.address.host);
  text_field(reply, "role", is_master ? "master" : "replica");
  integer_field(reply, "replication-offset", 0);
  text_field(reply, "health", "online");
}

void shards(ClusterCommandContext& context) {
  const ClusterView view = view_of(context);
  context.reply.array(view.shards.size());
  for (const ViewShard& shard : view.shards) {
    context.reply.map(2);
    context.reply.bulk("slots");
    context.reply.array(2 * shard.ranges.size());
    for (const SlotRange& range : shard.ranges) {
      context.reply.integer(range.first);
      context.reply.integer(range.last);
    }
    context.reply.bulk("nodes");
    context.reply.array(shard.nodes.size());
    for (const ViewNode& node : shard.nodes) {
      shards_node(context.reply, node, &node == &shard.nodes.front());
    }
  }
}

// id host:port@bus-port flags master ping-sent pong-received epoch link-state slots. The peer protocol shares
// the port.
void append_node_line(std::string& text, const ViewShard& shard, const ViewNode& node, std::uint64_t epoch) {
  const bool is_master = &node == &shard.nodes.front();
  fmt::format_to(std::back_inserter(text), "{} {}:{}@{} {}{} {} 0 0 {} connected", node.id, node.address.host,
                 node.address.port, node.address.port, node.myself ? "myself," : "",
                 is_master ? "master" : "slave", is_master ? "-" : shard.nodes.front().id, epoch);
  if (is_master) {
    for (const SlotRange& range : shard.ranges) {
      if (range.first == range.last) {
        fmt::format_to(std::back_inserter(text), " {}", range.first);
      } else {
        fmt::format_to(std::back_inserter(text), " {}-{}", range.first, range.last);
      }
    }
  }
  text += '\n';
}

void nodes(ClusterCommandContext& context) {
  const ClusterView view = view_of(context);
  std::string text;
  for (const ViewShard& shard : view.shards) {
    for (const ViewNode& node : shard.nodes) append_node_line(text, shard, node, view.epoch);
  }
  context.reply.verbatim(text);
}

void info(ClusterCommandContext& context) {
  const ClusterView view = view_of(context);
  std::uint32_t assigned = 0;
  for (const auto& owned : view.ranges) assigned += 1U + owned.range.last - owned.range.first;
  const auto masters = std::count_if(view.shards.begin(), view.shards.end(),
                                     [](const ViewShard& shard) { return !shard.ranges.empty(); });
  context.reply.verbatim(fmt::format(
      "cluster_state:{}\r\ncluster_slots_assigned:{}\r\ncluster_slots_ok:{}\r\ncluster_slots_pfail:0\r\n"
      "cluster_slots_fail:0\r\ncluster_known_nodes:{}\r\ncluster_size:{}\r\ncluster_current_epoch:{}\r\n"
      "cluster_my_epoch:{}\r\ncluster_stats_messages_sent:0\r\ncluster_stats_messages_received:0\r\n"
      "total_cluster_links_buffer_limit_exceeded:0\r\n",
      assigned == kSlotCount ? "ok" : "fail", assigned, assigned, view.node_count(), masters, view.epoch,
      view.epoch));
}

void my_id(ClusterCommandContext& context) {
  context.reply.bulk(view_of(context).my_id);
}

void key_slot(ClusterCommandContext& context) {
  context.reply.integer(slot_of(context.args[2]).value);
}

// The slot of the two commands below, or nothing after an error was written.
std::optional<Slot> slot_or_error(ClusterCommandContext& context, bool can_answer) {
  const Result<Slot> slot = cluster_command_slot(context.row, context.args);
  if (!slot) {
    context.reply.error(slot.error().message);
    return std::nullopt;
  }
  if (!can_answer) {
    context.reply.error(fmt::format("ERR '{}' is answered by the slot's owner", context.row.name));
    return std::nullopt;
  }
  return *slot;
}

void count_keys_in_slot(ClusterCommandContext& context) {
  const auto slot = slot_or_error(context, context.count_keys_in_slot != nullptr);
  if (slot) context.reply.integer(static_cast<std::int64_t>(context.count_keys_in_slot(*slot)));
}

void get_keys_in_slot(ClusterCommandContext& context) {
  const auto slot = slot_or_error(context, context.keys_in_slot != nullptr);
  if (!slot) return;
  const std::int64_t count_max = parse_int64(context.args[3]).value_or(0);
  const std::vector<std::string> keys = context.keys_in_slot(*slot, static_cast<std::size_t>(count_max));
  context.reply.array(keys.size());
  for (const std::string& key : keys) context.reply.bulk(key);
}

void status(ClusterCommandContext& context) {
  if (!context.status) {
    context.reply.error("ERR CLUSTER STATUS is not known here; ask a proxy");
    return;
  }
  context.reply.bulk(cluster_status_json(context.status()));
}

struct Entry {
  CommandId id;
  bool needs_cluster;  // refused where no topology is known, as Redis does with cluster support disabled
  bool long_reply;     // that says only what the topology says: kept for the next who asks
  void (*execute)(ClusterCommandContext&);
};

// What concerns slots alone is answered without a topology too: every store is kept by slot.
constexpr Entry kEntries[] = {
    {CommandId::kClusterCountkeysinslot, false, false, count_keys_in_slot},
    {CommandId::kClusterGetkeysinslot, false, false, get_keys_in_slot},
    {CommandId::kClusterInfo, true, false, info},
    {CommandId::kClusterKeyslot, false, false, key_slot},
    {CommandId::kClusterMyid, true, false, my_id},
    {CommandId::kClusterNodes, true, true, nodes},
    {CommandId::kClusterShards, true, true, shards},
    {CommandId::kClusterSlots, true, true, slots},
    {CommandId::kClusterStatus, false, false, status},
};

}  // namespace

void execute_cluster_command(ClusterCommandContext& context) {
  const auto* entry = std::find_if(std::begin(kEntries), std::end(kEntries),
                                   [&](const Entry& candidate) { return candidate.id == context.row.id; });
  if (entry == std::end(kEntries)) {
    context.reply.error(fmt::format("ERR '{}' is not answered here", context.row.name));
  } else if (entry->needs_cluster && !context.is_proxy && context.topology == nullptr) {
    context.reply.error(kDisabled);
  } else if (entry->long_reply && context.cache != nullptr) {
    context.cache->reply_to(entry->id, *context.topology, context.reply, [&] { entry->execute(context); });
  } else {
    entry->execute(context);
  }
}

Result<Slot> cluster_command_slot(const CommandRow& row, std::span<const std::string_view> args) {
  const std::optional<std::int64_t> slot = parse_int64(args[2]);
  if (!slot) return Error{std::string(kNotAnInteger)};
  const bool slot_ok = *slot >= 0 && *slot < std::int64_t{kSlotCount};
  if (row.id == CommandId::kClusterGetkeysinslot) {
    const std::optional<std::int64_t> count = parse_int64(args[3]);
    if (!count) return Error{std::string(kNotAnInteger)};
    if (!slot_ok || *count < 0) return Error{"ERR Invalid slot or number of keys"};
  } else if (!slot_ok) {
    return Error{"ERR Invalid slot"};
  }
  return Slot{static_cast<std::uint16_t>(*slot)};
}

}  // namespace ringhold

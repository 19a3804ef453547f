// Runs commands against the store, and decides which of them this server may run.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cluster/admin/cluster_commands.h"
#include "common/base/large_bytes.h"
#include "common/base/result.h"
#include "common/command/command_table.h"
#include "common/resp/reply_source.h"
#include "common/resp/reply_writer.h"
#include "dataserver/node.h"

namespace ringhold {

// The slots of a command's keys, in the light of who owns them.
struct SlotView {
  Slot first;
  bool one_slot = true;   // all keys are in `first`
  bool all_owned = true;  // by this server
};

class Executor {
 public:
  explicit Executor(Node& node) : node_(node) {}

  // An error (Redis's text) where the arguments do not say which keys are meant. Precondition: the row's
  // routing is kKeys or kSplit.
  Result<SlotView> look_at_slots(const CommandRow& row, std::span<const std::string_view> args);
  // The same question for a command that was sent by topology `version`: may it run here?
  Result<bool> may_run(const CommandRow& row, std::span<const std::string_view> args,
                       TopologyVersion version);
  // Writes exactly one reply, or returns what will write it. Precondition: the row's routing is kKeys, kSplit
  // or kScatter (then: this server's keys only).
  struct Caller {
    BytesOwner* owner = nullptr;  // of the arguments; see CommandContext
    bool takes_slow_replies = false;
  };
  std::unique_ptr<ReplySource> run(const CommandRow& row, std::span<const std::string_view> args,
                                   ReplyWriter& reply, const Caller& caller);
  // SCAN as the proxy needs it to merge: [next cursor, [key, position, ...]], where a key's position is the
  // cursor that a scan would find it at. See cluster/upstream/merge.h.
  void run_scan_with_positions(const CommandRow& row, std::span<const std::string_view> args,
                               ReplyWriter& reply);
  // RANDOMKEY likewise: [key or null, number of keys].
  void run_randomkey_with_size(const CommandRow& row, std::span<const std::string_view> args,
                               ReplyWriter& reply);

  // What CLUSTER … sees of this server.
  ClusterCommandContext cluster_context(const CommandRow& row, std::span<const std::string_view> args,
                                        ReplyWriter& reply);

 private:
  Node& node_;
  std::vector<std::uint32_t> positions_;  // scratch
};

}  // namespace ringhold

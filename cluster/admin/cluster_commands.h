// CLUSTER ...: Redis Cluster's view of a Ringhold topology, and CLUSTER STATUS, Ringhold's own.
//
// A data server shows the real shards, one node for each replica, so that cluster-aware clients can go to the
// owners directly. A proxy shows itself as the one node, which owns every slot: its clients need not know the
// others. Pure functions of the context.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/admin/cluster_reply_cache.h"
#include "cluster/admin/cluster_status.h"
#include "cluster/topology/topology.h"
#include "common/command/command_table.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

struct ClusterCommandContext {
  const CommandRow& row;
  std::span<const std::string_view> args;
  ReplyWriter& reply;
  const Topology* topology = nullptr;  // null: none known yet
  bool is_proxy = false;
  Address self;  // the advertised address of this process

  // Of the store; empty at a proxy, where the dispatcher sends both commands to the slot's owner instead.
  std::function<std::uint64_t(Slot)> count_keys_in_slot = {};
  std::function<std::vector<std::string>(Slot, std::size_t count_max)> keys_in_slot = {};
  // For CLUSTER STATUS: gathered by the caller, asked only then.
  std::function<ClusterStatus()> status = {};
  // Of this process; null, and at a proxy, whose replies are short: every one is written anew.
  ClusterReplyCache* cache = nullptr;
};

// Precondition: row is CLUSTER or one of its subcommands; arity and role were checked. Writes exactly one
// reply.
void execute_cluster_command(ClusterCommandContext& context);

// The slot that CLUSTER COUNTKEYSINSLOT or GETKEYSINSLOT is about, with all its arguments checked: a proxy
// routes the command by it. Errors are complete replies.
Result<Slot> cluster_command_slot(const CommandRow& row, std::span<const std::string_view> args);

}  // namespace ringhold

#include "dataserver/about.h"

#include <algorithm>

#include "common/base/limits.h"

namespace ringhold {

NodeFigures node_figures(Node& node) {
  NodeFigures figures;
  const Store& store = node.store;
  figures.store.keys = store.size();
  figures.store.expires = store.deadlines();
  figures.store.avg_ttl_ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, store.average_ttl_ms(node.log_time())));
  figures.store.used_bytes = store.used_bytes();
  figures.store.hits = store.stats().hits;
  figures.store.misses = store.stats().misses;
  figures.store.expired = store.stats().expired;
  if (const TopologyPtr& topology = node.topology.current(); topology != nullptr) {
    figures.cluster.enabled = true;
    figures.cluster.cluster_id = topology->cluster.hex();
    figures.cluster.generation = topology->version.generation;
    figures.cluster.epoch = topology->version.epoch.value;
    figures.cluster.shards = topology->shards.size();
    figures.cluster.slots_owned = node.ownership.count();
  }
  figures.extra = {{"shard", node.ownership.shard()},
                   {"forwarded_commands", std::to_string(node.forwarded)},
                   {"freeing_bytes", std::to_string(store.freeing_bytes())}};
  return figures;
}

ClusterStatus cluster_status(Node& node) {
  ClusterStatus status = status_of_topology(node.topology.current().get());
  for (ShardStatus& shard : status.shards) {
    if (shard.name != node.ownership.shard()) continue;
    shard.keys = node.store.size();
    shard.bytes = node.store.used_bytes();
    shard.ops = node.stats.rates().commands;
    for (ReplicaStatus& replica : shard.replicas) {
      replica.role = "leader";
      replica.state = "up";
    }
  }
  return status;
}

void add_node_parameters(Node& node) {
  add_common_parameters(node.config, node.slowlog);
  node.config.add(config_constant("maxclients", std::to_string(node.options.connections_max)));
  node.config.add(config_memory(
      "proto-max-bulk-len", [&node] { return node.store.options().value_bytes_max; },
      [&node](std::uint64_t bytes) { node.store.set_value_bytes_max(bytes); },
      {.min = limits::kMiB, .max = limits::kBulkBytesMax}));
}

}  // namespace ringhold

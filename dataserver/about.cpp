#include "dataserver/about.h"

#include <algorithm>

#include "cluster/topology/topology_codec.h"
#include "dataserver/parameters.h"

namespace ringhold {

namespace {

BackupState backup_state(const Node& node) {
  BackupState state;
  if (node.backup != nullptr) {
    state = node.backup->figures();
  } else {
    state.changes_since = node.store.changes();
  }
  state.keys_loaded = node.keys_loaded;
  state.keys_expired = node.keys_expired;
  return state;
}

}  // namespace

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
  figures.store.evicted = store.stats().evicted;
  figures.store.max_memory = node.options.max_memory;
  figures.store.eviction = eviction_name(node.options.eviction);
  if (const TopologyPtr& topology = node.topology.current(); topology != nullptr) {
    figures.cluster.enabled = true;
    figures.cluster.cluster_id = topology->cluster.hex();
    figures.cluster.generation = topology->version.generation;
    figures.cluster.epoch = topology->version.epoch.value;
    figures.cluster.shards = topology->shards.size();
  }
  figures.cluster.slots_owned = node.ownership.count();
  figures.extra = {{"shard", node.ownership.shard()},
                   {"forwarded_commands", std::to_string(node.forwarded)},
                   {"freeing_bytes", std::to_string(store.freeing_bytes())}};
  figures.backup = backup_state(node);
  return figures;
}

BackupHeader about_backup(const Node& node) {
  BackupHeader header;
  header.shard = node.ownership.shard().empty() ? node.options.name : node.ownership.shard();
  if (const TopologyPtr& topology = node.topology.newest(); topology != nullptr) {
    header.cluster = topology->cluster;
    header.topology = encode_topology(*topology);
  }
  return header;
}

ClusterStatus cluster_status(Node& node) {
  ClusterStatus status = status_of_topology(node.topology.current().get());
  for (ShardStatus& shard : status.shards) {
    if (shard.name != node.ownership.shard()) continue;
    shard.keys = node.store.size();
    shard.bytes = node.store.used_bytes();
    shard.ops = node.stats.rates().commands;
    const StoreStats& stats = node.store.stats();
    shard.use = {stats.hits, stats.misses, stats.expired, stats.evicted};
    for (ReplicaStatus& replica : shard.replicas) {
      replica.role = "leader";
      replica.state = "up";
    }
  }
  return status;
}

}  // namespace ringhold

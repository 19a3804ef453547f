#include "cluster/admin/cluster_status.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "common/base/ids.h"

namespace ringhold {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json number_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json replica_json(const ReplicaStatus& replica) {
  return {{"addr", replica.addr}, {"role", replica.role}, {"state", replica.state}, {"lag", replica.lag}};
}

Json shard_json(const ShardStatus& shard) {
  Json replicas = Json::array();
  for (const ReplicaStatus& replica : shard.replicas) replicas.push_back(replica_json(replica));
  return {{"name", shard.name},
          {"share", static_cast<double>(shard.slots) / kSlotCount},
          {"slots", shard.slots},
          {"keys", number_or_null(shard.keys)},
          {"bytes", number_or_null(shard.bytes)},
          {"ops", number_or_null(shard.ops)},
          {"hits", shard.use ? Json(shard.use->hits) : Json(nullptr)},
          {"misses", shard.use ? Json(shard.use->misses) : Json(nullptr)},
          {"expired", shard.use ? Json(shard.use->expired) : Json(nullptr)},
          {"evicted", shard.use ? Json(shard.use->evicted) : Json(nullptr)},
          {"weight", shard.weight},
          {"replicas", std::move(replicas)}};
}

Json pending_json(const std::optional<PendingEdit>& pending) {
  if (!pending) return nullptr;
  return {{"file", pending->file}, {"error", pending->error}, {"note", pending->note}};
}

}  // namespace

ClusterStatus status_of_topology(const Topology* topology) {
  ClusterStatus status;
  if (topology == nullptr) return status;
  status.cluster = topology->cluster.hex();
  status.epoch = topology->version.epoch.value;
  status.generation = topology->version.generation;
  status.authority = topology->authority;
  for (const Shard& shard : topology->shards) {
    ShardStatus entry;
    entry.name = shard.name;
    entry.weight = shard.weight;
    entry.slots = topology->slots_of(shard.name);
    for (const Address& replica : shard.replicas)
      entry.replicas.push_back({replica.text(), "unknown", "unknown", 0});
    status.shards.push_back(std::move(entry));
  }
  return status;
}

std::string cluster_status_json(const ClusterStatus& status) {
  Json shards = Json::array();
  for (const ShardStatus& shard : status.shards) shards.push_back(shard_json(shard));
  const Json document = {{"cluster", status.cluster},
                         {"epoch", status.epoch},
                         {"generation", status.generation},
                         {"authority", status.authority},
                         {"shards", std::move(shards)},
                         {"migration", nullptr},
                         {"pending", pending_json(status.pending)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ringhold

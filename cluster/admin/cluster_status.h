// What CLUSTER STATUS says: the cluster as one process sees it, as a JSON document for `ringhold status`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cluster/topology/topology.h"

namespace ringhold {

struct ReplicaStatus {
  std::string addr;      // HOST:PORT
  std::string role;      // "leader", "follower", "learner"; "unknown" where nobody answers
  std::string state;     // "up", "down", "connecting"; with a reason behind a colon where one is known
  std::int64_t lag = 0;  // log entries behind the leader; 0 for a cache
};

struct ShardStatus {
  std::string name;
  std::uint32_t weight = 1;
  std::uint32_t slots = 0;
  // Unset: not known, because the shard does not answer; null in JSON.
  std::optional<std::uint64_t> keys;
  std::optional<std::uint64_t> bytes;
  std::optional<double> ops;  // commands per second
  // Since the server's start; unset like the above.
  struct Use {
    std::uint64_t hits = 0;  // reads that found their key
    std::uint64_t misses = 0;
    std::uint64_t expired = 0;
    std::uint64_t evicted = 0;
  };
  std::optional<Use> use;
  std::vector<ReplicaStatus> replicas;
};

// An edit of servers.json that was seen and is not in force.
struct PendingEdit {
  std::string file;
  std::string error;  // why not; empty: it is being made
  std::string note;   // what it would change, or what to do
};

struct ClusterStatus {
  std::string cluster;  // hex
  std::uint64_t epoch = 0;
  std::uint64_t generation = 0;
  std::string authority;  // the name of the shard that decides topologies
  std::vector<ShardStatus> shards;
  std::optional<PendingEdit> pending;
};

// What the topology alone says; figures and states are for who knows them. Null: no topology is known.
ClusterStatus status_of_topology(const Topology* topology);

// {"cluster", "epoch", "generation", "authority", "shards": [{"name", "share", "slots", "keys", "bytes",
// "ops", "hits", "misses", "expired", "evicted", "weight", "replicas": [{"addr", "role", "state", "lag"}]}],
// "migration": null, "pending": null |
// {"file", "error", "note"}} on one line. "share" is the part of all slots, 0..1. Text that is not UTF-8 is
// shown with replacement characters.
std::string cluster_status_json(const ClusterStatus& status);

}  // namespace ringhold

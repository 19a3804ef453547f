// The cluster in Redis Cluster's terms: nodes with ids, masters that own ranges of slots. One form for what a
// data server shows (the topology) and what a proxy shows (itself), so that every CLUSTER reply is written
// once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/topology/topology.h"

namespace ringhold {

struct SlotRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;  // inclusive
};

struct ViewNode {
  std::string id;  // 40 hex digits
  Address address;
  bool myself = false;
};

// A master and its replicas.
struct ViewShard {
  std::vector<ViewNode> nodes;    // the first is the master; never empty
  std::vector<SlotRange> ranges;  // ascending, as long as can be
};

struct ClusterView {
  std::vector<ViewShard> shards;
  // All shards' ranges, ascending by slot; `shard` is an index.
  struct OwnedRange {
    SlotRange range;
    std::size_t shard = 0;
  };
  std::vector<OwnedRange> ranges;
  std::string my_id;
  std::uint64_t epoch = 0;

  std::size_t node_count() const;
};

// Redis Cluster's id of a replica: its shard's id, and a hash of its address. Distinct replicas differ.
std::string cluster_node_id(const Id128& shard, const Address& replica);
// A proxy's: the same for all proxies that share an advertised address.
std::string cluster_proxy_id(const Address& advertise);

// As the data server at `self` sees it. If no shard lists it (it is being removed), it is shown as a master
// without slots, because clients look for "myself".
ClusterView data_server_view(const Topology& topology, const Address& self);
// One node that owns every slot.
ClusterView proxy_view(const Address& advertise, std::uint64_t epoch);

}  // namespace ringhold

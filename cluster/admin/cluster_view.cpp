#include "cluster/admin/cluster_view.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <string_view>

namespace ringhold {
namespace {

std::uint64_t hash(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

// Consecutive slots of one owner become one range.
void add_ranges(ClusterView& view, const SlotTable& slots) {
  for (std::uint32_t slot = 0; slot < kSlotCount; ++slot) {
    const std::uint16_t owner = slots[slot];
    if (owner >= view.shards.size()) continue;
    const auto number = static_cast<std::uint16_t>(slot);
    const bool extends = !view.ranges.empty() && view.ranges.back().shard == owner &&
                         view.ranges.back().range.last + 1 == number;
    if (extends) {
      view.ranges.back().range.last = number;
    } else {
      view.ranges.push_back({.range = {number, number}, .shard = owner});
    }
  }
  for (const ClusterView::OwnedRange& owned : view.ranges) {
    view.shards[owned.shard].ranges.push_back(owned.range);
  }
}

}  // namespace

std::size_t ClusterView::node_count() const {
  std::size_t count = 0;
  for (const ViewShard& shard : shards) count += shard.nodes.size();
  return count;
}

std::string cluster_node_id(const Id128& shard, const Address& replica) {
  return fmt::format("{}{:08x}", shard.hex(), hash(replica.text()) & 0xFFFFFFFFU);
}

std::string cluster_proxy_id(const Address& advertise) {
  const std::string text = "ringhold-proxy " + advertise.text();
  const XXH128_hash_t wide = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}{:08x}", wide.high64, wide.low64, hash(text) & 0xFFFFFFFFU);
}

ClusterView data_server_view(const Topology& topology, const Address& self) {
  ClusterView view;
  view.epoch = topology.version.epoch.value;
  for (const Shard& shard : topology.shards) {
    ViewShard& shown = view.shards.emplace_back();
    for (const Address& replica : shard.replicas) {
      shown.nodes.push_back(
          {.id = cluster_node_id(shard.id, replica), .address = replica, .myself = replica == self});
      if (replica == self) view.my_id = shown.nodes.back().id;
    }
  }
  add_ranges(view, topology.slots);
  if (view.my_id.empty()) {
    view.my_id = cluster_node_id(Id128{}, self);
    view.shards.push_back({.nodes = {{.id = view.my_id, .address = self, .myself = true}}, .ranges = {}});
  }
  return view;
}

ClusterView proxy_view(const Address& advertise, std::uint64_t epoch) {
  ClusterView view;
  view.epoch = epoch;
  view.my_id = cluster_proxy_id(advertise);
  view.shards.push_back({.nodes = {{.id = view.my_id, .address = advertise, .myself = true}}, .ranges = {}});
  add_ranges(view, SlotTable{});  // every slot is the first shard's
  return view;
}

}  // namespace ringhold

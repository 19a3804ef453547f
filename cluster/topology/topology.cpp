#include "cluster/topology/topology.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cluster/topology/server_address.h"
#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold {

namespace {

// Versions only count up, from 1: one that is near the end of its type was never reached by counting.
constexpr std::uint64_t kVersionMax = std::uint64_t{1} << 62;

bool is_version(const TopologyVersion& version) {
  const auto counted = [](std::uint64_t n) { return n >= 1 && n <= kVersionMax; };
  return counted(version.generation) && counted(version.epoch.value);
}

Result<void> check_shard(const Shard& shard) {
  const auto fail = [&](std::string_view what) {
    return Error{fmt::format("shard '{}' has {}", printable(shard.name), what)};
  };
  if (!is_shard_name(shard.name)) return fail("a bad name");
  if (shard.id.is_none()) return fail("no id");
  if (shard.weight < 1 || shard.weight > limits::kWeightMax) return fail("a bad weight");
  if (shard.replicas.empty() || shard.replicas.size() > limits::kReplicasMax) {
    return fail("too few or too many replicas");
  }
  for (const Address& address : shard.replicas) {
    const auto parsed = parse_server_address(address.text());
    if (!parsed || *parsed != address) return fail("a bad address");
  }
  return {};
}

}  // namespace

std::string TopologyVersion::text() const {
  return fmt::format("{}.{}", generation, epoch.value);
}

const Shard* Topology::find_shard(std::string_view name) const {
  const auto before = [](const Shard& shard, std::string_view wanted) { return shard.name < wanted; };
  const auto found = std::lower_bound(shards.begin(), shards.end(), name, before);
  return found != shards.end() && found->name == name ? &*found : nullptr;
}

const Shard* Topology::find_shard_at(const Address& address) const {
  for (const Shard& shard : shards) {
    if (std::find(shard.replicas.begin(), shard.replicas.end(), address) != shard.replicas.end()) {
      return &shard;
    }
  }
  return nullptr;
}

std::uint32_t Topology::slots_of(std::string_view name) const {
  const Shard* shard = find_shard(name);
  if (shard == nullptr) return 0;
  return static_cast<std::uint32_t>(std::count(slots.begin(), slots.end(), shard - shards.data()));
}

std::vector<ShardSpec> Topology::specs() const {
  std::vector<ShardSpec> specs;
  for (const Shard& shard : shards) specs.push_back({shard.name, shard.weight, shard.replicas});
  return specs;
}

Result<void> check_topology(const Topology& topology) {
  const std::vector<Shard>& shards = topology.shards;
  if (topology.cluster.is_none()) return Error{"the topology has no cluster id"};
  if (!is_version(topology.version)) {
    return Error{fmt::format("the topology has the impossible version {}", topology.version.text())};
  }
  if (shards.empty() || shards.size() > limits::kShardsMax) {
    return Error{fmt::format("the topology has {} shards", shards.size())};
  }
  std::set<Id128> ids;
  std::set<Address> addresses;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (auto good = check_shard(shards[i]); !good) return good;
    if (i > 0 && shards[i - 1].name >= shards[i].name) return Error{"the shards are not ascending by name"};
    if (!ids.insert(shards[i].id).second) return Error{"two shards have one id"};
    for (const Address& address : shards[i].replicas) {
      if (addresses.insert(address).second) continue;
      return Error{fmt::format("two replicas have the address {}", address.text())};
    }
  }
  for (std::size_t slot = 0; slot < kSlotCount; ++slot) {
    if (topology.slots[slot] >= shards.size()) return Error{fmt::format("slot {} has no owner", slot)};
  }
  if (topology.find_shard(topology.authority) == nullptr) {
    return Error{"the authority is not one of the shards"};
  }
  return {};
}

}  // namespace ringhold

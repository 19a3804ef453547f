// Random shard lists and edits of them, from a seed.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "cluster/ring/ring.h"

namespace ringhold {

// A table by owners' names, so that tables over different lists can be compared; "" is no owner.
using NamedTable = std::vector<std::string>;

inline NamedTable named(const SlotTable& table, const std::vector<RingShard>& shards) {
  NamedTable names;
  for (const std::uint16_t owner : table) names.push_back(owner == kNoOwner ? "" : shards[owner].name);
  return names;
}

// The other way: names that are not in `shards` become kNoOwner.
inline SlotTable indexed(const NamedTable& names, const std::vector<RingShard>& shards) {
  std::map<std::string, std::uint16_t> index;
  for (const RingShard& shard : shards) index.emplace(shard.name, static_cast<std::uint16_t>(index.size()));
  SlotTable table;
  for (std::size_t slot = 0; slot < kSlotCount; ++slot) {
    const auto found = index.find(names[slot]);
    table[slot] = found == index.end() ? kNoOwner : found->second;
  }
  return table;
}

class RandomShards {
 public:
  explicit RandomShards(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  RingShard shard() { return {"s" + std::to_string(below(1000000)), below(3) == 0 ? 1 + below(50) : 1}; }

  std::vector<RingShard> list(std::uint32_t count_max) {
    std::vector<RingShard> shards;
    const std::uint32_t count = 1 + below(count_max);
    while (shards.size() < count) add(shards);
    return shards;
  }

  // Adds, removes, re-weights and shuffles.
  std::vector<RingShard> edited(std::vector<RingShard> shards) {
    for (std::uint32_t changes = 1 + below(3); changes > 0; --changes) {
      const std::uint32_t kind = below(3);
      if (kind == 0 || shards.size() == 1) {
        add(shards);
      } else if (kind == 1) {
        shards.erase(shards.begin() + below(static_cast<std::uint32_t>(shards.size())));
      } else {
        shards[below(static_cast<std::uint32_t>(shards.size()))].weight = 1 + below(50);
      }
    }
    std::shuffle(shards.begin(), shards.end(), random_);
    return shards;
  }

 private:
  void add(std::vector<RingShard>& shards) {
    const RingShard fresh = shard();
    const auto same = [&](const RingShard& other) { return other.name == fresh.name; };
    if (std::none_of(shards.begin(), shards.end(), same)) shards.push_back(fresh);
  }

  std::mt19937 random_;
};

}  // namespace ringhold

// The consistent-hash ring, and the table of slots that comes from it. Pure functions.
//
// Shard `name` of weight w has 160·w/min(w) points (rounded down, at least 1, at most 16,000); point i is XXH3-64
// (seed 0) of the ASCII text `name#i`. Slot s sits at XXH3-64 of its decimal text and goes to the next point clockwise (its own
// position included; ties: the smaller name) whose shard is below its quota. Quotas are the weighted shares of
// 16384 by largest remainder (ties: the smaller name). Slots are placed in ascending number.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/ids.h"

namespace ringhold {

struct RingShard {
  std::string name;
  std::uint32_t weight = 1;  // 1..limits::kWeightMax
};

inline constexpr std::uint16_t kNoOwner = 0xFFFF;
// For each slot, the index of its shard in some list, or kNoOwner.
using SlotTable = std::array<std::uint16_t, kSlotCount>;

// How many slots each shard is due; the sum is 16384. Precondition: 1..limits::kShardsMax shards, distinct names.
std::vector<std::uint32_t> slot_quotas(std::span<const RingShard> shards);

// A fresh table: balanced to one slot. Indexes are positions in `shards`; the result depends on names and weights, not
// on the order of the list (up to that renumbering).
SlotTable place_slots(std::span<const RingShard> shards);

// From `current` (indexes into `shards`; kNoOwner for slots of shards that are gone) the table that moves the fewest slots and
// meets the new quotas. Which slots a shard above quota gives up, and who receives them, follows the ring's preference.
SlotTable rebalance_slots(const SlotTable& current, std::span<const RingShard> shards);

}  // namespace ringhold

// The consistent-hash ring, and the table of slots that comes from it. Pure functions of names and weights:
// the order of a list never matters (but for the numbering of the result). docs/ring.md has test vectors.
//
// The ring: shard `name` of weight w has 160·w/min(w) points (rounded down, at least 1, at most 16,000);
// point i, counted from 0, is XXH3-64 (seed 0) of the ASCII text `name#i`. Slot s sits at XXH3-64 of its
// decimal text. A slot prefers shards in the order in which their points follow it clockwise, its own
// position included (ties: the smaller name).
//
// Quotas: the weighted shares of 16384 by largest remainder (ties: the smaller name), in exact integers.
//
// Every table is made by the same two passes over the slots in ascending number, from the table that was
// there before (for a fresh table: no slot has an owner). A shard that owns more slots than its quota is in
// surplus, one that owns fewer is short; both are judged anew at each slot.
//
//   1. A slot without an owner goes to the first shard that it prefers among those that are short.
//      A slot whose owner is in surplus goes there too, if it prefers that shard to its owner; else it stays.
//   2. A slot whose owner is still in surplus goes to the first shard that it prefers among those that are
//      short.
//
// So no shard gives up a slot unless it is in surplus and none receives one unless it is short: the number of
// moves is exactly Σ max(0, quota − slots owned before), the least that meets the quotas. Pass 1 is plain
// consistent hashing: a new shard takes the slots that its points cut off, and a shard that returns gets most
// of its old ones back. Pass 2 fills up the few per cent by which random arcs differ from quotas.
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

// How many slots each shard is due; the sum is 16384. A weight far below the others' may be due none.
// Precondition here and below: 1..limits::kShardsMax shards, distinct names, weights in range.
std::vector<std::uint32_t> slot_quotas(std::span<const RingShard> shards);

// A fresh table: balanced to one slot of the weighted share. Indexes are positions in `shards`.
SlotTable place_slots(std::span<const RingShard> shards);

// From `current` (indexes into `shards`; kNoOwner for slots of shards that are gone) the table that moves the
// fewest slots and meets the new quotas.
SlotTable rebalance_slots(const SlotTable& current, std::span<const RingShard> shards);

}  // namespace ringhold

// Where a scan stands: a slot and a place in its hash order, which growth, moves and restarts do not change.
//
// As a cursor it is one number, slot << 39 | hash, below 2^53, so that JavaScript clients read it exactly. 0
// is the start, and as an answer the end. All keys of a slot come after all keys of the slot before, so
// whoever merges the scans of several shards goes on from the smallest cursor that is not 0, and drops the
// keys of slots beyond it.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "dataserver/store/entry.h"

namespace ringhold {

struct ScanPosition {
  static constexpr unsigned kHashBits = 39;
  static constexpr std::uint64_t kHashMax = (std::uint64_t{1} << kHashBits) - 1;

  std::uint32_t slot = 0;  // kSlotCount: past the end
  std::uint64_t hash = 0;  // the top kHashBits of the first key's HashOrder

  static ScanPosition start_of(Slot slot) { return {slot.value, 0}; }
  static ScanPosition of(std::uint32_t slot, HashOrder order) {
    return {slot, order.value >> (HashOrder::kBits - kHashBits)};
  }
  // Any number makes a position; one that no scan ever gave is past the end.
  static ScanPosition from_cursor(std::uint64_t cursor) {
    const std::uint64_t slot = cursor >> kHashBits;
    if (slot >= kSlotCount) return {kSlotCount, 0};
    return {static_cast<std::uint32_t>(slot), cursor & kHashMax};
  }

  bool at_end() const { return slot >= kSlotCount; }
  std::uint64_t cursor() const { return at_end() ? 0 : std::uint64_t{slot} << kHashBits | hash; }
  HashOrder order() const { return {hash << (HashOrder::kBits - kHashBits)}; }
  ScanPosition next_slot() const { return {slot + 1, 0}; }

  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const ScanPosition&) const = default;
};

}  // namespace ringhold

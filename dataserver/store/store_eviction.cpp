// The part of Store that makes room. See eviction.h.
#include "common/base/bug.h"
#include "dataserver/store/store.h"

namespace ringhold {

// Offers the next `count` keys of the sweep to the pool.
void Store::sample_for_eviction(UnixMs now, std::size_t count) {
  std::size_t met = 0;
  for (std::uint32_t slots = 0; met < count && slots <= kSlotCount; ++slots) {
    ScanPosition& at = eviction_.sweep;
    if (at.at_end()) at = {};
    const EntryTable& table = slots_[at.slot].table;
    auto* bucket = table.first_from(at.order());
    for (; bucket != nullptr && met < count; bucket = table.next(bucket), ++met) {
      const Entry& entry = *EntryTable::entry_of(*bucket);
      const std::uint32_t idle = entry.idle_ms(now);
      eviction_.offer({broken(Bug::kNewestEvicted) ? ~idle : idle, entry.last_used(), at.slot,
                       EntryTable::order_of(*bucket)});
    }
    if (bucket != nullptr) {
      const ScanPosition next = ScanPosition::of(at.slot, EntryTable::order_of(*bucket));
      // Keys that share a position are met again rather than passed over, unless that would never end.
      at = next == at ? ScanPosition{at.slot, at.hash + 1} : next;
    } else {
      at = at.next_slot();
    }
  }
}

std::size_t Store::evict_slice(UnixMs now, std::uint64_t bytes_max, std::size_t keys_max) {
  std::size_t evicted = 0;
  // Where candidates turn out to be gone, or in use again, others take their place.
  std::size_t tries = keys_max + EvictionPool::kSize;
  while (live_bytes() > bytes_max && evicted < keys_max && size_ > 0 && tries-- > 0) {
    sample_for_eviction(now, EvictionPool::kSamples);
    const auto oldest = eviction_.take();
    if (!oldest) continue;
    auto* bucket = slots_[oldest->slot].table.first_from(oldest->order);
    if (bucket == nullptr || EntryTable::order_of(*bucket) != oldest->order) continue;
    Entry* entry = EntryTable::entry_of(*bucket);
    if (entry->last_used() != oldest->last_used) continue;
    erase({entry->key(), Slot{static_cast<std::uint16_t>(oldest->slot)}, oldest->order}, {entry, bucket});
    ++evicted;
  }
  stats_.evicted += evicted;
  return evicted;
}

}  // namespace ringhold

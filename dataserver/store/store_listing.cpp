// The parts of Store that list or pick keys.
#include "dataserver/store/store.h"

namespace ringhold {

namespace {

// SplitMix64 (Steele, Lea, Flood 2014): the `n`th number of a sequence that `seed` starts.
std::uint64_t nth_random(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t x = seed + (n + 1) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

}  // namespace

std::vector<std::string_view> Store::keys_in_slot(Slot slot, std::size_t count_max) const {
  const EntryTable& table = slots_[slot.value].table;
  std::vector<std::string_view> keys;
  for (auto* bucket = table.first(); bucket != nullptr && keys.size() < count_max;
       bucket = table.next(bucket)) {
    keys.push_back(EntryTable::entry_of(*bucket)->key());
  }
  return keys;
}

// The key that has `index` keys before it in slot and hash order. Precondition: index < size().
std::pair<HashedKey, Place> Store::key_at(std::uint64_t index) const {
  std::uint32_t slot = 0;
  for (; index >= slots_[slot].table.count(); ++slot) index -= slots_[slot].table.count();
  const EntryTable& table = slots_[slot].table;
  auto* bucket = table.first();
  for (; index > 0; --index) bucket = table.next(bucket);
  Entry* entry = EntryTable::entry_of(*bucket);
  const HashedKey key{entry->key(), Slot{static_cast<std::uint16_t>(slot)}, EntryTable::order_of(*bucket)};
  return {key, {entry, bucket}};
}

const Entry* Store::random_entry(std::uint64_t seed, UnixMs now) {
  // A pick that turns out to be due is removed. Where that goes on and on, nearly all keys are due.
  constexpr std::uint64_t kPicksMax = 64;
  for (std::uint64_t n = 0; n < kPicksMax && size_ > 0; ++n) {
    const auto [key, place] = key_at(nth_random(seed, n) % size_);
    if (!place.entry->is_due(now)) return place.entry;
    erase(key, place);
    ++stats_.expired;
  }
  const Entry* found = nullptr;
  for (ScanPosition position; found == nullptr && !position.at_end();) {
    position = scan(position, 1, [&](const Entry& entry) {
      if (!entry.is_due(now)) found = &entry;
    });
  }
  return found;
}

}  // namespace ringhold

// The parts of Store that list or pick keys.
#include "dataserver/store/random_sequence.h"
#include "dataserver/store/store.h"

namespace ringhold {

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
  constexpr int kPicksMax = 64;
  RandomSequence random(seed);
  for (int picks = 0; picks < kPicksMax && size_ > 0; ++picks) {
    const auto [key, place] = key_at(random.below(size_));
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

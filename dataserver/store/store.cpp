#include "dataserver/store/store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "common/base/check.h"
#include "common/base/slot.h"

namespace ringhold {

// Adds to a slot's bytes what the heap grew or shrank by in its lifetime.
class Store::ByteCount {
 public:
  ByteCount(Store& store, Slot slot) : store_(store), slot_(slot), before_(store.heap_.used_bytes()) {}
  ~ByteCount() { store_.slots_[slot_.value].bytes += store_.heap_.used_bytes() - before_; }
  ByteCount(const ByteCount&) = delete;
  ByteCount& operator=(const ByteCount&) = delete;

 private:
  Store& store_;
  Slot slot_;
  std::uint64_t before_;
};

Store::Store(const StoreOptions& options) : options_(options) {}

Store::~Store() {
  flush();
  while (free_slice(std::numeric_limits<std::size_t>::max())) {
  }
}

HashedKey Store::hash(std::string_view key) const {
  const std::uint64_t hash = XXH3_64bits_withSeed(key.data(), key.size(), options_.seed);
  return {key, slot_of(key), {hash >> (64 - HashOrder::kBits)}};
}

Place Store::find(const HashedKey& key, UnixMs now, Use use) {
  Place place;
  place.bucket = slots_[key.slot.value].table.find(key.order, key.bytes);
  if (place.bucket != nullptr) {
    place.entry = EntryTable::entry_of(*place.bucket);
    if (place.entry->is_due(now)) [[unlikely]] {
      erase(key, place);
      ++stats_.expired;
      place = {};
    }
  }
  if (use != Use::kWrite) ++(place ? stats_.hits : stats_.misses);
  if (place && use != Use::kLook) place.entry->touch(now);
  return place;
}

// --- changes of one key ---

void Store::change_deadline(Slot slot, UnixMs before, UnixMs after) {
  for (SlotDeadlines* deadlines : {&deadlines_[slot.value], &all_deadlines_}) {
    if (before != kNoDeadline) {
      --deadlines->count;
      deadlines->sum -= static_cast<std::uint64_t>(before);
      if (deadlines->count == 0) deadlines->earliest = kNever;
    }
    if (after != kNoDeadline) {
      ++deadlines->count;
      deadlines->sum += static_cast<std::uint64_t>(after);
      deadlines->earliest = std::min(deadlines->earliest, after);
    }
  }
}

void Store::insert(const HashedKey& key, Entry* entry) {
  slots_[key.slot.value].table.insert(heap_, key.order, entry);
  ++size_;
  change_deadline(key.slot, kNoDeadline, entry->deadline());
}

// Removes the entry from its table; the caller has it then.
Entry* Store::take_out(const HashedKey& key, Place place) {
  slots_[key.slot.value].table.erase(heap_, place.bucket);
  --size_;
  change_deadline(key.slot, place.entry->deadline(), kNoDeadline);
  return place.entry;
}

void Store::set_string(const HashedKey& key, Place& place, const StringValue& value, UnixMs deadline,
                       UnixMs now) {
  const ByteCount bytes(*this, key.slot);
  if (!place) {
    const Entry::Head head{key.bytes, key.order, deadline, static_cast<std::uint32_t>(now)};
    place.entry = Entry::create_string(heap_, head, value);
    insert(key, place.entry);
    place.bucket = slots_[key.slot.value].table.find(key.order, key.bytes);
    return;
  }
  const UnixMs before = place.entry->deadline();
  place.entry = Entry::assign_string(heap_, place.entry, value, deadline);
  EntryTable::replace(place.bucket, place.entry);
  change_deadline(key.slot, before, deadline);
}

char* Store::resize_string(const HashedKey& key, Place& place, std::size_t size, UnixMs now) {
  INVARIANT(size <= options_.value_bytes_max && size <= limits::kStringBytesMax);
  if (!place) set_string(key, place, StringValue::raw(""), kNoDeadline, now);
  const ByteCount bytes(*this, key.slot);
  place.entry = Entry::resize_string(heap_, place.entry, static_cast<std::uint32_t>(size));
  EntryTable::replace(place.bucket, place.entry);
  return place.entry->mutable_text();
}

void Store::set_deadline(const HashedKey& key, Place& place, UnixMs deadline) {
  const ByteCount bytes(*this, key.slot);
  const UnixMs before = place.entry->deadline();
  place.entry = Entry::set_deadline(heap_, place.entry, deadline);
  EntryTable::replace(place.bucket, place.entry);
  change_deadline(key.slot, before, deadline);
}

void Store::erase(const HashedKey& key, Place place) {
  const ByteCount bytes(*this, key.slot);
  Entry* entry = take_out(key, place);
  if (entry->heap_bytes() >= limits::kFreeLaterBytesMin) {
    slots_[key.slot.value].bytes -= entry->bytes();
    free_queue_.add(entry);
  } else {
    Entry::destroy(heap_, entry);
  }
}

void Store::rename(const HashedKey& from, const HashedKey& to, UnixMs now) {
  if (const Place old = find(to, now, Use::kWrite)) erase(to, old);
  const Place source = find(from, now, Use::kWrite);
  INVARIANT(source);
  const UnixMs deadline = source.entry->deadline();
  Entry* entry = nullptr;
  {
    const ByteCount bytes(*this, from.slot);
    entry = take_out(from, source);
    // The value leaves this slot's count here and enters the other's below.
    slots_[from.slot.value].bytes -= entry->bytes();
  }
  slots_[to.slot.value].bytes += entry->bytes();
  const ByteCount bytes(*this, to.slot);
  entry = Entry::take(heap_, {to.bytes, to.order, deadline, static_cast<std::uint32_t>(now)}, entry);
  insert(to, entry);
}

void Store::copy(const HashedKey& from, const HashedKey& to, UnixMs now) {
  if (const Place old = find(to, now, Use::kWrite)) erase(to, old);
  const Place source = find(from, now, Use::kWrite);
  INVARIANT(source);
  const ByteCount bytes(*this, to.slot);
  const Entry::Head head{to.bytes, to.order, source.entry->deadline(), static_cast<std::uint32_t>(now)};
  insert(to, Entry::copy(heap_, head, *source.entry));
}

// --- figures ---

std::int64_t Store::average_ttl_ms(UnixMs now) const {
  const auto [earliest, count, sum] = all_deadlines_;
  if (count == 0) return 0;
  const auto left = static_cast<std::int64_t>(sum - count * static_cast<std::uint64_t>(now));
  return std::max<std::int64_t>(0, left / static_cast<std::int64_t>(count));
}

std::uint64_t Store::recount_bytes() const {
  std::uint64_t bytes = free_queue_.table_bytes();
  free_queue_.for_each_entry([&bytes](const Entry& entry) { bytes += entry.bytes(); });
  for (const SlotKeys& slot : slots_) {
    bytes += slot.table.bytes();
    for (auto* bucket = slot.table.first(); bucket != nullptr; bucket = slot.table.next(bucket)) {
      bytes += EntryTable::entry_of(*bucket)->bytes();
    }
  }
  return bytes;
}

}  // namespace ringhold

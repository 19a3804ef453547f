#include "dataserver/store/store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "common/base/check.h"
#include "dataserver/store/large_string.h"

namespace ringhold {

Store::Store(const StoreOptions& options) : options_(options) {}

Store::~Store() {
  flush();
  while (free_slice(std::numeric_limits<std::size_t>::max())) {
  }
  INVARIANT(!free_queue_.has_readers());
}

HashOrder Store::order_of(std::string_view key) const {
  return {XXH3_64bits_withSeed(key.data(), key.size(), options_.seed) >> (64 - HashOrder::kBits)};
}

Place Store::miss(Use use) {
  if (use != Use::kWrite) ++stats_.misses;
  return {};
}

Place Store::remove_due(HashedKey key, Place place, Use use) {
  erase(key, place);
  ++stats_.expired;
  return miss(use);
}

// --- changes of one key ---

void Store::count_deadline(Slot slot, UnixMs before, UnixMs after) {
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

// Puts place.entry into its table.
void Store::insert(const HashedKey& key, Place& place) {
  ++changes_;
  if (observer_ != nullptr && walk_.is_before(key)) place.entry->set_marked(true);
  place.bucket = slots_[key.slot.value].table.insert(heap_, key.order, place.entry);
  ++size_;
  change_deadline(key.slot, kNoDeadline, place.entry->deadline());
}

// Removes the entry from its table; the caller has it then.
Entry* Store::take_out(const HashedKey& key, Place place) {
  before_change(key, *place.entry);
  slots_[key.slot.value].table.erase(heap_, place.bucket);
  --size_;
  change_deadline(key.slot, place.entry->deadline(), kNoDeadline);
  return place.entry;
}

void Store::set_string(const HashedKey& key, Place& place, const StringValue& value, UnixMs deadline,
                       UnixMs now) {
  const bool is_large = !value.is_integer && value.bytes.size() >= limits::kLargeBytesMin;
  if (is_large) return set_large_string(key, place, LargeBytes::copy_of(value.bytes), deadline, now);
  if (place && (place.entry->type() != ValueType::kString || place.entry->is_large_string())) {
    erase(key, place);
    place = {};
  }
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  if (!place) {
    const Entry::Head head{key.bytes, key.order, deadline, static_cast<std::uint32_t>(now)};
    place.entry = Entry::create_string(heap_, head, value);
    insert(key, place);
    return;
  }
  before_change(key, *place.entry);
  const UnixMs before = place.entry->deadline();
  place.entry = Entry::assign_string(heap_, place.entry, value, deadline);
  EntryTable::replace(place.bucket, place.entry);
  change_deadline(key.slot, before, deadline);
}

void Store::set_large_string(const HashedKey& key, Place& place, LargeBytes bytes, UnixMs deadline,
                             UnixMs now) {
  if (place) erase(key, place);
  const GrowthCount count(heap_, slots_[key.slot.value].bytes);
  const Entry::Head head{key.bytes, key.order, deadline, static_cast<std::uint32_t>(now)};
  place.entry = Entry::create_large_string(heap_, head, LargeString::create(heap_, std::move(bytes)));
  insert(key, place);
}

char* Store::create_packed(const HashedKey& key, Place& place, ValueType type, std::size_t size, UnixMs now) {
  INVARIANT(!place);
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  const Entry::Head head{key.bytes, key.order, kNoDeadline, static_cast<std::uint32_t>(now)};
  place.entry = Entry::create_packed(heap_, head, type, size);
  insert(key, place);
  return place.entry->mutable_packed();
}

char* Store::splice_packed(const HashedKey& key, Place& place, const Entry::Splice& splice) {
  before_change(key, *place.entry);
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  place.entry = Entry::splice_packed(heap_, place.entry, splice);
  EntryTable::replace(place.bucket, place.entry);
  return place.entry->mutable_packed();
}

char* Store::resize_string(const HashedKey& key, Place& place, std::size_t size, const TextPart& part,
                           UnixMs now) {
  // The bound for new values (value_bytes_max) is the caller's: it may have been lowered since this one was
  // made.
  INVARIANT(size <= limits::kStringBytesMax);
  if (!place) set_string(key, place, StringValue::raw(""), kNoDeadline, now);
  before_change(key, *place.entry);
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  place.entry = Entry::resize_string(heap_, place.entry, static_cast<std::uint32_t>(size));
  EntryTable::replace(place.bucket, place.entry);
  return place.entry->edit_text(part.first, part.count);
}

void Store::set_deadline(const HashedKey& key, Place& place, UnixMs deadline) {
  before_change(key, *place.entry);
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  const UnixMs before = place.entry->deadline();
  place.entry = Entry::set_deadline(heap_, place.entry, deadline);
  EntryTable::replace(place.bucket, place.entry);
  change_deadline(key.slot, before, deadline);
}

void Store::erase(const HashedKey& key, Place place) {
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  Entry* entry = take_out(key, place);
  if (entry->is_being_read()) {
    free_queue_.add(heap_, entry);
  } else if (entry->heap_bytes() >= limits::kFreeLaterBytesMin) {
    slots_[key.slot.value].bytes -= entry->bytes();
    free_queue_.add(heap_, entry);
  } else {
    Entry::destroy(heap_, entry);
  }
}

void Store::discard(const HashedKey& key, Collection* part) {
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  if (part->bytes() >= limits::kFreeLaterBytesMin) {
    slots_[key.slot.value].bytes -= part->bytes();
    free_queue_.add(part);
    return;
  }
  std::size_t steps = std::numeric_limits<std::size_t>::max();
  part->free_some(heap_, steps);
  part->dispose(heap_);
}

void Store::rename(const HashedKey& from, const HashedKey& to, UnixMs now) {
  if (const Place old = find(to, now, Use::kWrite)) erase(to, old);
  const Place source = find(from, now, Use::kWrite);
  INVARIANT(source);
  const UnixMs deadline = source.entry->deadline();
  Entry* entry = nullptr;
  {
    const GrowthCount bytes(heap_, slots_[from.slot.value].bytes);
    entry = take_out(from, source);
    // The value leaves this slot's count here and enters the other's below.
    slots_[from.slot.value].bytes -= entry->bytes();
  }
  slots_[to.slot.value].bytes += entry->bytes();
  const GrowthCount bytes(heap_, slots_[to.slot.value].bytes);
  Place target;
  target.entry = Entry::take(heap_, {to.bytes, to.order, deadline, static_cast<std::uint32_t>(now)}, entry);
  insert(to, target);
}

void Store::copy(const HashedKey& from, const HashedKey& to, UnixMs now) {
  if (const Place old = find(to, now, Use::kWrite)) erase(to, old);
  const Place source = find(from, now, Use::kWrite);
  INVARIANT(source);
  const GrowthCount bytes(heap_, slots_[to.slot.value].bytes);
  const Entry::Head head{to.bytes, to.order, source.entry->deadline(), static_cast<std::uint32_t>(now)};
  Place target;
  target.entry = Entry::copy(heap_, head, *source.entry);
  insert(to, target);
}

// --- figures ---

std::int64_t Store::average_ttl_ms(UnixMs now) const {
  const auto [earliest, count, sum] = all_deadlines_;
  if (count == 0) return 0;
  const auto left = static_cast<std::int64_t>(sum - count * static_cast<std::uint64_t>(now));
  return std::max<std::int64_t>(0, left / static_cast<std::int64_t>(count));
}

std::uint64_t Store::recount_bytes() const {
  std::uint64_t bytes = free_queue_.recount_other_bytes();
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

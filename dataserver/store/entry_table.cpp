#include "dataserver/store/entry_table.h"

#include <algorithm>

#include "common/base/check.h"

namespace ringhold {

namespace {

// Buckets for which the bytes are exactly a size class.
std::uint32_t usable_size(std::uint64_t buckets) {
  return static_cast<std::uint32_t>(size_class(buckets * sizeof(EntryTable::Bucket)) /
                                    sizeof(EntryTable::Bucket));
}

// A table takes this many keys before it grows: 13/16 is three probes for a hit on average. Growing by a
// quarter keeps it above 0.65 full, so a key's share of the table is 10 to 12 bytes. Below 16 buckets a table
// may become full.
std::uint32_t keys_max(std::uint32_t size) {
  return size - size / 16 * 3;
}

}  // namespace

EntryTable::Bucket EntryTable::address_bits(const Entry* entry) {
  const auto address = reinterpret_cast<std::uintptr_t>(entry);
  const Bucket bits = address >> kAlignmentBits;
  // User space is 47 bits on x86-64 and 48 on ARM unless a program asks for more.
  INVARIANT((address & ((1U << kAlignmentBits) - 1)) == 0 && bits < kAddressMask);
  return bits;
}

std::uint32_t EntryTable::homes_in(std::uint32_t size) {
  return size - size / 16 - 1;
}

EntryTable::Bucket* EntryTable::find(HashOrder order, std::string_view key) const {
  if (count_ == 0) return nullptr;
  const Bucket low = order.tag() << kAddressBits;
  const Bucket high = low | (kAddressMask - 1);
  const Bucket* end = buckets_ + size_;
  for (Bucket* bucket = buckets_ + home(order.tag()); bucket != end && *bucket <= high; ++bucket) {
    if (*bucket < low) continue;
    const Entry* entry = entry_of(*bucket);
    if (entry->hash_rest() == order.rest() && entry->key() == key) return bucket;
  }
  return nullptr;
}

EntryTable::Bucket* EntryTable::occupied_from(std::uint32_t index) const {
  while (index < size_ && buckets_[index] == kEmpty) ++index;
  return index < size_ ? buckets_ + index : nullptr;
}

EntryTable::Bucket* EntryTable::first_from(HashOrder order) const {
  if (count_ == 0) return nullptr;
  Bucket* bucket = occupied_from(home(order.tag()));
  while (bucket != nullptr && order_of(*bucket) < order) bucket = next(bucket);
  return bucket;
}

// Where `key` belongs: the first bucket from its home on that is empty or holds a greater entry.
std::uint32_t EntryTable::insertion_index(HashOrder order, std::string_view key) const {
  std::uint32_t index = home(order.tag());
  for (; index < size_ && buckets_[index] != kEmpty; ++index) {
    const std::uint64_t tag = tag_of(buckets_[index]);
    if (tag > order.tag()) break;
    if (tag < order.tag()) continue;
    const Entry* entry = entry_of(buckets_[index]);
    if (entry->hash_rest() > order.rest()) break;
    if (entry->hash_rest() == order.rest() && entry->key() > key) break;
  }
  return index;
}

void EntryTable::insert(CountedHeap& heap, HashOrder order, Entry* entry) {
  if (count_ >= keys_max(size_)) rebuild(heap, size_ + size_ / 4 + 1);
  const std::string_view key = entry->key();
  std::uint32_t at = 0;
  std::uint32_t gap = 0;
  for (;;) {
    at = insertion_index(order, key);
    gap = at;
    while (gap < size_ && buckets_[gap] != kEmpty) ++gap;
    if (gap < size_) break;
    rebuild(heap, size_ + size_ / 4 + 1);  // ran over the end
  }
  std::copy_backward(buckets_ + at, buckets_ + gap, buckets_ + gap + 1);
  buckets_[at] = order.tag() << kAddressBits | address_bits(entry);
  ++count_;
}

void EntryTable::erase(CountedHeap& heap, Bucket* bucket) {
  auto hole = static_cast<std::uint32_t>(bucket - buckets_);
  for (std::uint32_t i = hole + 1; i < size_ && buckets_[i] != kEmpty && home(tag_of(buckets_[i])) < i; ++i) {
    buckets_[hole] = buckets_[i];
    hole = i;
  }
  buckets_[hole] = kEmpty;
  --count_;
  if (count_ == 0) {
    heap.release(buckets_, bytes());
    *this = {};
  } else if (size_ > 8 && count_ < size_ / 3) {
    rebuild(heap, count_ + count_ / 2);
  }
}

// Whether all entries find a place in a table of `size` buckets.
bool EntryTable::fits(std::uint32_t size) const {
  const std::uint64_t homes = homes_in(size);
  std::uint64_t end = 0;
  for (const Bucket* bucket = first(); bucket != nullptr; bucket = next(bucket)) {
    end = std::max(end, (tag_of(*bucket) * homes) >> HashOrder::kTagBits) + 1;
  }
  return end <= size;
}

void EntryTable::rebuild(CountedHeap& heap, std::uint32_t size) {
  std::uint32_t new_size = usable_size(size);
  while (!fits(new_size)) new_size = usable_size(new_size + new_size / 4 + 1ULL);
  EntryTable grown;
  grown.size_ = new_size;
  grown.homes_ = homes_in(new_size);
  grown.count_ = count_;
  grown.buckets_ = static_cast<Bucket*>(heap.allocate(grown.bytes()));
  std::fill_n(grown.buckets_, new_size, kEmpty);
  std::uint32_t end = 0;
  for (const Bucket* bucket = first(); bucket != nullptr; bucket = next(bucket)) {
    end = std::max(end, grown.home(tag_of(*bucket)));
    grown.buckets_[end++] = *bucket;
  }
  if (buckets_ != nullptr) heap.release(buckets_, bytes());
  *this = grown;
}

EntryTable::Detached EntryTable::detach() {
  const Detached detached{buckets_, size_};
  *this = {};
  return detached;
}

}  // namespace ringhold

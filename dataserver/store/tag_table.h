// TagTable: an open-addressing table in hash order, which knows of its items only an address and some bits of
// their hash.
//
// Items lie in ascending order of hash at or after their home bucket, so the order in which they are met does
// not depend on the history of the table: a scan can be resumed by hash, after growth or on another replica.
// This is linear probing with ordered insertion (Amble and Knuth, "Ordered hash tables", 1974): a search ends
// at the first greater item, misses cost no more than hits, and deletion shifts back instead of leaving a
// tombstone.
//
// A bucket is 8 bytes: 20 bits of the hash (the tag) above the item's address divided by 16. The home bucket
// follows from the tag alone, so growing and deleting look at no item. There is no wrap-around: some buckets
// past the last home take what runs over. A table without items allocates nothing. It does not own its items.
//
// One table stays fast up to about a million items; past that items share tags, and a probe looks at them.
// EntryTable and MemberTable are made of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataserver/store/counted_heap.h"

namespace ringhold {

class TagTable {
 public:
  using Bucket = std::uint64_t;
  static constexpr unsigned kTagBits = 20;

  std::uint32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::uint32_t buckets() const { return size_; }
  std::size_t bytes() const { return std::size_t{size_} * sizeof(Bucket); }
  // The next insert will make it larger.
  bool full() const { return count_ >= items_max(size_); }

  // The item with this tag for which `matches(const void* item)` is true, or null. The bucket stays valid
  // until the next insert or erase.
  template <typename Matches>
  Bucket* find(std::uint64_t tag, Matches&& matches) const;
  // Returns the item's bucket. `follows(const void* item)` tells of the items with the same tag whether they
  // come after the new one. The table may move.
  template <typename Follows>
  Bucket* insert(CountedHeap& heap, std::uint64_t tag, void* item, Follows&& follows);
  // Fills the table, which is empty, with items in order (empty buckets among them are skipped), so that it
  // takes about a quarter more before it grows.
  void assign(CountedHeap& heap, std::span<const Bucket> items);
  // Leaves the table empty. The items themselves are the caller's to destroy.
  void clear(CountedHeap& heap);
  // The table may move. The item itself is the caller's to destroy.
  void erase(CountedHeap& heap, Bucket* bucket);
  // Puts another item of the same place in the order into a bucket.
  static void replace(Bucket* bucket, void* item) {
    *bucket = (*bucket & ~kAddressMask) | address_bits(item);
  }

  static void* item_of(Bucket bucket) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): packing an address and a tag is what a bucket is for
    return reinterpret_cast<void*>((bucket & kAddressMask) << kAlignmentBits);
  }
  static std::uint64_t tag_of(Bucket bucket) { return bucket >> kAddressBits; }
  static Bucket make(std::uint64_t tag, const void* item) { return tag << kAddressBits | address_bits(item); }

  // Iteration in hash order: an occupied bucket or null.
  Bucket* first() const { return occupied_from(0); }
  // The first with this tag or a greater one.
  Bucket* first_from(std::uint64_t tag) const;
  Bucket* next(const Bucket* bucket) const {
    return occupied_from(static_cast<std::uint32_t>(bucket - buckets_) + 1);
  }

  // Takes all buckets out and leaves the table empty; for freeing them in slices.
  struct Detached {
    Bucket* buckets = nullptr;
    std::uint32_t size = 0;
  };
  Detached detach();
  static bool occupied(Bucket bucket) { return bucket != kEmpty; }

 private:
  static constexpr unsigned kAddressBits = 64 - kTagBits;
  static constexpr unsigned kAlignmentBits = 4;
  static constexpr Bucket kAddressMask = (Bucket{1} << kAddressBits) - 1;
  static constexpr Bucket kEmpty = ~Bucket{0};  // greater than any occupied bucket

  static Bucket address_bits(const void* item);
  // A table takes this many items before it grows: 13/16 is three probes for a hit on average. Growing by a
  // quarter keeps it above 0.65 full, so an item's share of the table is 10 to 12 bytes. Below 16 buckets a
  // table may become full.
  static std::uint32_t items_max(std::uint32_t size) { return size - size / 16 * 3; }
  static std::uint32_t homes_in(std::uint32_t size) { return size - size / 16 - 1; }
  std::uint32_t home(std::uint64_t tag) const {
    return static_cast<std::uint32_t>((tag * homes_) >> kTagBits);
  }
  Bucket* occupied_from(std::uint32_t index) const {
    while (index < size_ && buckets_[index] == kEmpty) ++index;
    return index < size_ ? buckets_ + index : nullptr;
  }
  Bucket* put(CountedHeap& heap, std::uint32_t at, Bucket bucket);
  void grow(CountedHeap& heap) { rebuild(heap, size_ + size_ / 4 + 1); }
  void rebuild(CountedHeap& heap, std::uint32_t size);
  void build(CountedHeap& heap, std::span<const Bucket> items, std::uint64_t size);
  static bool fits(std::span<const Bucket> items, std::uint32_t size);

  Bucket* buckets_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t size_ = 0;   // buckets allocated
  std::uint32_t homes_ = 0;  // buckets that are somebody's home: the first ones
};

template <typename Matches>
TagTable::Bucket* TagTable::find(std::uint64_t tag, Matches&& matches) const {
  const Bucket low = tag << kAddressBits;
  const Bucket high = low | (kAddressMask - 1);
  const Bucket* end = buckets_ + size_;
  Bucket* bucket = buckets_ + home(tag);
  while (bucket != end && *bucket < low) ++bucket;
  for (; bucket != end && *bucket <= high; ++bucket) {
    if (matches(item_of(*bucket))) return bucket;
  }
  return nullptr;
}

template <typename Follows>
TagTable::Bucket* TagTable::insert(CountedHeap& heap, std::uint64_t tag, void* item, Follows&& follows) {
  if (full()) grow(heap);
  for (;;) {
    std::uint32_t at = home(tag);
    for (; at < size_ && buckets_[at] != kEmpty; ++at) {
      const std::uint64_t other = tag_of(buckets_[at]);
      if (other > tag || (other == tag && follows(item_of(buckets_[at])))) break;
    }
    if (Bucket* bucket = put(heap, at, make(tag, item))) return bucket;
  }
}

}  // namespace ringhold

// EntryTable: the keys of one slot, an open-addressing table in hash order.
//
// Entries lie in ascending (HashOrder, key) at or after their home bucket, so the order in which they are met
// does not depend on the history of the table: a scan can be resumed by hash, after growth or on another
// replica. This is linear probing with ordered insertion (Amble and Knuth, "Ordered hash tables", 1974): a
// search ends at the first greater entry, misses cost no more than hits, and deletion shifts back instead of
// leaving a tombstone.
//
// A bucket is 8 bytes: 20 bits of the hash (the tag) above the entry's address divided by 16. The home bucket
// follows from the tag alone, so growing and deleting look at no entry. There is no wrap-around: some buckets
// past the last home take what runs over. A table without keys allocates nothing. It does not own its
// entries.
//
// One table stays fast up to about a million keys; past that entries share tags, and a probe looks at them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataserver/store/counted_heap.h"
#include "dataserver/store/entry.h"

namespace ringhold {

class EntryTable {
 public:
  using Bucket = std::uint64_t;

  std::uint32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::size_t bytes() const { return std::size_t{size_} * sizeof(Bucket); }

  // Null if the key is absent. The bucket stays valid until the next insert or erase.
  Bucket* find(HashOrder order, std::string_view key) const;
  // Precondition: the key is absent. The table may move.
  void insert(CountedHeap& heap, HashOrder order, Entry* entry);
  // The table may move. The entry itself is the caller's to destroy.
  void erase(CountedHeap& heap, Bucket* bucket);
  // Puts another entry with the same key into a bucket.
  static void replace(Bucket* bucket, Entry* entry) {
    *bucket = (*bucket & ~kAddressMask) | address_bits(entry);
  }

  static Entry* entry_of(Bucket bucket) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): packing an address and a tag is what a bucket is for
    return reinterpret_cast<Entry*>((bucket & kAddressMask) << kAlignmentBits);
  }
  static HashOrder order_of(Bucket bucket) {
    return {(bucket >> kAddressBits) << (HashOrder::kBits - HashOrder::kTagBits) |
            entry_of(bucket)->hash_rest()};
  }

  // Iteration in hash order: first() and next() give an occupied bucket or null.
  Bucket* first() const { return occupied_from(0); }
  Bucket* first_from(HashOrder order) const;
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
  static constexpr unsigned kAddressBits = 44;
  static constexpr unsigned kAlignmentBits = 4;
  static constexpr Bucket kAddressMask = (Bucket{1} << kAddressBits) - 1;
  static constexpr Bucket kEmpty = ~Bucket{0};  // greater than any occupied bucket

  static Bucket address_bits(const Entry* entry);
  static std::uint64_t tag_of(Bucket bucket) { return bucket >> kAddressBits; }
  static std::uint32_t homes_in(std::uint32_t size);
  std::uint32_t home(std::uint64_t tag) const {
    return static_cast<std::uint32_t>((tag * homes_) >> HashOrder::kTagBits);
  }
  Bucket* occupied_from(std::uint32_t index) const;
  std::uint32_t insertion_index(HashOrder order, std::string_view key) const;
  void rebuild(CountedHeap& heap, std::uint32_t size);
  bool fits(std::uint32_t size) const;

  Bucket* buckets_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t size_ = 0;   // buckets allocated
  std::uint32_t homes_ = 0;  // buckets that are somebody's home: the first ones
};

}  // namespace ringhold

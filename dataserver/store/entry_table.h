// EntryTable: the keys of one slot, in ascending (HashOrder, key). A TagTable (see there) of entries: the top
// 20 bits of the HashOrder stand in the bucket as its tag, the rest in the entry. It does not own its
// entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataserver/store/counted_heap.h"
#include "dataserver/store/entry.h"
#include "dataserver/store/tag_table.h"

namespace ringhold {

class EntryTable {
 public:
  using Bucket = TagTable::Bucket;
  using Detached = TagTable::Detached;
  static_assert(TagTable::kTagBits == HashOrder::kTagBits);

  std::uint32_t count() const { return table_.count(); }
  bool empty() const { return table_.empty(); }
  std::size_t bytes() const { return table_.bytes(); }

  // Null if the key is absent. The bucket stays valid until the next insert or erase.
  Bucket* find(HashOrder order, std::string_view key) const;
  // Returns the entry's bucket. Precondition: the key is absent. The table may move.
  Bucket* insert(CountedHeap& heap, HashOrder order, Entry* entry);
  // The table may move. The entry itself is the caller's to destroy.
  void erase(CountedHeap& heap, Bucket* bucket) { table_.erase(heap, bucket); }
  // Puts another entry with the same key into a bucket.
  static void replace(Bucket* bucket, Entry* entry) { TagTable::replace(bucket, entry); }

  static Entry* entry_of(Bucket bucket) { return static_cast<Entry*>(TagTable::item_of(bucket)); }
  static HashOrder order_of(Bucket bucket) {
    return {TagTable::tag_of(bucket) << (HashOrder::kBits - HashOrder::kTagBits) |
            entry_of(bucket)->hash_rest()};
  }

  // Iteration in hash order: an occupied bucket or null.
  Bucket* first() const { return table_.first(); }
  Bucket* first_from(HashOrder order) const;
  Bucket* next(const Bucket* bucket) const { return table_.next(bucket); }

  // Takes all buckets out and leaves the table empty; for freeing them in slices.
  Detached detach() { return table_.detach(); }
  static bool occupied(Bucket bucket) { return TagTable::occupied(bucket); }

 private:
  TagTable table_;
};

}  // namespace ringhold

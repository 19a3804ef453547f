// FreeQueue: memory of keys that are gone already, waiting to be freed in slices.
//
// Dropping a slot or all keys takes their tables out at once and leaves them here, and so does cutting off
// the greater part of a list, so that no command ever stalls because there was much to delete. A value that
// somebody is still reading (SlowReader) waits here for that, too; meanwhile it is on its readers' account,
// not in the heap's count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataserver/store/collection.h"
#include "dataserver/store/counted_heap.h"
#include "dataserver/store/entry.h"
#include "dataserver/store/entry_table.h"

namespace ringhold {

class FreeQueue {
 public:
  // `bytes` is what the table and its entries hold.
  void add(EntryTable::Detached table, std::uint64_t bytes);
  void add(CountedHeap& heap, Entry* entry);
  void add(Collection* collection);

  // But for what is still being read.
  bool empty() const { return tables_.empty() && entries_.empty() && collections_.empty(); }
  bool has_readers() const { return !read_.empty(); }
  std::uint64_t bytes() const { return bytes_; }

  // Looks at up to `steps` buckets and entries and frees them.
  void slice(CountedHeap& heap, std::size_t steps);

  // For the test that counts everything again.
  template <typename Visit>
  void for_each_entry(Visit&& visit) const {
    for (const Entry* entry : entries_) visit(*entry);
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      const std::uint32_t left = i + 1 == tables_.size() ? left_in_last_ : tables_[i].size;
      for (std::uint32_t j = 0; j < left; ++j) {
        if (EntryTable::occupied(tables_[i].buckets[j])) visit(*EntryTable::entry_of(tables_[i].buckets[j]));
      }
    }
  }
  // What it holds besides these.
  std::uint64_t recount_other_bytes() const;

 private:
  void set_apart(CountedHeap& heap, Entry* entry);
  void take_back_unread(CountedHeap& heap);

  std::vector<EntryTable::Detached> tables_;  // the last one is being freed, from its end
  std::uint32_t left_in_last_ = 0;
  std::vector<Entry*> entries_;
  std::vector<Entry*> read_;  // those that are being read, some of them perhaps no more
  std::vector<Collection*> collections_;
  std::uint64_t bytes_ = 0;
};

}  // namespace ringhold

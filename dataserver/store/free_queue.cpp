#include "dataserver/store/free_queue.h"

namespace ringhold {

// New tables go under the one that is being freed.
void FreeQueue::add(EntryTable::Detached table, std::uint64_t bytes) {
  if (table.buckets == nullptr) return;
  bytes_ += bytes;
  tables_.push_back(table);
  if (tables_.size() == 1) {
    left_in_last_ = table.size;
  } else {
    std::swap(tables_.back(), tables_[tables_.size() - 2]);
  }
}

void FreeQueue::add(Entry* entry) {
  bytes_ += entry->bytes();
  entries_.push_back(entry);
}

void FreeQueue::slice(CountedHeap& heap, std::size_t steps) {
  const std::uint64_t before = heap.used_bytes();
  for (; steps > 0 && !entries_.empty(); --steps) {
    Entry::destroy(heap, entries_.back());
    entries_.pop_back();
  }
  while (steps > 0 && !tables_.empty()) {
    const EntryTable::Detached table = tables_.back();
    for (; steps > 0 && left_in_last_ > 0; --steps) {
      const EntryTable::Bucket bucket = table.buckets[--left_in_last_];
      if (EntryTable::occupied(bucket)) Entry::destroy(heap, EntryTable::entry_of(bucket));
    }
    if (left_in_last_ > 0) break;
    heap.release(table.buckets, std::size_t{table.size} * sizeof(EntryTable::Bucket));
    tables_.pop_back();
    if (!tables_.empty()) left_in_last_ = tables_.back().size;
  }
  bytes_ -= before - heap.used_bytes();
  if (entries_.empty()) entries_.shrink_to_fit();
  if (tables_.empty()) tables_.shrink_to_fit();
}

std::uint64_t FreeQueue::table_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& table : tables_) bytes += std::uint64_t{table.size} * sizeof(EntryTable::Bucket);
  return bytes;
}

}  // namespace ringhold

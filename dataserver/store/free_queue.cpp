#include "dataserver/store/free_queue.h"

#include <algorithm>

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

void FreeQueue::add(CountedHeap& heap, Entry* entry) {
  if (entry->is_being_read()) return set_apart(heap, entry);
  bytes_ += entry->bytes();
  entries_.push_back(entry);
}

void FreeQueue::set_apart(CountedHeap& heap, Entry* entry) {
  entry->tell_readers_of_deletion();
  heap.leave(entry->bytes());
  read_.push_back(entry);
}

void FreeQueue::take_back_unread(CountedHeap& heap) {
  const auto unread =
      std::partition(read_.begin(), read_.end(), [](const Entry* entry) { return entry->is_being_read(); });
  std::for_each(unread, read_.end(), [this, &heap](const Entry* entry) {
    heap.enter(entry->bytes());
    bytes_ += entry->bytes();
  });
  entries_.insert(entries_.end(), unread, read_.end());
  read_.erase(unread, read_.end());
}

void FreeQueue::add(Collection* collection) {
  bytes_ += collection->bytes();
  collections_.push_back(collection);
}

void FreeQueue::slice(CountedHeap& heap, std::size_t steps) {
  if (!read_.empty()) take_back_unread(heap);
  const std::uint64_t before = heap.used_bytes();
  while (steps > 0 && !entries_.empty()) {
    if (Entry::destroy_some(heap, entries_.back(), steps)) entries_.pop_back();
  }
  while (steps > 0 && !collections_.empty()) {
    if (!collections_.back()->free_some(heap, steps)) continue;
    collections_.back()->dispose(heap);
    collections_.pop_back();
  }
  while (steps > 0 && !tables_.empty()) {
    const EntryTable::Detached table = tables_.back();
    while (steps > 0 && left_in_last_ > 0) {
      const EntryTable::Bucket bucket = table.buckets[left_in_last_ - 1];
      if (!EntryTable::occupied(bucket)) {
        --steps;
      } else if (EntryTable::entry_of(bucket)->is_being_read()) {
        set_apart(heap, EntryTable::entry_of(bucket));
      } else if (!Entry::destroy_some(heap, EntryTable::entry_of(bucket), steps)) {
        break;
      }
      --left_in_last_;
    }
    if (left_in_last_ > 0) break;
    heap.release(table.buckets, std::size_t{table.size} * sizeof(EntryTable::Bucket));
    tables_.pop_back();
    if (!tables_.empty()) left_in_last_ = tables_.back().size;
  }
  bytes_ -= before - heap.used_bytes();
  if (entries_.empty()) entries_.shrink_to_fit();
  if (collections_.empty()) collections_.shrink_to_fit();
  if (tables_.empty()) tables_.shrink_to_fit();
}

std::uint64_t FreeQueue::recount_other_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& table : tables_) bytes += std::uint64_t{table.size} * sizeof(EntryTable::Bucket);
  for (const Collection* collection : collections_) bytes += collection->recount_bytes();
  return bytes;
}

}  // namespace ringhold

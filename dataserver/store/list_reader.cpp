// Slow readers of lists, and how a list keeps for them what it changes.
#include "dataserver/store/list_reader.h"

#include <algorithm>
#include <cstdlib>

#include "common/base/check.h"

namespace ringhold {

ListReader::ListReader(ChunkedList& list, std::size_t first, std::size_t count, std::size_t& held)
    : SlowReader(held), list_(list), began_(list.begin_reading(*this)), size_(count), left_(count) {
  at_ = list.chunks_with(first, count, chunks_);
  keep(chunks_.capacity() * sizeof(PackedItems));
}

ListReader::~ListReader() {
  list_.end_reading(*this);
}

// --- the list's side ---

std::uint32_t ChunkedList::begin_reading(ListReader& reader) {
  readers_.add(reader);
  kept_before_ = ++clock_;
  return clock_;
}

void ChunkedList::end_reading(ListReader& reader) {
  readers_.remove(reader);
  std::uint32_t first = clock_ + 1;  // when the first of those that are left began
  kept_before_ = 0;
  readers_.for_each<ListReader>([&](const ListReader& other) {
    first = std::min(first, other.began());
    kept_before_ = std::max(kept_before_, other.began());
  });
  const auto still_read = std::find_if(kept_.begin(), kept_.end(),
                                       [first](const KeptChunk& chunk) { return chunk.until >= first; });
  std::for_each(kept_.begin(), still_read, [](const KeptChunk& chunk) { std::free(chunk.buffer); });
  kept_.erase(kept_.begin(), still_read);
  if (kept_.empty()) kept_.shrink_to_fit();
}

std::size_t ChunkedList::chunks_with(std::size_t first, std::size_t count,
                                     std::vector<PackedItems>& chunks) const {
  Spot spot = find(first);
  const std::size_t at = chunk_at(spot).position(spot.item);
  std::size_t left = spot.item + count;
  for (;;) {
    const ListChunk& chunk = chunk_at(spot);
    chunks.push_back(chunk.items());
    if (left <= chunk.count()) return at;
    left -= chunk.count();
    if (++spot.chunk == blocks_[spot.block].chunks.size()) spot = {spot.block + 1, 0, 0};
  }
}

void ChunkedList::keep_chunk(CountedHeap& heap, const ListChunk& chunk) {
  heap.leave(chunk.capacity());
  kept_.push_back({chunk.buffer(), clock_});
  readers_.for_each<ListReader>([&](ListReader& reader) {
    if (chunk.birth() < reader.began()) reader.on_chunk_kept(chunk.capacity());
  });
}

void ChunkedList::replace_kept(CountedHeap& heap, ListChunk& chunk) {
  const ListChunk before = chunk;
  chunk = before.clone(heap);
  chunk.set_birth(clock_);
  keep_chunk(heap, before);
}

void ChunkedList::release_chunk(CountedHeap& heap, ListChunk& chunk) {
  is_kept(chunk) ? keep_chunk(heap, chunk) : chunk.release(heap);
}

// What was cut off cannot leave the list while it has readers; its chunks are freed, or kept, here.
ChunkedList* ChunkedList::free_cut_part(CountedHeap& heap, ChunkedList* part) {
  for (std::size_t i = 0; i < part->blocks_.size(); ++i) {
    SlidingArray<ListChunk>& chunks = part->blocks_[i].chunks;
    for (std::size_t j = 0; j < chunks.size(); ++j) release_chunk(heap, chunks[j]);
    chunks.release(heap);
  }
  part->blocks_.release(heap);
  part->dispose(heap);
  return nullptr;
}

}  // namespace ringhold

// A list's items: reading, putting in, taking out. Where its chunks stand: chunked_list_blocks.cpp; what is
// kept for slow readers: list_reader.cpp.
#include "dataserver/store/chunked_list.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/limits.h"

namespace ringhold {

// --- the collection ---

ChunkedList* ChunkedList::create(CountedHeap& heap, const PackedItems& items, std::size_t count,
                                 std::size_t chunk_bytes_max) {
  auto* list = make_counted<ChunkedList>(heap, chunk_bytes_max);
  if (count == 0) return list;
  const GrowthCount bytes(heap, list->bytes_);
  list->insert_chunk(heap, {}, ListChunk::copy(heap, items.bytes(), count));
  return list;
}

std::size_t ChunkedList::recount_bytes() const {
  std::size_t bytes = size_class(sizeof(ChunkedList)) + blocks_.bytes();
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const SlidingArray<ListChunk>& chunks = blocks_[i].chunks;
    bytes += chunks.bytes();
    for (std::size_t j = 0; j < chunks.size(); ++j) bytes += chunks[j].capacity();
  }
  return bytes;
}

Collection* ChunkedList::clone(CountedHeap& heap) const {
  auto* copy = make_counted<ChunkedList>(heap, chunk_bytes_max_);
  const GrowthCount bytes(heap, copy->bytes_);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    Block block;
    block.items = blocks_[i].items;
    const SlidingArray<ListChunk>& chunks = blocks_[i].chunks;
    for (std::size_t j = 0; j < chunks.size(); ++j) block.chunks.push_back(heap, chunks[j].clone(heap));
    copy->blocks_.push_back(heap, block);
  }
  copy->size_ = size_;
  return copy;
}

bool ChunkedList::free_some(CountedHeap& heap, std::size_t& steps) {
  const GrowthCount bytes(heap, bytes_);
  while (!blocks_.empty()) {
    SlidingArray<ListChunk>& chunks = blocks_.back().chunks;
    while (steps > 0 && !chunks.empty()) {
      // What takes time is giving pages back.
      steps -= std::min(steps, 1 + chunks.back().capacity() / limits::kKiB);
      size_ -= chunks.back().count();
      chunks.back().release(heap);
      chunks.erase(heap, chunks.size() - 1, 1);
    }
    if (!chunks.empty()) return false;
    chunks.release(heap);
    blocks_.erase(heap, blocks_.size() - 1, 1);
  }
  blocks_.release(heap);
  return true;
}

void ChunkedList::dispose(CountedHeap& heap) {
  release_counted(heap, this);
}

std::size_t ChunkedList::chunk_count() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) count += blocks_[i].chunks.size();
  return count;
}

// --- by index ---

namespace {

// Which element holds item number `index` of `total`: looked for from the nearer end. `index` becomes the
// item's number within the element.
template <typename Array, typename Items>
std::size_t element_with(const Array& array, std::size_t total, std::size_t& index, Items&& items) {
  if (index < total / 2) {
    std::size_t at = 0;
    for (; index >= items(array[at]); ++at) index -= items(array[at]);
    return at;
  }
  std::size_t at = array.size() - 1;
  std::size_t from_end = total - index;  // counted from 1
  for (; from_end > items(array[at]); --at) from_end -= items(array[at]);
  index = items(array[at]) - from_end;
  return at;
}

}  // namespace

ChunkedList::Spot ChunkedList::find(std::size_t index) const {
  INVARIANT(index < size_);
  Spot spot;
  spot.block = element_with(blocks_, size_, index, [](const Block& block) { return block.items; });
  const Block& block = blocks_[spot.block];
  spot.chunk =
      element_with(block.chunks, block.items, index, [](const ListChunk& chunk) { return chunk.count(); });
  spot.item = index;
  return spot;
}

StringValue ChunkedList::at(std::size_t index) const {
  const Spot spot = find(index);
  const ListChunk& chunk = chunk_at(spot);
  return chunk.items().at(chunk.position(spot.item));
}

// --- putting items in ---

void ChunkedList::push(CountedHeap& heap, ListEnd end, const StringValue& value) {
  const GrowthCount bytes(heap, bytes_);
  const std::size_t size = packed_size(value);
  Spot spot{};  // of the new item, or of a new chunk
  if (!blocks_.empty()) {
    Spot last{};
    if (end == ListEnd::kBack) last = {blocks_.size() - 1, blocks_.back().chunks.size() - 1, 0};
    if (fits(chunk_at(last), size)) {
      ListChunk& chunk = writable(heap, last);
      chunk.insert(heap, end == ListEnd::kFront ? 0 : chunk.used(), value, size, chunk_bytes_max_);
      return count(last.block, 1);
    }
    if (end == ListEnd::kBack) spot = {last.block, last.chunk + 1, 0};
  }
  insert_chunk(heap, spot, ListChunk::with(heap, value, size, chunk_bytes_max_));
}

void ChunkedList::insert(CountedHeap& heap, std::size_t index, const StringValue& value) {
  const GrowthCount bytes(heap, bytes_);
  insert_at(heap, find(index), value);
}

// Before the item at `spot`, whose number may be one past the end of its chunk.
void ChunkedList::insert_at(CountedHeap& heap, Spot spot, const StringValue& value) {
  const std::size_t size = packed_size(value);
  while (!fits(chunk_at(spot), size)) {
    const std::size_t items = chunk_at(spot).count();
    if (spot.item == 0 || spot.item == items) return insert_between(heap, spot, value, size);
    // A large item may need a chunk of its own between the parts.
    spot = split_chunk(heap, spot, 2 * size > chunk_bytes_max_ ? spot.item : items / 2);
  }
  insert_into(heap, spot, value, size);
}

void ChunkedList::insert_into(CountedHeap& heap, const Spot& spot, const StringValue& value,
                              std::size_t size) {
  ListChunk& chunk = writable(heap, spot);
  chunk.insert(heap, chunk.position(spot.item), value, size, chunk_bytes_max_);
  count(spot.block, 1);
}

// Before or after a full chunk: into its neighbour there or, if that is full too, into a new one.
void ChunkedList::insert_between(CountedHeap& heap, Spot spot, const StringValue& value, std::size_t size) {
  const SlidingArray<ListChunk>& chunks = blocks_[spot.block].chunks;
  if (spot.item > 0) {
    ++spot.chunk;
    spot.item = 0;
    if (spot.chunk < chunks.size() && fits(chunks[spot.chunk], size)) {
      return insert_into(heap, spot, value, size);
    }
  } else if (spot.chunk > 0 && fits(chunks[spot.chunk - 1], size)) {
    return insert_into(heap, {spot.block, spot.chunk - 1, chunks[spot.chunk - 1].count()}, value, size);
  }
  insert_chunk(heap, spot, ListChunk::with(heap, value, size, chunk_bytes_max_));
}

// Splits the chunk before its item number `item`. Returns where the item at `spot` is then.
ChunkedList::Spot ChunkedList::split_chunk(CountedHeap& heap, const Spot& spot, std::size_t item) {
  ListChunk& chunk = writable(heap, spot);
  const ListChunk rest = chunk.split(heap, chunk.position(item), item);
  count(spot.block, 0, rest.count());
  const Spot upper = insert_chunk(heap, {spot.block, spot.chunk + 1, 0}, rest);
  if (spot.item >= item) return {upper.block, upper.chunk, spot.item - item};
  if (upper.chunk > 0) return {upper.block, upper.chunk - 1, spot.item};
  return {upper.block - 1, blocks_[upper.block - 1].chunks.size() - 1, spot.item};
}

void ChunkedList::set(CountedHeap& heap, std::size_t index, const StringValue& value) {
  const GrowthCount bytes(heap, bytes_);
  const Spot spot = find(index);
  ListChunk& chunk = writable(heap, spot);
  const std::size_t at = chunk.position(spot.item);
  const std::size_t end = chunk.items().next(at);
  const std::size_t size = packed_size(value);
  if (chunk.count() == 1 || chunk.used() - (end - at) + size <= chunk_bytes_max_) {
    chunk.replace(heap, at, value, size, chunk_bytes_max_);
    if (size < end - at) tidy(heap, spot);
    return;
  }
  chunk.erase(heap, at, end, 1);
  count(spot.block, 0, 1);
  insert_at(heap, spot, value);
}

// --- taking items out ---

std::size_t ChunkedList::remove(CountedHeap& heap, std::size_t index, const PackedItem& value,
                                std::size_t count_max) {
  const GrowthCount bytes(heap, bytes_);
  Spot spot = find(index);
  std::size_t removed = 0;
  while (removed < count_max && spot.block < blocks_.size()) {
    // A chunk that has readers is copied only if something in it goes.
    const bool stays = is_kept(chunk_at(spot)) && !chunk_at(spot).has(value, spot.item);
    const std::size_t in_chunk =
        stays ? 0 : writable(heap, spot).remove(heap, value, spot.item, count_max - removed);
    removed += in_chunk;
    count(spot.block, 0, in_chunk);
    const std::size_t blocks = blocks_.size();
    if (chunk_at(spot).count() == 0) {
      ListChunk empty = take_chunk(heap, spot);
      release_chunk(heap, empty);
    } else if (in_chunk == 0 || !merge_chunk_into_previous(heap, spot)) {
      ++spot.chunk;
    }
    spot.item = 0;
    if (blocks_.size() < blocks) {
      spot.chunk = 0;
    } else if (spot.chunk == blocks_[spot.block].chunks.size()) {
      if (!merge_block_into_previous(heap, spot.block)) ++spot.block;
      spot.chunk = 0;
    }
  }
  return removed;
}

ChunkedList* ChunkedList::cut(CountedHeap& heap, ListEnd end, std::size_t count_cut) {
  INVARIANT(count_cut < size_);
  const GrowthCount bytes(heap, bytes_);
  ChunkedList* part = nullptr;
  std::size_t left = count_cut;
  cut_blocks(heap, end, left, part);
  cut_chunks(heap, end, left, part);
  if (left > 0) {
    const bool is_front = end == ListEnd::kFront;
    const Spot spot{is_front ? 0 : blocks_.size() - 1, is_front ? 0 : blocks_.back().chunks.size() - 1, 0};
    ListChunk& chunk = writable(heap, spot);
    const std::size_t kept = chunk.count() - left;
    const std::size_t first = is_front ? 0 : chunk.position(kept);
    chunk.erase(heap, first, is_front ? chunk.position(left) : chunk.used(), left);
    count(spot.block, 0, left);
  }
  if (part != nullptr && is_being_read()) part = free_cut_part(heap, part);
  if (part != nullptr) {
    part->bytes_ = part->recount_bytes();
    bytes_ -= part->bytes_;
  }
  return part;
}

}  // namespace ringhold

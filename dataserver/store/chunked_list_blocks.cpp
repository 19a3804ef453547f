// The blocks of a list: how its chunks go in and out, are merged, and are cut off.
#include "dataserver/store/chunked_list.h"

namespace ringhold {

// Puts a chunk before the one at `spot`, which may be one past the end of its block. Returns where it is.
ChunkedList::Spot ChunkedList::insert_chunk(CountedHeap& heap, Spot spot, const ListChunk& chunk) {
  if (blocks_.empty()) blocks_.push_back(heap, {});
  if (blocks_[spot.block].chunks.size() == kBlockChunksMax) spot = make_room(heap, spot);
  blocks_[spot.block].chunks.insert(heap, spot.chunk, chunk);
  blocks_[spot.block].chunks[spot.chunk].set_birth(clock_);
  count(spot.block, chunk.count());
  return {spot.block, spot.chunk, 0};
}

// Splits a full block: in the middle, or at an end if that is where the list grows, so that blocks become
// full. Returns where `spot` is then.
ChunkedList::Spot ChunkedList::make_room(CountedHeap& heap, Spot spot) {
  const std::size_t kept =
      spot.chunk == 0 || spot.chunk == kBlockChunksMax ? spot.chunk : kBlockChunksMax / 2;
  blocks_.insert(heap, spot.block + 1, {});
  Block& lower = blocks_[spot.block];
  Block& upper = blocks_[spot.block + 1];
  for (std::size_t i = kept; i < kBlockChunksMax; ++i) upper.items += lower.chunks[i].count();
  lower.items -= upper.items;
  lower.chunks.move_to_end_of(upper.chunks, heap, kept, kBlockChunksMax - kept);
  if (kept == 0 || spot.chunk < kept) return spot;
  return {spot.block + 1, spot.chunk - kept, spot.item};
}

// The chunk is the caller's then. An empty block goes with it.
ListChunk ChunkedList::take_chunk(CountedHeap& heap, const Spot& spot) {
  const ListChunk chunk = chunk_at(spot);
  count(spot.block, 0, chunk.count());
  SlidingArray<ListChunk>& chunks = blocks_[spot.block].chunks;
  chunks.erase(heap, spot.chunk, 1);
  if (chunks.empty()) {
    chunks.release(heap);
    blocks_.erase(heap, spot.block, 1);
  }
  return chunk;
}

// --- merging ---

void ChunkedList::tidy(CountedHeap& heap, const Spot& spot) {
  if (spot.chunk + 1 < blocks_[spot.block].chunks.size()) {
    merge_chunk_into_previous(heap, {spot.block, spot.chunk + 1, 0});
  }
  merge_chunk_into_previous(heap, spot);
  if (spot.block + 1 < blocks_.size()) merge_block_into_previous(heap, spot.block + 1);
  merge_block_into_previous(heap, spot.block);
}

// Up to three quarters, so that the next insertion does not split the chunk again. False if that is more.
bool ChunkedList::merge_chunk_into_previous(CountedHeap& heap, const Spot& spot) {
  if (spot.chunk == 0) return false;
  const ListChunk& chunk = chunk_at(spot);
  const Spot previous{spot.block, spot.chunk - 1, 0};
  if (chunk.used() + chunk_at(previous).used() > chunk_bytes_max_ / 4 * 3) return false;
  ListChunk taken = take_chunk(heap, spot);
  writable(heap, previous).append(heap, taken, chunk_bytes_max_);
  count(spot.block, taken.count());
  release_chunk(heap, taken);
  return true;
}

bool ChunkedList::merge_block_into_previous(CountedHeap& heap, std::size_t block) {
  if (block == 0) return false;
  Block& into = blocks_[block - 1];
  Block& from = blocks_[block];
  const std::size_t chunks = from.chunks.size();
  if (chunks + into.chunks.size() > kBlockChunksMax / 2) return false;
  into.items += from.items;
  from.chunks.move_to_end_of(into.chunks, heap, 0, chunks);
  from.chunks.release(heap);
  blocks_.erase(heap, block, 1);
  return true;
}

// --- cutting off ---

void ChunkedList::cut_blocks(CountedHeap& heap, ListEnd end, std::size_t& left, ChunkedList*& part) {
  const auto block_from_end = [&](std::size_t i) -> Block& {
    return blocks_[end == ListEnd::kFront ? i : blocks_.size() - 1 - i];
  };
  std::size_t blocks = 0;
  for (; left >= block_from_end(blocks).items; ++blocks) left -= block_from_end(blocks).items;
  if (blocks == 0) return;
  part = make_counted<ChunkedList>(heap, chunk_bytes_max_);
  for (std::size_t i = 0; i < blocks; ++i) part->size_ += block_from_end(i).items;
  size_ -= part->size_;
  blocks_.move_to_end_of(part->blocks_, heap, end == ListEnd::kFront ? 0 : blocks_.size() - blocks, blocks);
}

void ChunkedList::cut_chunks(CountedHeap& heap, ListEnd end, std::size_t& left, ChunkedList*& part) {
  const std::size_t block = end == ListEnd::kFront ? 0 : blocks_.size() - 1;
  SlidingArray<ListChunk>& chunks = blocks_[block].chunks;
  const auto chunk_from_end = [&](std::size_t i) -> const ListChunk& {
    return chunks[end == ListEnd::kFront ? i : chunks.size() - 1 - i];
  };
  std::size_t cut = 0;
  Block piece;
  for (; left >= chunk_from_end(cut).count(); ++cut) {
    left -= chunk_from_end(cut).count();
    piece.items += chunk_from_end(cut).count();
  }
  if (cut == 0) return;
  if (part == nullptr) part = make_counted<ChunkedList>(heap, chunk_bytes_max_);
  chunks.move_to_end_of(piece.chunks, heap, end == ListEnd::kFront ? 0 : chunks.size() - cut, cut);
  count(block, 0, piece.items);
  part->size_ += piece.items;
  part->blocks_.push_back(heap, piece);
}

}  // namespace ringhold

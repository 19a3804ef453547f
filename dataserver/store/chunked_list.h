// ChunkedList: a list that has outgrown the packed form.
//
//   list -> blocks, up to 256 chunks each -> chunks, up to so many bytes of packed items
//
// Blocks and chunks lie in arrays that count items, so that looking for an index walks contiguous memory, and
// an insertion or removal moves a bounded part of them. Chunks at the ends fill up as items are pushed; in
// the middle they are split when they are full and merged when they are nearly empty. An item larger than a
// chunk has one of its own.
//
// No operation touches more items than it returns or compares, but for those of one chunk.
//
// While somebody reads it slowly (ListReader), chunks that were there when he began are not changed: the list
// goes on with a copy, and the old one is kept until its readers are done. The list's clock counts readers; a
// chunk is young if it was made after the last of them began.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataserver/store/collection.h"
#include "dataserver/store/list_chunk.h"
#include "dataserver/store/sliding_array.h"

namespace ringhold {

class ListReader;

enum class ListEnd : std::uint8_t { kFront, kBack };

class ChunkedList final : public Collection {
 public:
  // With a copy of `count` packed items. `chunk_bytes_max` bounds the bytes of items in a chunk.
  static ChunkedList* create(CountedHeap& heap, const PackedItems& items, std::size_t count,
                             std::size_t chunk_bytes_max);
  explicit ChunkedList(std::size_t chunk_bytes_max) : chunk_bytes_max_(chunk_bytes_max) {}

  std::size_t size() const override { return size_; }
  std::size_t bytes() const override { return bytes_; }
  std::size_t recount_bytes() const override;
  Collection* clone(CountedHeap& heap) const override;
  bool free_some(CountedHeap& heap, std::size_t& steps) override;
  void dispose(CountedHeap& heap) override;

  // Precondition, here and below: index < size(). The view is valid until the list changes.
  StringValue at(std::size_t index) const;
  // Calls visit(const StringValue&) for items from `index` on, towards the back or the front, until it says
  // false or there are no more.
  template <typename Visit>
  void walk(std::size_t index, ListEnd towards, Visit&& visit) const {
    walk_items(index, towards,
               [&visit](const PackedItems& items, std::size_t at) { return visit(items.at(at)); });
  }
  // The same with visit(const PackedItems&, position).
  template <typename Visit>
  void walk_items(std::size_t index, ListEnd towards, Visit&& visit) const;

  void push(CountedHeap& heap, ListEnd end, const StringValue& value);
  void set(CountedHeap& heap, std::size_t index, const StringValue& value);
  // Before the item at `index`.
  void insert(CountedHeap& heap, std::size_t index, const StringValue& value);
  // Removes up to `count_max` items that equal `value`, from the one at `index` on. Returns how many. The
  // list may be empty afterwards.
  std::size_t remove(CountedHeap& heap, std::size_t index, const PackedItem& value, std::size_t count_max);
  // Cuts off `count` items at an end. Null, or what is to be freed: a list of the whole chunks among them.
  // Precondition: count < size().
  ChunkedList* cut(CountedHeap& heap, ListEnd end, std::size_t count);

  // For ListReader.
  ReaderList& readers() override { return readers_; }
  // Returns the time by the list's clock; chunks made before that stay as they are.
  std::uint32_t begin_reading(ListReader& reader);
  void end_reading(ListReader& reader);
  // The chunks that hold `count` items from `first` on. Returns where in the first of them that item is.
  std::size_t chunks_with(std::size_t first, std::size_t count, std::vector<PackedItems>& chunks) const;

  std::size_t chunk_count() const;  // for tests

 private:
  static constexpr std::size_t kBlockChunksMax = 256;
  struct Block {
    SlidingArray<ListChunk> chunks;
    std::size_t items = 0;
  };
  // A chunk, and an item in it by its number.
  struct Spot {
    std::size_t block = 0;
    std::size_t chunk = 0;
    std::size_t item = 0;
  };
  Spot find(std::size_t index) const;
  ListChunk& chunk_at(const Spot& spot) { return blocks_[spot.block].chunks[spot.chunk]; }
  const ListChunk& chunk_at(const Spot& spot) const { return blocks_[spot.block].chunks[spot.chunk]; }
  bool is_kept(const ListChunk& chunk) const { return chunk.birth() < kept_before_; }
  // The chunk, to be changed: a copy, if it has readers.
  ListChunk& writable(CountedHeap& heap, const Spot& spot) {
    ListChunk& chunk = chunk_at(spot);
    if (is_kept(chunk)) [[unlikely]]
      replace_kept(heap, chunk);
    return chunk;
  }
  void replace_kept(CountedHeap& heap, ListChunk& chunk);
  // Of a chunk that is not in the list any more.
  void release_chunk(CountedHeap& heap, ListChunk& chunk);
  void keep_chunk(CountedHeap& heap, const ListChunk& chunk);
  ChunkedList* free_cut_part(CountedHeap& heap, ChunkedList* part);
  bool fits(const ListChunk& chunk, std::size_t bytes) const {
    return chunk.used() + bytes <= chunk_bytes_max_;
  }

  // The items of a chunk that goes in or out are counted here.
  Spot insert_chunk(CountedHeap& heap, Spot spot, const ListChunk& chunk);
  Spot make_room(CountedHeap& heap, Spot spot);
  ListChunk take_chunk(CountedHeap& heap, const Spot& spot);
  void count(std::size_t block, std::size_t more, std::size_t fewer = 0) {
    blocks_[block].items += more - fewer;
    size_ += more - fewer;
  }

  void insert_at(CountedHeap& heap, Spot spot, const StringValue& value);
  void insert_into(CountedHeap& heap, const Spot& spot, const StringValue& value, std::size_t size);
  void insert_between(CountedHeap& heap, Spot spot, const StringValue& value, std::size_t size);
  Spot split_chunk(CountedHeap& heap, const Spot& spot, std::size_t item);

  // What got smaller is merged with a neighbour if both fit well into one.
  void tidy(CountedHeap& heap, const Spot& spot);
  bool merge_chunk_into_previous(CountedHeap& heap, const Spot& spot);
  bool merge_block_into_previous(CountedHeap& heap, std::size_t block);

  void cut_blocks(CountedHeap& heap, ListEnd end, std::size_t& left, ChunkedList*& part);
  void cut_chunks(CountedHeap& heap, ListEnd end, std::size_t& left, ChunkedList*& part);

  SlidingArray<Block> blocks_;
  std::size_t size_ = 0;
  std::size_t bytes_ = size_class(sizeof(ChunkedList));
  std::size_t chunk_bytes_max_;

  ReaderList readers_;
  std::uint32_t clock_ = 0;
  std::uint32_t kept_before_ = 0;  // chunks born before this have readers
  // Not in the list any more, nor in the heap's count: there for readers that had begun by then. In order.
  struct KeptChunk {
    char* buffer;
    std::uint32_t until;
  };
  std::vector<KeptChunk> kept_;
};

template <typename Visit>
void ChunkedList::walk_items(std::size_t index, ListEnd towards, Visit&& visit) const {
  const Spot start = find(index);
  const ListChunk* chunk = &chunk_at(start);
  std::size_t at = chunk->position(start.item);
  Spot spot = start;
  for (;;) {
    const PackedItems items = chunk->items();
    if (towards == ListEnd::kBack) {
      for (; at < items.size(); at = items.next(at)) {
        if (!visit(items, at)) return;
      }
      if (++spot.chunk == blocks_[spot.block].chunks.size()) {
        if (++spot.block == blocks_.size()) return;
        spot.chunk = 0;
      }
      chunk = &chunk_at(spot);
      at = 0;
    } else {
      for (;; at = items.previous(at)) {
        if (!visit(items, at)) return;
        if (at == 0) break;
      }
      if (spot.chunk-- == 0) {
        if (spot.block-- == 0) return;
        spot.chunk = blocks_[spot.block].chunks.size() - 1;
      }
      chunk = &chunk_at(spot);
      at = chunk->items().previous(chunk->used());
    }
  }
}

}  // namespace ringhold

// ListChunk: one node of a long list, some packed items with free room at both ends of their buffer.
//
// Pushing at either end moves nothing while there is room; else the buffer doubles up to what its list allows
// for a chunk, so that only the chunks at the ends of a list have much room to spare. In the middle, the
// shorter part of the bytes moves. It is plain bytes, kept in a SlidingArray: whoever has it releases it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataserver/store/counted_heap.h"
#include "dataserver/store/packed.h"

namespace ringhold {

class ListChunk {
 public:
  // `size` is packed_size(value), here and below; `bytes_max` what a chunk of this list may grow to.
  static ListChunk with(CountedHeap& heap, const StringValue& value, std::size_t size, std::size_t bytes_max);
  static ListChunk copy(CountedHeap& heap, std::string_view items, std::size_t count);
  ListChunk clone(CountedHeap& heap) const { return copy(heap, bytes(), count_); }
  void release(CountedHeap& heap) { heap.release(data_, capacity_); }
  // Its memory, for whoever releases it some other way.
  char* buffer() const { return data_; }
  // When it was made, by the clock of its list (see ChunkedList::begin_reading).
  std::uint32_t birth() const { return birth_; }
  void set_birth(std::uint32_t birth) { birth_ = birth; }

  // Items, never 0 but between a removal and the end of the chunk.
  std::size_t count() const { return count_; }
  // Bytes of the items, and of the buffer.
  std::size_t used() const { return used_; }
  std::size_t capacity() const { return capacity_; }
  PackedItems items() const { return PackedItems(bytes()); }
  // Where item number `index` is, or the end: a position in items(). Looked for from the nearer end.
  std::size_t position(std::size_t index) const;

  // Puts an item at `position`.
  void insert(CountedHeap& heap, std::size_t position, const StringValue& value, std::size_t size,
              std::size_t bytes_max);
  // Puts another item in the place of the one at `position`.
  void replace(CountedHeap& heap, std::size_t position, const StringValue& value, std::size_t size,
               std::size_t bytes_max);
  // Removes the items in `position` to `end`, of which there are `count`.
  void erase(CountedHeap& heap, std::size_t position, std::size_t end, std::size_t count);
  // Whether an item equals `value`, from item number `first` on.
  bool has(const PackedItem& value, std::size_t first) const;
  // Removes up to `count_max` items that equal `value`, from item number `first` on. Returns how many.
  std::size_t remove(CountedHeap& heap, const PackedItem& value, std::size_t first, std::size_t count_max);
  // Leaves the items before `position`, of which there are `count`, and returns a chunk with the others.
  ListChunk split(CountedHeap& heap, std::size_t position, std::size_t count);
  // Adds the items of `other`, which is still to be released.
  void append(CountedHeap& heap, const ListChunk& other, std::size_t bytes_max);

 private:
  std::string_view bytes() const { return {data_ + begin_, used_}; }
  char* splice(CountedHeap& heap, std::size_t at, std::size_t removed, std::size_t added,
               std::size_t bytes_max);
  bool slide(std::size_t at, std::size_t removed, std::size_t added);
  void relocate(CountedHeap& heap, std::size_t at, std::size_t removed, std::size_t added,
                std::size_t bytes_max);
  void shrink(CountedHeap& heap);

  char* data_;
  std::uint32_t capacity_;
  std::uint32_t begin_;
  std::uint32_t used_;
  std::uint32_t count_;
  std::uint32_t birth_;
};

static_assert(sizeof(ListChunk) == 32);

// Removes up to `count_max` items that equal `value` from a run of `size` bytes.
struct RemovedItems {
  std::size_t count = 0;
  std::size_t size = 0;  // of the run that is left
};
RemovedItems remove_items(char* bytes, std::size_t size, const PackedItem& value, std::size_t count_max);

}  // namespace ringhold

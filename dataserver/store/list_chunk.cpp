#include "dataserver/store/list_chunk.h"

#include <algorithm>
#include <cstring>

#include "common/base/check.h"

namespace ringhold {

namespace {

// The least buffer of a chunk that items are pushed to.
constexpr std::size_t kGrownBytesMin = 256;
// A buffer is made smaller when less than a quarter of it is used, unless it is as small as this.
constexpr std::size_t kShrinkBytesMin = 256;

std::uint32_t narrow(std::size_t size) {
  INVARIANT(size <= 0xFFFFFFFFU);
  return static_cast<std::uint32_t>(size);
}

}  // namespace

// --- making ---

ListChunk ListChunk::copy(CountedHeap& heap, std::string_view items, std::size_t count) {
  ListChunk chunk;
  chunk.capacity_ = narrow(size_class(items.size()));
  chunk.data_ = static_cast<char*>(heap.allocate(chunk.capacity_));
  chunk.begin_ = 0;
  chunk.used_ = narrow(items.size());
  chunk.count_ = narrow(count);
  chunk.birth_ = 0;
  if (!items.empty()) std::memcpy(chunk.data_, items.data(), items.size());
  return chunk;
}

ListChunk ListChunk::with(CountedHeap& heap, const StringValue& value, std::size_t size,
                          std::size_t bytes_max) {
  ListChunk chunk;
  chunk.capacity_ = narrow(size_class(std::max(size, std::min(kGrownBytesMin, bytes_max))));
  chunk.data_ = static_cast<char*>(heap.allocate(chunk.capacity_));
  chunk.begin_ = narrow((chunk.capacity_ - size) / 2);
  chunk.used_ = narrow(size);
  chunk.count_ = 1;
  chunk.birth_ = 0;
  pack(chunk.data_ + chunk.begin_, value);
  return chunk;
}

// --- the buffer ---

// Puts room for `added` bytes in the place of `removed` bytes at `at`, and returns it.
char* ListChunk::splice(CountedHeap& heap, std::size_t at, std::size_t removed, std::size_t added,
                        std::size_t bytes_max) {
  if (!slide(at, removed, added)) relocate(heap, at, removed, added, bytes_max);
  used_ = narrow(used_ - removed + added);
  return data_ + begin_ + at;
}

// Within the buffer, by moving the shorter side. False if that end does not have the room.
bool ListChunk::slide(std::size_t at, std::size_t removed, std::size_t added) {
  const std::size_t tail = used_ - at - removed;
  const std::size_t grows = added > removed ? added - removed : 0;
  char* start = data_ + begin_;
  if (at <= tail && begin_ >= grows) {
    begin_ = narrow(begin_ + removed - added);
    if (at > 0) std::memmove(data_ + begin_, start, at);
    return true;
  }
  if (at < tail || capacity_ - begin_ - used_ < grows) return false;
  if (tail > 0) std::memmove(start + at + added, start + at + removed, tail);
  return true;
}

// With room at both ends where there was some at the wrong one only, or else in a buffer twice as large. What
// is added at an end gets all the new room there: more will follow.
void ListChunk::relocate(CountedHeap& heap, std::size_t at, std::size_t removed, std::size_t added,
                         std::size_t bytes_max) {
  const std::size_t used = used_ - removed + added;
  const std::size_t tail = used_ - at - removed;
  const bool is_large_enough = used <= capacity_ && (2 * used <= capacity_ || capacity_ >= bytes_max);
  const std::size_t doubled = std::min(std::max(2 * used, kGrownBytesMin), bytes_max);
  const std::size_t capacity = is_large_enough ? capacity_ : size_class(std::max(used, doubled));
  std::size_t begin = (capacity - used) / 2;
  if (!is_large_enough && tail == 0) begin = 0;
  if (!is_large_enough && at == 0) begin = capacity - used;
  auto* data = static_cast<char*>(heap.allocate(capacity));
  if (at > 0) std::memcpy(data + begin, data_ + begin_, at);
  if (tail > 0) std::memcpy(data + begin + at + added, data_ + begin_ + at + removed, tail);
  heap.release(data_, capacity_);
  data_ = data;
  begin_ = narrow(begin);
  capacity_ = narrow(capacity);
}

void ListChunk::shrink(CountedHeap& heap) {
  if (capacity_ <= kShrinkBytesMin || used_ >= capacity_ / 4 || used_ == 0) return;
  const std::size_t capacity = size_class(std::max<std::size_t>(2 * std::size_t{used_}, kShrinkBytesMin));
  auto* data = static_cast<char*>(heap.allocate(capacity));
  const std::size_t begin = (capacity - used_) / 2;
  std::memcpy(data + begin, data_ + begin_, used_);
  heap.release(data_, capacity_);
  data_ = data;
  begin_ = narrow(begin);
  capacity_ = narrow(capacity);
}

// --- items ---

std::size_t ListChunk::position(std::size_t index) const {
  if (index == 0) return 0;
  if (index == count_) return used_;
  return index < count_ / 2 ? items().nth(index) : items().nth_last(count_ - 1 - index);
}

void ListChunk::insert(CountedHeap& heap, std::size_t position, const StringValue& value, std::size_t size,
                       std::size_t bytes_max) {
  pack(splice(heap, position, 0, size, bytes_max), value);
  ++count_;
}

void ListChunk::replace(CountedHeap& heap, std::size_t position, const StringValue& value, std::size_t size,
                        std::size_t bytes_max) {
  const std::size_t removed = items().next(position) - position;
  pack(splice(heap, position, removed, size, bytes_max), value);
  shrink(heap);
}

void ListChunk::erase(CountedHeap& heap, std::size_t position, std::size_t end, std::size_t count) {
  splice(heap, position, end - position, 0, 0);
  count_ -= narrow(count);
  shrink(heap);
}

bool ListChunk::has(const PackedItem& value, std::size_t first) const {
  const PackedItems all = items();
  for (std::size_t at = position(first); at < all.size(); at = all.next(at)) {
    if (value.is_at(all, at)) return true;
  }
  return false;
}

std::size_t ListChunk::remove(CountedHeap& heap, const PackedItem& value, std::size_t first,
                              std::size_t count_max) {
  const std::size_t from = position(first);
  const RemovedItems removed = remove_items(data_ + begin_ + from, used_ - from, value, count_max);
  used_ = narrow(from + removed.size);
  count_ -= narrow(removed.count);
  if (removed.count > 0) shrink(heap);
  return removed.count;
}

ListChunk ListChunk::split(CountedHeap& heap, std::size_t position, std::size_t count) {
  ListChunk rest = copy(heap, bytes().substr(position), count_ - count);
  erase(heap, position, used_, count_ - count);
  return rest;
}

void ListChunk::append(CountedHeap& heap, const ListChunk& other, std::size_t bytes_max) {
  char* room = splice(heap, used_, 0, other.used_, bytes_max);
  std::memcpy(room, other.data_ + other.begin_, other.used_);
  count_ += other.count_;
}

// --- runs of items ---

RemovedItems remove_items(char* bytes, std::size_t size, const PackedItem& value, std::size_t count_max) {
  const PackedItems items({bytes, size});
  std::size_t count = 0;
  std::size_t kept = 0;       // bytes, all in front
  std::size_t kept_from = 0;  // from here on nothing was moved yet
  const auto keep_until = [&](std::size_t end) {
    if (kept != kept_from) std::memmove(bytes + kept, bytes + kept_from, end - kept_from);
    kept += end - kept_from;
  };
  for (std::size_t at = 0; at < size && count < count_max;) {
    const std::size_t next = items.next(at);
    if (value.is_at(items, at)) {
      keep_until(at);
      kept_from = next;
      ++count;
    }
    at = next;
  }
  keep_until(size);
  return {count, kept};
}

}  // namespace ringhold

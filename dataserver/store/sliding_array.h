// SlidingArray: an array with free room at both ends, in the store's counted heap.
//
// Elements go in and out at either end in amortised O(1), and in the middle by moving the shorter part. It
// serves long lists twice: for the chunks of a block, and for the blocks. Elements are plain bytes; the owner
// calls release().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "dataserver/store/counted_heap.h"

namespace ringhold {

template <typename T>
class SlidingArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The size of its allocation.
  std::size_t bytes() const { return bytes_; }

  T& operator[](std::size_t index) { return elements()[index]; }
  const T& operator[](std::size_t index) const { return elements()[index]; }
  T& front() { return elements()[0]; }
  const T& front() const { return elements()[0]; }
  T& back() { return elements()[size_ - 1]; }
  const T& back() const { return elements()[size_ - 1]; }

  void insert(CountedHeap& heap, std::size_t index, const T& element) {
    const T copy = element;  // it may be one of ours
    open(heap, index, 1);
    elements()[index] = copy;
  }
  void push_front(CountedHeap& heap, const T& element) { insert(heap, 0, element); }
  void push_back(CountedHeap& heap, const T& element) { insert(heap, size_, element); }

  void erase(CountedHeap& heap, std::size_t first, std::size_t count) {
    const std::size_t after = size_ - first - count;
    if (first < after) {
      std::memmove(elements() + count, elements(), first * sizeof(T));
      begin_ += narrow(count);
    } else if (after > 0) {
      std::memmove(elements() + first, elements() + first + count, after * sizeof(T));
    }
    size_ -= narrow(count);
    if (bytes_ > kShrinkBytesMin && size_ < capacity() / 4) relocate(heap, 2 * size_, size_, 0);
  }

  // Moves `count` elements from `first` on to the end of `to`.
  void move_to_end_of(SlidingArray& to, CountedHeap& heap, std::size_t first, std::size_t count) {
    if (count == 0) return;
    const std::size_t at = to.size_;
    to.open(heap, at, count);
    std::memcpy(to.elements() + at, elements() + first, count * sizeof(T));
    erase(heap, first, count);
  }

  void release(CountedHeap& heap) {
    if (data_ != nullptr) heap.release(data_, bytes_);
    *this = {};
  }

 private:
  static constexpr std::size_t kShrinkBytesMin = 256;

  static std::uint32_t narrow(std::size_t size) { return static_cast<std::uint32_t>(size); }
  T* elements() { return data_ + begin_; }
  const T* elements() const { return data_ + begin_; }
  std::size_t capacity() const { return bytes_ / sizeof(T); }

  // Makes room for `count` elements at `index`.
  void open(CountedHeap& heap, std::size_t index, std::size_t count) {
    const std::size_t room_in_front = begin_;
    const std::size_t room_behind = capacity() - begin_ - size_;
    const bool near_front = 2 * index < size_;
    if (near_front && room_in_front >= count) {
      std::memmove(elements() - count, elements(), index * sizeof(T));
      begin_ -= narrow(count);
    } else if (!near_front && room_behind >= count) {
      std::memmove(elements() + index + count, elements() + index, (size_ - index) * sizeof(T));
    } else {
      // Where less than half is in use the elements are only moved to the middle, which leaves room at both
      // ends for as many again.
      const std::size_t needed = size_ + count;
      relocate(heap, 2 * needed <= capacity() ? capacity() : needed + size_, index, count);
    }
    size_ += narrow(count);
  }

  // Moves all elements to the middle of room for `wanted`, with a gap of `count` at `index`.
  void relocate(CountedHeap& heap, std::size_t wanted, std::size_t index, std::size_t count) {
    SlidingArray moved;
    moved.bytes_ = narrow(size_class(std::max<std::size_t>(wanted, 1) * sizeof(T)));
    moved.data_ = static_cast<T*>(heap.allocate(moved.bytes_));
    moved.begin_ = narrow((moved.capacity() - size_ - count) / 2);
    moved.size_ = size_;
    if (size_ > 0) {
      std::memcpy(moved.elements(), elements(), index * sizeof(T));
      std::memcpy(moved.elements() + index + count, elements() + index, (size_ - index) * sizeof(T));
    }
    if (data_ != nullptr) heap.release(data_, bytes_);
    *this = moved;
  }

  T* data_ = nullptr;
  std::uint32_t bytes_ = 0;
  std::uint32_t begin_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace ringhold

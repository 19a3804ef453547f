// The store's own bookkeeping of memory: every allocation is rounded to a size class and counted.
//
// The classes are jemalloc's (multiples of 16 up to 128, then four to each doubling). Because the store asks
// for exactly a class, it knows an allocation's true size from what it holds, without asking the allocator:
// no field for the capacity, no call of malloc_usable_size, and the same figures in every run, which the
// simulator needs. Under jemalloc the count is what malloc_usable_size adds up to; under another allocator,
// what was asked of it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ringhold {

// The size of the class that `bytes` falls into: at least `bytes`, and at least 16.
constexpr std::size_t size_class(std::size_t bytes) {
  constexpr std::size_t kQuantum = 16;
  if (bytes <= 8 * kQuantum) return bytes == 0 ? kQuantum : (bytes + kQuantum - 1) & ~(kQuantum - 1);
  const std::size_t step = std::size_t{1} << (std::bit_width(bytes - 1) - 3U);
  return (bytes + step - 1) & ~(step - 1);
}

class CountedHeap {
 public:
  CountedHeap() = default;
  CountedHeap(const CountedHeap&) = delete;
  CountedHeap& operator=(const CountedHeap&) = delete;

  // `size` is a size class. The result is aligned to 16 bytes; a machine that is out of memory ends the
  // process.
  void* allocate(std::size_t size);
  // `size` is what was asked for.
  void release(void* memory, std::size_t size);
  // Content is kept up to the smaller size.
  void* resize(void* memory, std::size_t old_size, std::size_t new_size);

  // Memory that was taken, or will be freed, elsewhere: only the count changes.
  void enter(std::size_t size) { used_bytes_ += size; }
  void leave(std::size_t size) { used_bytes_ -= size; }

  std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  std::uint64_t used_bytes_ = 0;
};

// Adds to `bytes` what the heap grew, or shrank, by in its lifetime: how the store's parts keep their own
// counts.
template <typename Bytes>
class GrowthCount {
 public:
  GrowthCount(const CountedHeap& heap, Bytes& bytes)
      : heap_(heap), bytes_(bytes), before_(heap.used_bytes()) {}
  ~GrowthCount() { bytes_ += heap_.used_bytes() - before_; }
  GrowthCount(const GrowthCount&) = delete;
  GrowthCount& operator=(const GrowthCount&) = delete;

 private:
  const CountedHeap& heap_;
  Bytes& bytes_;
  std::uint64_t before_;
};

}  // namespace ringhold

#include "dataserver/store/counted_heap.h"

#include <cstdlib>

#include "common/base/check.h"

namespace ringhold {

void* CountedHeap::allocate(std::size_t size) {
  void* memory = std::malloc(size);
  INVARIANT(memory != nullptr);
  used_bytes_ += size;
  return memory;
}

void CountedHeap::release(void* memory, std::size_t size) {
  used_bytes_ -= size;
  std::free(memory);
}

void* CountedHeap::resize(void* memory, std::size_t old_size, std::size_t new_size) {
  void* moved = std::realloc(memory, new_size);
  INVARIANT(moved != nullptr);
  used_bytes_ += new_size;
  used_bytes_ -= old_size;
  return moved;
}

}  // namespace ringhold

// Collection: the value of a list, hash, set or sorted set that has outgrown the packed form, or a string
// that has outgrown everything else.
//
// An entry holds a pointer to it. All its memory comes from the store's CountedHeap, so that bytes() is
// exact. It is made of pieces of bounded size, so that growing it stalls nobody, and it is freed in slices. A
// small value never has one: see Packed.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "dataserver/store/counted_heap.h"
#include "dataserver/store/entry.h"
#include "dataserver/store/slow_reader.h"

namespace ringhold {

class Collection {
 public:
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;

  // Items: list items, hash fields, members; bytes of a string.
  virtual std::size_t size() const = 0;
  // All its allocations, its own included; kept, not counted.
  virtual std::size_t bytes() const = 0;
  // The same, by counting everything again. For tests.
  virtual std::size_t recount_bytes() const = 0;
  virtual Collection* clone(CountedHeap& heap) const = 0;
  // Frees up to about `steps` items and takes off `steps` what was freed, at least 1 unless it was empty. It
  // is of no use but for this from then on. True once nothing is left but the object itself. Precondition:
  // !is_being_read().
  virtual bool free_some(CountedHeap& heap, std::size_t& steps) = 0;
  // Destroys the object itself. Precondition: free_some has said true.
  virtual void dispose(CountedHeap& heap) = 0;

  virtual ReaderList& readers() = 0;
  bool is_being_read() { return !readers().empty(); }

 protected:
  Collection() = default;
  virtual ~Collection() = default;
};

// Objects in the store's heap.
template <typename T, typename... Args>
T* make_counted(CountedHeap& heap, Args&&... args) {
  return ::new (heap.allocate(size_class(sizeof(T)))) T(std::forward<Args>(args)...);
}
template <typename T>
void release_counted(CountedHeap& heap, T* object) {
  object->~T();
  heap.release(object, size_class(sizeof(T)));
}

}  // namespace ringhold

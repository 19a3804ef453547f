// ListReader: reads some or all items of a large list, from the front to the back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataserver/store/chunked_list.h"
#include "dataserver/store/slow_reader.h"

namespace ringhold {

class ListReader final : public SlowReader {
 public:
  // `count` items from `first` on. Precondition: the list has them, and count > 0.
  ListReader(ChunkedList& list, std::size_t first, std::size_t count, std::size_t& held);
  ~ListReader();

  std::size_t size() const { return size_; }
  // Gives visit(const StringValue&) the next items, until they have about `bytes_max` bytes; false once all
  // have been read.
  template <typename Visit>
  bool read(std::size_t bytes_max, Visit&& visit) {
    for (std::size_t given = 0; left_ > 0 && given < bytes_max; --left_) {
      const PackedItems& items = chunks_[chunk_];
      const std::size_t next = items.next(at_);
      visit(items.at(at_));
      given += next - at_;
      at_ = next;
      if (at_ == items.size()) {
        ++chunk_;
        at_ = 0;
      }
    }
    return left_ > 0;
  }

  // For the list: chunks that are younger are none of its own.
  std::uint32_t began() const { return began_; }
  // `bytes` of a chunk stay for its readers.
  void on_chunk_kept(std::size_t bytes) { keep(bytes); }

 private:
  ChunkedList& list_;
  std::uint32_t began_;
  std::vector<PackedItems> chunks_;  // which the list keeps unchanged
  std::size_t size_;
  std::size_t left_;
  std::size_t chunk_ = 0;  // and the place in it where it goes on
  std::size_t at_ = 0;
};

}  // namespace ringhold

// Reading a large value slowly: piece by piece, over many turns, as it was when the reading began.
//
// A backup does it, and a client that asks for all of a list of millions. Making a reader costs next to
// nothing; from then on the value tells it of every change to come, and the reader keeps what it has not read
// yet: a piece of a string, a chunk of a list, one member of a hash or set. A value that is deleted lives on,
// in the store's FreeQueue, until nobody reads it any more; so a reader must be gone before its store.
//
// The readers of the types: StringReader, ListReader, MemberReader.
#pragma once

#include <cstddef>

namespace ringhold {

class SlowReader {
 public:
  SlowReader(const SlowReader&) = delete;
  SlowReader& operator=(const SlowReader&) = delete;

  // For the value: it was deleted, and `bytes` of memory are there for its readers alone, and in no other
  // count.
  void on_deleted(std::size_t bytes) { keep(bytes); }

 protected:
  // To `held` it adds the bytes that are kept on its account; it outlives the reader.
  explicit SlowReader(std::size_t& held) : held_(held) {}
  ~SlowReader() { held_ -= kept_; }

  void keep(std::size_t bytes) {
    kept_ += bytes;
    held_ += bytes;
  }
  void let_go(std::size_t bytes) {
    kept_ -= bytes;
    held_ -= bytes;
  }

 private:
  friend class ReaderList;
  std::size_t& held_;
  std::size_t kept_ = 0;
  SlowReader* next_ = nullptr;
};

// The readers of one value, all of the kind that reads its type. There are rarely any.
class ReaderList {
 public:
  bool empty() const { return first_ == nullptr; }
  void add(SlowReader& reader) {
    reader.next_ = first_;
    first_ = &reader;
  }
  void remove(SlowReader& reader) {
    SlowReader** at = &first_;
    while (*at != &reader) at = &(*at)->next_;
    *at = reader.next_;
  }
  template <typename Reader, typename Visit>
  void for_each(Visit&& visit) const {
    for (SlowReader* reader = first_; reader != nullptr; reader = reader->next_) {
      visit(static_cast<Reader&>(*reader));
    }
  }

 private:
  SlowReader* first_ = nullptr;
};

}  // namespace ringhold

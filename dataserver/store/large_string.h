// LargeString: a string value of limits::kLargeBytesMin and more, in pages of its own. It grows without being
// copied, is zero where nobody has written, and is freed in slices.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/large_bytes.h"
#include "dataserver/store/collection.h"

namespace ringhold {

class LargeString final : public Collection {
 public:
  static LargeString* create(CountedHeap& heap, LargeBytes bytes);
  explicit LargeString(LargeBytes bytes) : bytes_(std::move(bytes)) {}

  std::string_view text() const { return bytes_.view(); }
  // value_tag(text()), worked out once for as long as nothing changes.
  const std::string& tag() const;
  // The string becomes `size` bytes long, which is no less than before; new ones are zero.
  void grow(CountedHeap& heap, std::size_t size);
  // Bytes from `first` on, `count` of them, are about to be written to.
  char* edit(std::size_t first, std::size_t count);

  std::size_t size() const override { return bytes_.size(); }
  std::size_t bytes() const override { return size_class(sizeof(LargeString)) + bytes_.mapped(); }
  std::size_t recount_bytes() const override { return bytes(); }
  Collection* clone(CountedHeap& heap) const override { return create(heap, LargeBytes::copy_of(text())); }
  bool free_some(CountedHeap& heap, std::size_t& steps) override;
  void dispose(CountedHeap& heap) override { release_counted(heap, this); }
  ReaderList& readers() override { return readers_; }

 private:
  LargeBytes bytes_;
  ReaderList readers_;
  mutable std::string tag_;  // empty: not known
};

// Reads a part of a large string.
class StringReader final : public SlowReader {
 public:
  // Precondition: the string has these bytes.
  StringReader(LargeString& string, std::size_t first, std::size_t count, std::size_t& held);
  ~StringReader() { string_.readers().remove(*this); }

  std::size_t size() const { return end_ - first_; }
  // Gives visit(std::string_view) the next bytes, about `bytes_max` of them; false once all have been read.
  template <typename Visit>
  bool read(std::size_t bytes_max, Visit&& visit) {
    for (std::size_t given = 0; at_ < end_ && given < bytes_max;) {
      const std::string_view piece = next_piece();
      visit(piece);
      given += piece.size();
      pass(piece.size());
    }
    return at_ < end_;
  }

  // For the string: these bytes are about to change.
  void before_change(std::size_t first, std::size_t count);

 private:
  static constexpr std::size_t kPieceBytes = 64 * limits::kKiB;
  std::string_view next_piece() const;
  void pass(std::size_t bytes);

  LargeString& string_;
  std::size_t first_;
  std::size_t at_;
  std::size_t end_;
  std::map<std::size_t, std::string> aside_;  // pieces that have changed since, by their first byte
};

}  // namespace ringhold

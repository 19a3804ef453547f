// ByteBuffer: a growable run of bytes that is filled at the end and consumed at the front.
//
// Every stream has one for input and one for output. Views into it are valid until the next call of a
// non-const member. It belongs to one loop. Consumed space is reclaimed when the buffer runs empty or has to
// grow, so appending and consuming are amortised O(1) per byte. A large one (limits::kLargeBytesMin) consists
// of pages: it grows without being copied, and its memory can be handed on.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/large_bytes.h"

namespace ringhold {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ~ByteBuffer();
  ByteBuffer(ByteBuffer&& other) noexcept;
  ByteBuffer& operator=(ByteBuffer&& other) noexcept;
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;

  std::string_view view() const { return {data_ + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return capacity_; }

  void append(std::string_view bytes) {
    if (bytes.empty()) return;  // its data may be null, which memcpy must not see
    char* at = prepare(bytes.size());
    __builtin_memcpy(at, bytes.data(), bytes.size());
    end_ += bytes.size();
  }
  void push_back(char byte) {
    *prepare(1) = byte;
    ++end_;
  }

  // At least `n` writable bytes at the end; commit(m) with m <= n makes the first m of them content.
  char* prepare(std::size_t n) {
    if (capacity_ - end_ < n) [[unlikely]]
      grow(n);
    return data_ + end_;
  }
  void commit(std::size_t n) { end_ += n; }
  // Writable bytes at the end without growing.
  std::size_t room() const { return capacity_ - end_; }

  // Drops the first `n` bytes. Precondition: n <= size().
  void consume(std::size_t n) {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Content from byte `offset` on, to be overwritten in place. Precondition: offset <= size().
  char* data_at(std::size_t offset) { return data_ + begin_ + offset; }
  void clear() { begin_ = end_ = 0; }
  // Cuts the content back to its first `n` bytes. Precondition: n <= size().
  void truncate(std::size_t n) { end_ = begin_ + n; }

  // Hands on the memory that `part`, a view into the content, lies in, if that is large and most of the
  // content: then the content from byte `rest` on, which is behind `part`, is all that is left here. Other
  // content before `rest` stays readable where it is until the result grows or goes. Else the result is
  // empty, and nothing changes.
  LargeBytes take(std::string_view part, std::size_t rest);

  // Frees the memory if the buffer is empty; an idle connection should hold none.
  void release_if_empty();

 private:
  void grow(std::size_t n);
  void grow_pages(std::size_t n);
  void release();

  char* data_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace ringhold

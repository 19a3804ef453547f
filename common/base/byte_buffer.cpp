#include "common/base/byte_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/base/check.h"

namespace ringhold {

namespace {
constexpr std::size_t kSmallest = 512;

constexpr bool is_large(std::size_t capacity) {
  return capacity >= limits::kLargeBytesMin;
}
}  // namespace

ByteBuffer::~ByteBuffer() {
  release();
}

ByteBuffer::ByteBuffer(ByteBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

ByteBuffer& ByteBuffer::operator=(ByteBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

void ByteBuffer::release() {
  if (is_large(capacity_)) {
    pages::unmap(data_, capacity_);
  } else {
    std::free(data_);
  }
  data_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

void ByteBuffer::release_if_empty() {
  if (empty() && data_ != nullptr) release();
}

void ByteBuffer::grow(std::size_t n) {
  const std::size_t live = size();
  // Moving the content to the front is enough when at least half of the space has been consumed.
  if (begin_ > 0 && live + n <= capacity_ && live <= capacity_ / 2) {
    std::memmove(data_, data_ + begin_, live);
    begin_ = 0;
    end_ = live;
    return;
  }
  const std::size_t capacity = std::max({kSmallest, capacity_ * 2, live + n});
  if (is_large(capacity)) return grow_pages(n);
  char* data = static_cast<char*>(std::malloc(capacity));
  INVARIANT(data != nullptr);
  if (live > 0) std::memcpy(data, data_ + begin_, live);
  std::free(data_);
  data_ = data;
  begin_ = 0;
  end_ = live;
  capacity_ = capacity;
}

// Pages cost nothing to add: a quarter more is enough.
void ByteBuffer::grow_pages(std::size_t n) {
  const std::size_t live = size();
  const std::size_t before = is_large(capacity_) ? end_ : live;
  const std::size_t capacity = pages::round_up(std::max(limits::kLargeBytesMin, (before + n) / 4 * 5));
  if (is_large(capacity_)) {
    data_ = pages::remap(data_, capacity_, capacity);
  } else {
    char* data = pages::map(capacity);
    if (live > 0) std::memcpy(data, data_ + begin_, live);
    std::free(data_);
    data_ = data;
    begin_ = 0;
    end_ = live;
  }
  capacity_ = capacity;
}

LargeBytes ByteBuffer::take(std::string_view part, std::size_t rest) {
  const bool is_within = part.data() >= data_ + begin_ && part.data() + part.size() <= data_ + begin_ + rest;
  if (!is_within || !is_large(capacity_) || part.size() < limits::kLargeBytesMin ||
      part.size() < size() / 2) {
    return {};
  }
  ByteBuffer left;
  left.append(view().substr(rest));
  // What was consumed before is nobody's any more, and may be much.
  const std::size_t gone = begin_ / pages::kPageBytes * pages::kPageBytes;
  pages::unmap(data_, gone);
  char* const memory = std::exchange(data_, nullptr);
  LargeBytes taken = LargeBytes::adopt(memory + gone, capacity_ - gone, part, memory + begin_ + rest);
  begin_ = end_ = capacity_ = 0;
  std::swap(*this, left);
  return taken;
}

}  // namespace ringhold

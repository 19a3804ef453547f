#include "common/base/byte_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/base/check.h"

namespace ringhold {

namespace {
constexpr std::size_t kSmallest = 512;
}

ByteBuffer::~ByteBuffer() {
  std::free(data_);
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

void ByteBuffer::release_if_empty() {
  if (!empty() || data_ == nullptr) return;
  std::free(data_);
  data_ = nullptr;
  begin_ = end_ = capacity_ = 0;
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
  char* data = static_cast<char*>(std::malloc(capacity));
  INVARIANT(data != nullptr);
  if (live > 0) std::memcpy(data, data_ + begin_, live);
  std::free(data_);
  data_ = data;
  begin_ = 0;
  end_ = live;
  capacity_ = capacity;
}

}  // namespace ringhold

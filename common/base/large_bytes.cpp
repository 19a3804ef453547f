#include "common/base/large_bytes.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/check.h"

namespace ringhold {

namespace pages {

char* map(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  INVARIANT(memory != MAP_FAILED);
  return static_cast<char*>(memory);
}

char* remap(char* memory, std::size_t old_bytes, std::size_t new_bytes) {
  void* moved = ::mremap(memory, old_bytes, new_bytes, MREMAP_MAYMOVE);
  INVARIANT(moved != MAP_FAILED);
  return static_cast<char*>(moved);
}

void unmap(char* memory, std::size_t bytes) {
  if (bytes > 0) INVARIANT(::munmap(memory, bytes) == 0);
}

}  // namespace pages

LargeBytes::LargeBytes(std::size_t size)
    : mapped_(pages::round_up(std::max<std::size_t>(size, 1))), size_(size) {
  base_ = pages::map(mapped_);
}

LargeBytes LargeBytes::copy_of(std::string_view bytes) {
  LargeBytes copy(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.base_, bytes.data(), bytes.size());
  return copy;
}

LargeBytes LargeBytes::adopt(char* pages, std::size_t mapped, std::string_view content,
                             const char* readable_end) {
  LargeBytes bytes;
  bytes.base_ = pages;
  bytes.begin_ = static_cast<std::size_t>(content.data() - pages);
  bytes.size_ = content.size();
  bytes.written_ = static_cast<std::size_t>(readable_end - pages);
  bytes.mapped_ = pages::round_up(bytes.written_);
  // The rest of the last page was written to, perhaps.
  std::memset(pages + bytes.written_, 0, bytes.mapped_ - bytes.written_);
  pages::unmap(pages + bytes.mapped_, mapped - bytes.mapped_);
  return bytes;
}

LargeBytes::~LargeBytes() {
  pages::unmap(base_, mapped_);
}

LargeBytes::LargeBytes(LargeBytes&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)),
      begin_(std::exchange(other.begin_, 0)),
      size_(std::exchange(other.size_, 0)),
      written_(std::exchange(other.written_, 0)) {}

LargeBytes& LargeBytes::operator=(LargeBytes&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(mapped_, other.mapped_);
  std::swap(begin_, other.begin_);
  std::swap(size_, other.size_);
  std::swap(written_, other.written_);
  return *this;
}

void LargeBytes::grow(std::size_t size) {
  INVARIANT(size >= size_ && base_ != nullptr);
  const std::size_t end = begin_ + size_;
  if (size > size_ && written_ > end) std::memset(base_ + end, 0, std::exchange(written_, 0) - end);
  if (size > capacity()) {
    // What grows will grow again: moving its pages costs something, too.
    const std::size_t wanted = pages::round_up(begin_ + size + limits::kMiB);
    base_ = pages::remap(base_, mapped_, wanted);
    mapped_ = wanted;
  }
  size_ = size;
}

bool LargeBytes::release_some(std::size_t& pages) {
  const std::size_t bytes = std::min(mapped_ / pages::kPageBytes, pages) * pages::kPageBytes;
  pages::unmap(base_ + mapped_ - bytes, bytes);
  mapped_ -= bytes;
  pages -= bytes / pages::kPageBytes;
  if (mapped_ > 0) return false;
  base_ = nullptr;
  begin_ = size_ = 0;
  return true;
}

}  // namespace ringhold

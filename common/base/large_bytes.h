// LargeBytes: memory for one large run of bytes, taken from the kernel page by page.
//
// It grows without being copied (the kernel moves pages, not bytes), costs nothing where nobody has written
// yet, and is given back in pieces, so that nothing about 500 MB takes long at once. It belongs to whoever
// has it; handing it on costs nothing. Memory that the machine does not have ends the process, as everywhere.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/limits.h"

namespace ringhold {

// Memory of whole pages; sizes are multiples of kPageBytes.
namespace pages {
inline constexpr std::size_t kPageBytes = 4 * limits::kKiB;
constexpr std::size_t round_up(std::size_t bytes) {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}
// Zero.
char* map(std::size_t bytes);
// Content is kept, what is new is zero. It may move, but not by becoming smaller.
char* remap(char* memory, std::size_t old_bytes, std::size_t new_bytes);
// Also of the end of what was mapped, or of any part.
void unmap(char* memory, std::size_t bytes);
}  // namespace pages

class LargeBytes {
 public:
  LargeBytes() = default;
  // `size` bytes, all zero.
  explicit LargeBytes(std::size_t size);
  static LargeBytes copy_of(std::string_view bytes);
  // Takes over `mapped` bytes of pages, of which `content` becomes the content. What lies behind it stays
  // readable until the content grows, up to `readable_end`; pages further behind are given back.
  static LargeBytes adopt(char* pages, std::size_t mapped, std::string_view content,
                          const char* readable_end);
  ~LargeBytes();
  LargeBytes(LargeBytes&& other) noexcept;
  LargeBytes& operator=(LargeBytes&& other) noexcept;
  LargeBytes(const LargeBytes&) = delete;
  LargeBytes& operator=(const LargeBytes&) = delete;

  std::string_view view() const { return {base_ + begin_, size_}; }
  char* data() { return base_ + begin_; }
  std::size_t size() const { return size_; }
  bool empty() const { return base_ == nullptr; }
  // Of memory: whole pages.
  std::size_t mapped() const { return mapped_; }
  // How large it can become where it is.
  std::size_t capacity() const { return mapped_ - begin_; }

  // Content is kept, new bytes are zero. It may move. Precondition: size >= size(), and it has memory.
  void grow(std::size_t size);
  // Gives back up to `pages` pages from the end, content and all; of no use but for this from then on. True
  // once nothing is left.
  bool release_some(std::size_t& pages);

 private:
  char* base_ = nullptr;
  std::size_t mapped_ = 0;
  std::size_t begin_ = 0;  // of the content
  std::size_t size_ = 0;
  std::size_t written_ = 0;  // bytes of memory behind the content may be other than zero up to here
};

// Who has the memory that some bytes lie in, and may hand it on, so that a large value need not be copied.
class BytesOwner {
 public:
  virtual ~BytesOwner() = default;
  // Empty: the bytes have to be copied.
  virtual LargeBytes take(std::string_view bytes) = 0;
};

}  // namespace ringhold

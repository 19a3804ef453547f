// Lines of a file descriptor, in bounded memory: one line, and what one read brings.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/base/result.h"

namespace ringhold::client {

class LineReader {
 public:
  explicit LineReader(int input) : input_(input) {}

  // Reads once more, waiting for it. False at the end of the input; an unfinished last line then counts as
  // one. Views that next() gave are no longer valid.
  Result<bool> fill();
  // Whether fill() would have to wait.
  bool would_wait() const;
  // False if no whole line is left.
  bool next(std::string_view& line);

  std::uint64_t lines() const { return lines_; }  // that were given out
  std::uint64_t bytes() const { return bytes_; }  // of these

 private:
  int input_;
  ByteBuffer pending_;
  std::size_t taken_ = 0;     // bytes of pending_ that were given out as lines
  std::size_t searched_ = 0;  // of the unfinished line, to look at no byte twice
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
  bool at_end_ = false;
};

}  // namespace ringhold::client

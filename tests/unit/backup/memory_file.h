// A file in memory, for tests.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "common/reactor/disk.h"

namespace ringhold {

class MemoryFile final : public ReadableFile {
 public:
  explicit MemoryFile(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::string> read(std::size_t bytes_max) override {
    // Odd sizes, so that nothing depends on where a read ends.
    std::string piece = bytes_.substr(at_, std::min<std::size_t>(bytes_max, 777));
    at_ += piece.size();
    return piece;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

inline std::unique_ptr<ReadableFile> memory_file(std::string bytes) {
  return std::make_unique<MemoryFile>(std::move(bytes));
}

}  // namespace ringhold

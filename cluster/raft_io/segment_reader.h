// Reads a segment sector by sector, from its beginning, and checks each by itself. Blocks; holds one piece of
// the file. What the sectors mean together is log_recovery's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/raft_io/record.h"
#include "cluster/raft_io/sector.h"
#include "common/base/result.h"
#include "common/reactor/disk.h"

namespace ringhold::raft_io {

class SegmentReader {
 public:
  enum class Kind : std::uint8_t {
    kValid,
    kBlank,    // never written, as far as can be seen
    kGarbage,  // neither
    kEnd,
  };
  struct Sector {
    Kind kind = Kind::kEnd;
    std::uint32_t number = 0;
    SectorHead head;             // valid ones have these two
    std::string_view used_part;  // until the next call
  };

  static Result<SegmentReader> open(Disk& disk, const std::string& path, std::uint32_t segment);
  // Fails only if the disk does. What is left at the end, if the file's size is no multiple of a sector's,
  // counts as one.
  Result<Sector> next();
  std::uint64_t file_bytes() const { return file_->size(); }

 private:
  SegmentReader(std::unique_ptr<ReadableFile> file, std::uint32_t segment)
      : file_(std::move(file)), segment_(segment) {}

  std::unique_ptr<ReadableFile> file_;
  std::uint32_t segment_;
  std::string piece_;
  std::size_t at_ = 0;
  std::uint32_t number_ = 0;
};

// What the segment begins with; nothing: its header is not whole, so it has not begun, or is damaged.
Result<std::optional<SegmentHeader>> read_header(Disk& disk, const std::string& path, std::uint32_t segment);

}  // namespace ringhold::raft_io

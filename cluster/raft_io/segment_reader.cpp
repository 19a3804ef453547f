#include "cluster/raft_io/segment_reader.h"

#include <algorithm>
#include <utility>

#include "common/base/limits.h"

namespace ringhold::raft_io {

static_assert(limits::kLogStartReadBytes % kSectorBytes == 0);

Result<SegmentReader> SegmentReader::open(Disk& disk, const std::string& path, std::uint32_t segment) {
  auto file = disk.open_file(path);
  if (!file.ok()) return file.error();
  return SegmentReader(std::move(*file), segment);
}

Result<SegmentReader::Sector> SegmentReader::next() {
  if (at_ == piece_.size()) {
    piece_.clear();
    at_ = 0;
    // Whole sectors, however little comes at a time.
    while (piece_.size() < limits::kLogStartReadBytes) {
      const auto more = file_->read(limits::kLogStartReadBytes - piece_.size());
      if (!more.ok()) return more.error();
      if (more->empty()) break;
      piece_ += *more;
    }
  }
  Sector sector;
  sector.number = number_;
  if (piece_.empty()) return sector;
  const std::string_view bytes = std::string_view(piece_).substr(at_, kSectorBytes);
  at_ += bytes.size();
  ++number_;
  const auto head = bytes.size() == kSectorBytes ? read_sector(bytes, segment_, sector.number)
                                                 : std::optional<SectorHead>();
  if (head) {
    sector.kind = Kind::kValid;
    sector.head = *head;
    sector.used_part = used_part(bytes, *head);
  } else {
    sector.kind = is_blank(bytes) ? Kind::kBlank : Kind::kGarbage;
  }
  return sector;
}

Result<std::optional<SegmentHeader>> read_header(Disk& disk, const std::string& path, std::uint32_t segment) {
  auto reader = SegmentReader::open(disk, path, segment);
  if (!reader.ok()) return reader.error();
  RecordParser parser;
  while (true) {
    const auto sector = reader->next();
    if (!sector.ok()) return sector.error();
    if (sector->kind != SegmentReader::Kind::kValid) break;
    if ((sector->number == 0) != sector->head.first_of_write) break;
    parser.feed(sector->used_part);
    auto found = parser.next();
    if (!found.ok()) break;
    if (!found->has_value()) continue;
    if (auto* header = std::get_if<SegmentHeader>(&(*found)->record))
      return std::optional(std::move(*header));
    break;
  }
  return std::optional<SegmentHeader>();
}

}  // namespace ringhold::raft_io

// The log's files, from the bottom up: sectors.
//
// A log is a row of segments, files log-NNNNNNNNNN.wal with ascending numbers; a segment is a row of sectors
// of 512 bytes, the unit that a disk writes as a whole: each is as it was or as it was to be. A sector is
// written once. What a segment has not used yet is zeros. All numbers are little-endian.
//
//   offset  size
//        0     8  checksum: XXH3-64 of the 504 bytes behind it, seeded with segment << 32 | sector
//        8     8  the checksum of the sector before it; of a segment's first: of the last one of the segment
//                 before; of the log's very first: 0
//       16     4  so many of this segment's sectors, from its beginning on, are synced
//       20     2  bytes used of those behind the head, 1..488
//       22     1  flags: 1 the first of a write, 2 the last of a write
//       23     1  version: 1
//       24   488  a piece of the stream of records (record.h); behind what is used, zeros
//
// A write takes whole sectors and holds whole records, so a record never reaches into the next write. Writes
// follow each other, each synced before the next: so the sectors of a write say that all before it are
// synced. The first write of a segment, which has its header in it, is synced before the file gets its name,
// and says so of itself. So when the machine stops, what may be half there is one write at the end of the
// last segment, and not its first.
//
// Each sector can be checked without its neighbours, and names the one before it: behind a sector that is
// lost, others can still be told to be valid, and witness that it had been synced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringhold::raft_io {

inline constexpr std::size_t kSectorBytes = 512;
inline constexpr std::size_t kSectorHeadBytes = 24;
inline constexpr std::size_t kSectorRoomBytes = kSectorBytes - kSectorHeadBytes;

struct SectorHead {
  std::uint64_t checksum = 0;
  std::uint64_t before = 0;
  std::uint32_t synced = 0;
  std::uint16_t used = 0;
  bool first_of_write = false;
  bool last_of_write = false;
};

// Precondition: 512 bytes. Nothing: they are not what was written as this sector.
std::optional<SectorHead> read_sector(std::string_view bytes, std::uint32_t segment, std::uint32_t sector);
// Of a sector that read_sector has accepted.
inline std::string_view used_part(std::string_view bytes, const SectorHead& head) {
  return bytes.substr(kSectorHeadBytes, head.used);
}
// True: all zeros, as a sector is that was never written.
bool is_blank(std::string_view bytes);

// Where the next write goes, and what its sectors say.
struct WritePlace {
  std::uint32_t segment = 0;
  std::uint32_t sector = 0;
  std::uint32_t synced = 0;
  std::uint64_t checksum = 0;  // of the sector before
};

constexpr std::size_t sectors_for(std::size_t bytes) {
  return (bytes + kSectorRoomBytes - 1) / kSectorRoomBytes;
}
// The sectors of one write of `records` (not empty); `place` moves behind them.
std::string pack_write(std::string_view records, WritePlace& place);

// A place in a segment's stream: bytes of records before it, if all sectors before were full.
using StreamPlace = std::uint64_t;
constexpr StreamPlace place_of(std::uint32_t sector) {
  return StreamPlace{sector} * kSectorRoomBytes;
}
constexpr std::uint32_t sector_of(StreamPlace place) {
  return static_cast<std::uint32_t>(place / kSectorRoomBytes);
}

}  // namespace ringhold::raft_io

#include "cluster/raft_io/sector.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "cluster/raft_io/little_endian.h"
#include "common/base/check.h"

namespace ringhold::raft_io {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kFirstOfWrite = 1;
constexpr std::uint8_t kLastOfWrite = 2;

// `body`: all behind the checksum.
std::uint64_t checksum_of(std::string_view body, std::uint32_t segment, std::uint32_t sector) {
  return XXH3_64bits_withSeed(body.data(), body.size(), std::uint64_t{segment} << 32U | sector);
}

}  // namespace

std::optional<SectorHead> read_sector(std::string_view bytes, std::uint32_t segment, std::uint32_t sector) {
  INVARIANT(bytes.size() == kSectorBytes);
  SectorHead head;
  head.checksum = number_at<std::uint64_t>(bytes, 0);
  if (head.checksum != checksum_of(bytes.substr(8), segment, sector)) return std::nullopt;
  head.before = number_at<std::uint64_t>(bytes, 8);
  head.synced = number_at<std::uint32_t>(bytes, 16);
  head.used = number_at<std::uint16_t>(bytes, 20);
  const auto flags = number_at<std::uint8_t>(bytes, 22);
  head.first_of_write = (flags & kFirstOfWrite) != 0;
  head.last_of_write = (flags & kLastOfWrite) != 0;
  if (head.used == 0 || head.used > kSectorRoomBytes) return std::nullopt;
  if (number_at<std::uint8_t>(bytes, 23) != kVersion) return std::nullopt;
  return head;
}

bool is_blank(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == '\0'; });
}

std::string pack_write(std::string_view records, WritePlace& place) {
  INVARIANT(!records.empty());
  const std::size_t sectors = sectors_for(records.size());
  std::string out;
  out.reserve(sectors * kSectorBytes);
  for (std::size_t i = 0; i < sectors; ++i) {
    const std::string_view piece = records.substr(i * kSectorRoomBytes, kSectorRoomBytes);
    std::string body;
    body.reserve(kSectorBytes);
    put(body, place.checksum);
    put(body, place.synced);
    put(body, static_cast<std::uint16_t>(piece.size()));
    put(body,
        static_cast<std::uint8_t>((i == 0 ? kFirstOfWrite : 0) | (i + 1 == sectors ? kLastOfWrite : 0)));
    put(body, kVersion);
    body += piece;
    body.resize(kSectorBytes - 8);
    place.checksum = checksum_of(body, place.segment, place.sector);
    put(out, place.checksum);
    out += body;
    ++place.sector;
  }
  return out;
}

}  // namespace ringhold::raft_io

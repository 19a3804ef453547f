#include "dataserver/backup/backup_file.h"

#include <fmt/core.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"

namespace ringhold {

namespace {

constexpr std::string_view kMagic = "RINGHOLD";
constexpr std::size_t kFileHeaderBytes = 16;
constexpr std::size_t kChunkHeaderBytes = 13;
constexpr std::size_t kLengthAndKindBytes = 5;

template <typename Number>
void append_number(std::string& out, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Number>(value | Number{static_cast<std::uint8_t>(bytes[at + i])} << (8 * i));
  }
  return value;
}

std::uint64_t hash(std::string_view bytes, std::uint64_t seed = 0) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

// The checksum of a chunk, of which `front` is length and kind.
std::uint64_t chunk_checksum(std::string_view front, std::string_view body, std::uint64_t before) {
  return hash(body, hash(front, before));
}

std::string file_header() {
  std::string header(kMagic);
  append_number(header, kBackupVersion);
  append_number(header, std::uint32_t{0});
  return header;
}

Error cut_off(std::uint64_t offset) {
  return Error{fmt::format("it ends at byte {}, in the middle: it was cut off", offset)};
}

}  // namespace

ChunkWriter::ChunkWriter(std::string& out) {
  const std::string header = file_header();
  checksum_ = hash(header);
  bytes_ = header.size();
  out += header;
}

void ChunkWriter::append(std::string& out, ChunkKind kind, std::string_view body) {
  INVARIANT(body.size() <= limits::kBackupChunkBytesMax);
  const std::size_t start = out.size();
  append_number(out, static_cast<std::uint32_t>(body.size()));
  append_number(out, static_cast<std::uint8_t>(kind));
  checksum_ = chunk_checksum(std::string_view(out).substr(start), body, checksum_);
  append_number(out, checksum_);
  out += body;
  bytes_ += out.size() - start;
  ++chunks_;
}

Result<ChunkReader> ChunkReader::open(std::unique_ptr<ReadableFile> file) {
  ChunkReader reader(std::move(file));
  if (reader.file_bytes() < kFileHeaderBytes) return cut_off(reader.file_bytes());
  Result<std::string> header = reader.read(kFileHeaderBytes);
  if (!header) return header.error();
  if (!header->starts_with(kMagic))
    return Error{"it is no backup of Ringhold (its first bytes are not RINGHOLD)"};
  const auto version = number_at<std::uint32_t>(*header, kMagic.size());
  if (version < kBackupVersionMin || version > kBackupVersion) {
    return Error{fmt::format("it has the format version {}, and this program reads versions {} to {}",
                             version, kBackupVersionMin, kBackupVersion)};
  }
  reader.version_ = version;
  reader.checksum_ = hash(*header);
  return reader;
}

// The next `bytes` bytes; an error at the end of the file.
Result<std::string> ChunkReader::read(std::uint64_t bytes) {
  if (bytes > file_->size() - offset_) return cut_off(file_->size());
  std::string result;
  result.reserve(bytes);
  while (result.size() < bytes) {
    if (ahead_at_ == ahead_.size()) {
      Result<std::string> more = file_->read(limits::kBackupReadBytes);
      if (!more) return more.error();
      if (more->empty()) return cut_off(offset_ + result.size());
      ahead_ = std::move(*more);
      ahead_at_ = 0;
    }
    const std::size_t step = std::min<std::size_t>(bytes - result.size(), ahead_.size() - ahead_at_);
    result.append(ahead_, ahead_at_, step);
    ahead_at_ += step;
  }
  offset_ += bytes;
  return result;
}

Result<Chunk> ChunkReader::next() {
  Chunk chunk;
  chunk.offset = offset_;
  const Result<std::string> header = read(kChunkHeaderBytes);
  if (!header) return header.error();
  const auto length = number_at<std::uint32_t>(*header, 0);
  chunk.kind = static_cast<ChunkKind>(number_at<std::uint8_t>(*header, 4));
  const auto checksum = number_at<std::uint64_t>(*header, kLengthAndKindBytes);
  if (length > limits::kBackupChunkBytesMax || length > file_bytes() - offset_) {
    return Error{fmt::format(
        "at byte {} it is damaged or cut off: a chunk claims to be {} bytes long, and {} are left",
        chunk.offset, length, file_bytes() - offset_)};
  }
  Result<std::string> body = read(length);
  if (!body) return body.error();
  checksum_ = chunk_checksum(std::string_view(*header).substr(0, kLengthAndKindBytes), *body, checksum_);
  if (checksum_ != checksum) {
    return Error{fmt::format("at byte {} it is damaged: the checksum of this chunk is wrong", chunk.offset)};
  }
  chunk.body = std::move(*body);
  ++chunks_;
  return chunk;
}

}  // namespace ringhold

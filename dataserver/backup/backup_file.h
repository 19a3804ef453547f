// The frame of a backup file: a file header, chunks, and a footer, each checked before it is understood.
//
//   "RINGHOLD" | u32 version | u32 0              the file header, 16 bytes; version 2, or 1, which is read
//   u32 length | u8 kind | u64 checksum | body    a chunk: `length` bytes of body
//
// All numbers are little-endian.
//
// A checksum is XXH3-64 over length, kind and body, seeded with the checksum before it (the first: XXH3-64 of
// the file header). So a flipped bit, and a chunk that is missing, doubled or out of its place, are all
// found, at the offset where they stand. The last chunk is the footer: a file without it was cut off.
//
// Bodies are cereal portable binary archives: see backup_records.h. The reader gives a body away only after
// its checksum was right.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/reactor/disk.h"

namespace ringhold {

inline constexpr std::uint32_t kBackupVersion = 2;
inline constexpr std::uint32_t kBackupVersionMin = 1;  // that is read

// Values are part of the format.
enum class ChunkKind : std::uint8_t {
  kHeader = 1,   // what the backup is of; the first chunk
  kEntries = 2,  // whole keys
  kPart = 3,     // a part of one large value
  kFooter = 9,   // totals; the last chunk
};

// Makes the bytes of a file; who uses it brings them to the disk.
class ChunkWriter {
 public:
  explicit ChunkWriter(std::string& out);  // appends the file header
  // `out` may be another string each time, as long as all of them end up in the file in order.
  void append(std::string& out, ChunkKind kind, std::string_view body);
  std::uint64_t chunks() const { return chunks_; }
  std::uint64_t bytes() const { return bytes_; }  // of the file so far

 private:
  std::uint64_t checksum_;
  std::uint64_t chunks_ = 0;
  std::uint64_t bytes_ = 0;
};

struct Chunk {
  ChunkKind kind{};
  std::uint64_t offset = 0;  // of the chunk in the file
  std::string body;
};

// Reads chunks one after the other. Errors say at which offset what is wrong.
class ChunkReader {
 public:
  // Reads the file header.
  static Result<ChunkReader> open(std::unique_ptr<ReadableFile> file);
  // Precondition: !at_end().
  Result<Chunk> next();
  bool at_end() const { return offset_ == file_->size(); }
  std::uint32_t version() const { return version_; }
  std::uint64_t offset() const { return offset_; }
  std::uint64_t file_bytes() const { return file_->size(); }
  std::uint64_t chunks() const { return chunks_; }

 private:
  explicit ChunkReader(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}
  Result<std::string> read(std::uint64_t bytes);

  std::unique_ptr<ReadableFile> file_;
  std::string ahead_;         // read and not used yet
  std::size_t ahead_at_ = 0;  // of it: used
  std::uint64_t offset_ = 0;
  std::uint64_t checksum_ = 0;
  std::uint64_t chunks_ = 0;
  std::uint32_t version_ = kBackupVersion;
};

}  // namespace ringhold

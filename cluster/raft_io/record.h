// The log's files: the stream of records that its sectors carry.
//
//   record  varint length of what follows | u8 type | fields
//   1 entry     varint index | varint term | u8 kind | payload, to the record's end
//               an index that the log has already: it replaces that entry and all behind it
//   2 commit    varint index: entries up to here are committed
//   3 header    the first record of a segment, and nowhere else:
//               u8 version = 1 | 16 bytes shard id | 16 bytes replica id
//               varint index | varint term: of the last entry before this segment
//               varint index: committed up to here
//               varint sectors of the segment before that belong to the log | u64 checksum of the last of
//               them u8 1 if the log begins anew here, behind a snapshot, else 0; if it does: 16 bytes id |
//               varint index | varint term | varint bytes | its members, to the record's end
//
// Varints are LEB128. A segment has begun when its header is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "cluster/raft/membership.h"
#include "cluster/raft/types.h"
#include "common/base/ids.h"
#include "common/base/result.h"

namespace ringhold::raft_io {

struct CommitRecord {
  raft::LogIndex index;
};

struct SegmentHeader {
  Id128 shard;
  raft::ReplicaId replica;
  raft::Position last;
  raft::LogIndex commit;
  std::uint32_t sectors_before = 0;
  std::uint64_t checksum_before = 0;
  std::optional<raft::SnapshotMeta> anew;
  bool operator==(const SegmentHeader&) const = default;
};

using Record = std::variant<raft::Entry, CommitRecord, SegmentHeader>;

void append_entry(std::string& out, const raft::Entry& entry);
void append_commit(std::string& out, raft::LogIndex index);
void append_header(std::string& out, const SegmentHeader& header);

// Of what follows the length. Errors say what does not fit.
Result<Record> decode_record(std::string_view body);

// Cuts a stream, which comes in pieces, into records.
class RecordParser {
 public:
  struct Found {
    std::size_t length = 0;  // of the record, with its length field
    Record record;
  };

  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next whole one; nothing: the rest has not come yet.
  Result<std::optional<Found>> next();
  // The bytes of the record that next() gave last.
  std::string_view last_bytes() const { return last_; }
  // Bytes that are there of the next one.
  std::size_t left() const { return buffer_.size() - at_; }
  void clear();

 private:
  std::string buffer_;
  std::size_t at_ = 0;
  std::string_view last_;
};

}  // namespace ringhold::raft_io

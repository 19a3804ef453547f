#include "cluster/raft_io/record.h"

#include <fmt/core.h>

#include <utility>

#include "cluster/raft_io/little_endian.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/wire/codec.h"

namespace ringhold::raft_io {

namespace {

enum class Type : std::uint8_t { kEntry = 1, kCommit = 2, kHeader = 3 };
constexpr std::uint8_t kVersion = 1;

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80U) {
    out.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

void finish_record(std::string& out, std::string_view body, std::string_view rest) {
  INVARIANT(body.size() + rest.size() <= limits::kLogRecordBytesMax);
  put_varint(out, body.size() + rest.size());
  out += body;
  out += rest;
}

void put_position(std::string& out, raft::Position position) {
  put_varint(out, position.index.value);
  put_varint(out, position.term.value);
}

void put_id(std::string& out, const Id128& id) {
  for (const std::uint8_t byte : id.bytes) put(out, byte);
}

raft::Position take_position(WireReader& reader) {
  const raft::LogIndex index{reader.varint()};
  const raft::Term term{reader.varint()};
  return {index, term};
}

// Before the first entry there was no term.
bool is_place(raft::Position position) {
  return position.index.value > 0 || position.term.value == 0;
}

Error malformed(std::string_view what) {
  return Error{fmt::format("{} that makes no sense", what)};
}

Result<Record> decode_entry(WireReader& reader) {
  raft::Entry entry;
  entry.position = take_position(reader);
  const std::uint8_t kind = reader.u8();
  if (!reader.ok() || entry.position.index.value == 0) return malformed("an entry");
  if (kind > static_cast<std::uint8_t>(raft::EntryKind::kMembership)) return malformed("a kind of entry");
  entry.kind = static_cast<raft::EntryKind>(kind);
  if (reader.left() > 0) entry.payload = raft::make_payload(std::string(reader.rest()));
  // Whoever appends it to a log relies on that.
  if (entry.kind == raft::EntryKind::kMembership) {
    if (const auto members = raft::decode_membership(reader.rest()); !members.ok()) return members.error();
  }
  return Record(std::move(entry));
}

Result<Record> decode_header(WireReader& reader) {
  SegmentHeader header;
  const std::uint8_t version = reader.u8();
  if (version != kVersion)
    return Error{fmt::format("a header of version {}, of which this program knows nothing", version)};
  header.shard = reader.id();
  header.replica = {reader.id()};
  header.last = take_position(reader);
  header.commit = {reader.varint()};
  const std::uint64_t sectors = reader.varint();
  header.checksum_before = reader.u64();
  const std::uint8_t anew = reader.u8();
  if (!reader.ok() || sectors > UINT32_MAX || anew > 1 || !is_place(header.last))
    return malformed("a header");
  header.sectors_before = static_cast<std::uint32_t>(sectors);
  if (anew == 1) {
    raft::SnapshotMeta& meta = header.anew.emplace();
    meta.id = reader.id();
    meta.position = take_position(reader);
    meta.bytes = reader.varint();
    auto members = raft::decode_membership(reader.rest());
    if (!reader.ok() || !is_place(meta.position)) return malformed("a header");
    if (!members.ok()) return members.error();
    meta.members = std::move(*members);
  } else if (!reader.done()) {
    return malformed("a header");
  }
  return Record(std::move(header));
}

}  // namespace

void append_entry(std::string& out, const raft::Entry& entry) {
  std::string front;
  front.push_back(static_cast<char>(Type::kEntry));
  put_position(front, entry.position);
  front.push_back(static_cast<char>(entry.kind));
  finish_record(out, front, entry.payload ? std::string_view(*entry.payload) : std::string_view());
}

void append_commit(std::string& out, raft::LogIndex index) {
  std::string body;
  body.push_back(static_cast<char>(Type::kCommit));
  put_varint(body, index.value);
  finish_record(out, body, {});
}

void append_header(std::string& out, const SegmentHeader& header) {
  std::string body;
  body.push_back(static_cast<char>(Type::kHeader));
  put(body, kVersion);
  put_id(body, header.shard);
  put_id(body, header.replica.value);
  put_position(body, header.last);
  put_varint(body, header.commit.value);
  put_varint(body, header.sectors_before);
  put(body, header.checksum_before);
  body.push_back(header.anew ? '\1' : '\0');
  std::string members;
  if (header.anew) {
    put_id(body, header.anew->id);
    put_position(body, header.anew->position);
    put_varint(body, header.anew->bytes);
    members = raft::encode(header.anew->members);
  }
  finish_record(out, body, members);
}

Result<Record> decode_record(std::string_view body) {
  WireReader reader(body);
  switch (static_cast<Type>(reader.u8())) {
    case Type::kEntry:
      return decode_entry(reader);
    case Type::kCommit: {
      const CommitRecord record{{reader.varint()}};
      if (!reader.done()) return malformed("a commit record");
      return Record(record);
    }
    case Type::kHeader:
      return decode_header(reader);
  }
  return Error{"a record of an unknown type"};
}

Result<std::optional<RecordParser::Found>> RecordParser::next() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  // The length may be cut off where a sector ends.
  const std::string_view front = rest.substr(0, kVarintBytesMax);
  WireReader reader(front);
  const std::uint64_t length = reader.varint();
  if (!reader.ok()) {
    if (front.size() == kVarintBytesMax) return malformed("the length of a record");
    return std::optional<Found>();
  }
  if (length == 0 || length > limits::kLogRecordBytesMax) return malformed("the length of a record");
  const std::size_t length_bytes = front.size() - reader.left();
  if (rest.size() - length_bytes < length) {
    // What has been read goes before more comes, so that the buffer holds one record and one piece at most.
    buffer_.erase(0, std::exchange(at_, 0));
    return std::optional<Found>();
  }
  auto record = decode_record(rest.substr(length_bytes, static_cast<std::size_t>(length)));
  if (!record.ok()) return record.error();
  const std::size_t whole = length_bytes + static_cast<std::size_t>(length);
  last_ = rest.substr(0, whole);
  at_ += whole;
  return std::optional(Found{whole, std::move(*record)});
}

void RecordParser::clear() {
  buffer_.clear();
  at_ = 0;
}

}  // namespace ringhold::raft_io

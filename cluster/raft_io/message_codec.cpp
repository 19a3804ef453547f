#include "cluster/raft_io/message_codec.h"

#include <fmt/core.h>

#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/wire/codec.h"

namespace ringhold::raft_io {

namespace {

// From, to, and the numbers of the largest message that has neither entries nor data, nor a membership.
constexpr std::size_t kFixedBytesMax = 128;
// An entry's term, kind and length: they cannot take more.
constexpr std::size_t kEntryHeadBytesMax = 2 * kVarintBytesMax + 1;
// ... nor less.
constexpr std::size_t kEntryBytesMin = 3;
constexpr std::uint64_t kNumberMax = std::numeric_limits<std::uint64_t>::max();

// --- Writing ---

void write_position(WireWriter& out, const raft::Position& position) {
  out.varint(position.index.value);
  out.varint(position.term.value);
}

std::string_view bytes_of(const raft::Payload& payload) {
  return payload ? std::string_view(*payload) : std::string_view();
}

template <typename... Flags>
void write_flags(WireWriter& out, Flags... flags) {
  std::uint8_t bits = 0;
  std::uint8_t bit = 1;
  ((bits = static_cast<std::uint8_t>(flags ? bits | bit : bits), bit = static_cast<std::uint8_t>(bit << 1U)),
   ...);
  out.u8(bits);
}

void write_body(WireWriter& out, const raft::VoteRequest& body) {
  write_flags(out, body.pre, body.transfer);
  write_position(out, body.last);
}

void write_body(WireWriter& out, const raft::VoteReply& body) {
  write_flags(out, body.pre, body.granted, body.removed);
}

void write_body(WireWriter& out, const raft::AppendRequest& body) {
  write_position(out, body.previous);
  out.varint(body.commit.value);
  out.varint(body.entries.size());
  raft::Position before = body.previous;
  for (const raft::Entry& entry : body.entries) {
    INVARIANT(entry.position.index == before.index.next() && entry.position.term >= before.term);
    out.varint(entry.position.term.value - before.term.value);
    out.u8(static_cast<std::uint8_t>(entry.kind));
    out.bytes(bytes_of(entry.payload));
    before = entry.position;
  }
}

void write_body(WireWriter& out, const raft::AppendReply& body) {
  write_flags(out, body.accepted);
  out.varint(body.match.value);
  out.varint(body.previous.value);
  write_position(out, body.hint);
}

void write_body(WireWriter& out, const raft::Heartbeat& body) {
  out.varint(body.round);
  out.varint(body.commit.value);
}

void write_body(WireWriter& out, const raft::HeartbeatReply& body) {
  out.varint(body.round);
}

void write_body(WireWriter& /*out*/, const raft::TimeoutNow& /*body*/) {}

void write_body(WireWriter& out, const raft::SnapshotChunk& body) {
  out.id(body.snapshot.id);
  write_position(out, body.snapshot.position);
  out.varint(body.snapshot.bytes);
  out.bytes(encode(body.snapshot.members));
  out.varint(body.offset);
  out.bytes(bytes_of(body.data));
}

void write_body(WireWriter& out, const raft::SnapshotReply& body) {
  out.id(body.snapshot);
  out.u8(static_cast<std::uint8_t>(body.status));
  out.varint(body.next_offset);
  out.varint(body.match.value);
}

// --- Reading ---

// What reading one body has come to.
struct Reading {
  WireReader in;
  raft::Term term;              // of the message
  const char* error = nullptr;  // the first thing that made no sense, as a clause about the message

  // Only the first counts.
  bool need(bool fine, const char* what) {
    if (!fine && error == nullptr) error = what;
    return error == nullptr;
  }
  raft::LogIndex index() { return {in.varint()}; }
  raft::Position position() {
    const raft::LogIndex at = index();
    return {at, {in.varint()}};
  }
  template <typename... Flags>
  void flags(Flags&... flags) {
    const std::uint8_t bits = in.u8();
    unsigned bit = 0;
    ((flags = ((bits >> bit) & 1U) != 0, ++bit), ...);
    need((bits >> bit) == 0, "has flags that are unknown here");
  }
  template <typename Enum>
  Enum enumerator(Enum last) {
    const std::uint8_t raw = in.u8();
    if (!need(raw <= static_cast<std::uint8_t>(last), "has a value that is unknown here")) return last;
    return static_cast<Enum>(raw);
  }
  raft::Payload payload() {
    const std::string_view bytes = in.bytes();
    return bytes.empty() ? nullptr : raft::make_payload(std::string(bytes));
  }
};

void read_body(Reading& reading, raft::VoteRequest& body) {
  reading.flags(body.pre, body.transfer);
  body.last = reading.position();
}

void read_body(Reading& reading, raft::VoteReply& body) {
  reading.flags(body.pre, body.granted, body.removed);
}

raft::Entry read_entry(Reading& reading, const raft::Position& before) {
  raft::Entry entry;
  const std::uint64_t more = reading.in.varint();
  reading.need(more <= kNumberMax - before.term.value, "has an entry of an impossible term");
  entry.position = {before.index.next(), {before.term.value + more}};
  entry.kind = reading.enumerator(raft::EntryKind::kMembership);
  entry.payload = reading.payload();
  if (entry.kind == raft::EntryKind::kMembership && reading.in.ok()) {
    reading.need(raft::decode_membership(bytes_of(entry.payload)).ok(),
                 "has a membership that cannot be decoded");
  }
  return entry;
}

void read_body(Reading& reading, raft::AppendRequest& body) {
  body.previous = reading.position();
  body.commit = reading.index();
  const std::uint64_t count = reading.in.varint();
  if (!reading.need(count <= reading.in.left() / kEntryBytesMin, "has more entries than bytes")) return;
  if (!reading.need(count <= limits::kRaftEntriesMax, "has too many entries")) return;
  if (!reading.need(count <= kNumberMax - body.previous.index.value, "has entries beyond all numbers"))
    return;
  body.entries.reserve(static_cast<std::size_t>(count));
  raft::Position before = body.previous;
  while (body.entries.size() < count && reading.error == nullptr && reading.in.ok()) {
    body.entries.push_back(read_entry(reading, before));
    before = body.entries.back().position;
  }
  reading.need(before.term <= reading.term, "has entries of a later term than its own");
}

void read_body(Reading& reading, raft::AppendReply& body) {
  reading.flags(body.accepted);
  body.match = reading.index();
  body.previous = reading.index();
  body.hint = reading.position();
}

void read_body(Reading& reading, raft::Heartbeat& body) {
  body.round = reading.in.varint();
  body.commit = reading.index();
}

void read_body(Reading& reading, raft::HeartbeatReply& body) {
  body.round = reading.in.varint();
}

void read_body(Reading& /*reading*/, raft::TimeoutNow& /*body*/) {}

void read_body(Reading& reading, raft::SnapshotChunk& body) {
  body.snapshot.id = reading.in.id();
  body.snapshot.position = reading.position();
  body.snapshot.bytes = reading.in.varint();
  const std::string_view members = reading.in.bytes();
  body.offset = reading.in.varint();
  body.data = reading.payload();
  if (!reading.in.ok()) return;
  auto membership = raft::decode_membership(members);
  if (!reading.need(membership.ok(), "has a membership that cannot be decoded")) return;
  body.snapshot.members = std::move(*membership);
  const std::uint64_t data_bytes = body.data ? body.data->size() : 0;
  reading.need(body.offset <= body.snapshot.bytes && data_bytes <= body.snapshot.bytes - body.offset,
               "has bytes behind the end of its snapshot");
}

void read_body(Reading& reading, raft::SnapshotReply& body) {
  body.snapshot = reading.in.id();
  body.status = reading.enumerator(raft::SnapshotReply::Status::kUnusable);
  body.next_offset = reading.in.varint();
  body.match = reading.index();
}

// An empty body of the kind that the frame says; false: it is none of Raft's.
template <std::size_t i = 0>
bool make_body(std::uint8_t type, raft::MessageBody& body) {
  if constexpr (i < std::variant_size_v<raft::MessageBody>) {
    body.emplace<i>();
    return static_cast<std::uint8_t>(type_of(body)) == type || make_body<i + 1>(type, body);
  } else {
    return false;
  }
}

struct TypeOf {
  PeerMessage operator()(const raft::VoteRequest&) const { return PeerMessage::kVoteRequest; }
  PeerMessage operator()(const raft::VoteReply&) const { return PeerMessage::kVoteReply; }
  PeerMessage operator()(const raft::AppendRequest&) const { return PeerMessage::kAppendRequest; }
  PeerMessage operator()(const raft::AppendReply&) const { return PeerMessage::kAppendReply; }
  PeerMessage operator()(const raft::Heartbeat&) const { return PeerMessage::kHeartbeat; }
  PeerMessage operator()(const raft::HeartbeatReply&) const { return PeerMessage::kHeartbeatReply; }
  PeerMessage operator()(const raft::TimeoutNow&) const { return PeerMessage::kTimeoutNow; }
  PeerMessage operator()(const raft::SnapshotChunk&) const { return PeerMessage::kSnapshotChunk; }
  PeerMessage operator()(const raft::SnapshotReply&) const { return PeerMessage::kSnapshotReply; }
};

}  // namespace

const char* channel_name(Channel channel) {
  return channel == Channel::kSmall ? "small messages" : "entries";
}

PeerMessage type_of(const raft::MessageBody& body) {
  return std::visit(TypeOf{}, body);
}

Channel channel_of(const raft::MessageBody& body) {
  switch (type_of(body)) {
    case PeerMessage::kAppendRequest:
    case PeerMessage::kAppendReply:
    case PeerMessage::kSnapshotChunk:
    case PeerMessage::kSnapshotReply:
      return Channel::kBulk;
    default:
      return Channel::kSmall;
  }
}

bool belongs_on(std::uint8_t type, Channel channel) {
  raft::MessageBody body;
  return make_body(type, body) && channel_of(body) == channel;
}

bool fits(const raft::Message& message, std::size_t frame_bytes_max) {
  std::size_t bytes = kFrameHeaderBytes + kFixedBytesMax;
  if (const auto* append = std::get_if<raft::AppendRequest>(&message.body)) {
    if (append->entries.size() > limits::kRaftEntriesMax) return false;
    for (const raft::Entry& entry : append->entries) bytes += kEntryHeadBytesMax + entry.payload_bytes();
  } else if (const auto* chunk = std::get_if<raft::SnapshotChunk>(&message.body)) {
    bytes += encode(chunk->snapshot.members).size() + bytes_of(chunk->data).size();
  }
  return bytes <= frame_bytes_max;
}

void write_message(ByteBuffer& out, const raft::Message& message) {
  const FrameWriter frame(out, static_cast<std::uint8_t>(type_of(message.body)));
  WireWriter writer(out);
  writer.id(message.from.value);
  writer.id(message.to.value);
  writer.varint(message.term.value);
  std::visit([&](const auto& body) { write_body(writer, body); }, message.body);
}

Result<raft::Message> read_message(const Frame& frame) {
  raft::Message message;
  if (!make_body(frame.type, message.body))
    return Error{fmt::format("a frame of type {} makes no sense here", frame.type)};
  Reading reading{WireReader(frame.body), {}};
  message.from = {reading.in.id()};
  message.to = {reading.in.id()};
  message.term = {reading.in.varint()};
  reading.term = message.term;
  std::visit([&](auto& body) { read_body(reading, body); }, message.body);
  if (reading.error != nullptr)
    return Error{fmt::format("a message of type {} {}", frame.type, reading.error)};
  if (!reading.in.done())
    return Error{fmt::format("a message of type {} is cut off, or has something behind it", frame.type)};
  return message;
}

}  // namespace ringhold::raft_io

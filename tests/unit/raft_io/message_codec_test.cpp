#include "cluster/raft_io/message_codec.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cluster/raft_io/handshake.h"
#include "common/base/limits.h"
#include "common/wire/codec.h"

namespace ringhold::raft_io {
namespace {

raft::ReplicaId replica(std::uint8_t n) {
  raft::ReplicaId id;
  id.value.bytes[15] = n;
  return id;
}

raft::Membership members() {
  return raft::Membership({{replica(1), "10.0.0.1:9501", raft::MemberRole::kVoter},
                           {replica(2), "10.0.0.2:9501", raft::MemberRole::kVoter},
                           {replica(3), "10.0.0.3:9501", raft::MemberRole::kLearner}});
}

raft::Message message(raft::MessageBody body, std::uint64_t term = 7) {
  return {replica(1), replica(2), {term}, std::move(body)};
}

raft::AppendRequest append_request() {
  raft::AppendRequest append{{{300}, {4}}, {299}, {}};
  append.entries = {{{{301}, {4}}, raft::EntryKind::kCommand, raft::make_payload(std::string(100, 'x'))},
                    {{{302}, {6}}, raft::EntryKind::kNothing, nullptr},
                    {{{303}, {7}}, raft::EntryKind::kMembership, raft::make_payload(encode(members()))}};
  return append;
}

// One of each kind, with numbers that take several bytes.
std::vector<raft::Message> all_kinds() {
  raft::SnapshotMeta snapshot{{}, {{1000}, {6}}, members(), 5000};
  snapshot.id.bytes[0] = 9;
  return {message(raft::VoteRequest{true, false, {{300}, {4}}}),
          message(raft::VoteRequest{false, true, {{0}, {0}}}),
          message(raft::VoteReply{true, true, false}),
          message(raft::VoteReply{false, false, true}),
          message(append_request()),
          message(raft::AppendRequest{{{0}, {0}}, {0}, {}}),
          message(raft::AppendReply{true, {70000}, {0}, {}}),
          message(raft::AppendReply{false, {0}, {301}, {{290}, {3}}}),
          message(raft::Heartbeat{1ULL << 40U, {299}}),
          message(raft::HeartbeatReply{~0ULL}),
          message(raft::TimeoutNow{}),
          message(raft::SnapshotChunk{snapshot, 4000, raft::make_payload(std::string(1000, 's'))}),
          message(raft::SnapshotChunk{snapshot, 5000, nullptr}),
          message(raft::SnapshotReply{snapshot.id, raft::SnapshotReply::Status::kInstalled, 5000, {1000}})};
}

std::string encoded(const raft::Message& message) {
  ByteBuffer out;
  write_message(out, message);
  return std::string(out.view());
}

Result<raft::Message> decoded(std::string_view bytes) {
  FrameParser parser;
  REQUIRE(parser.next(bytes) == FrameParser::Status::kFrame);
  return read_message(parser.frame());
}

// A frame with this body, however little sense it makes.
std::string framed(PeerMessage type, std::string_view body) {
  ByteBuffer out;
  {
    const FrameWriter frame(out, static_cast<std::uint8_t>(type));
    out.append(body);
  }
  return std::string(out.view());
}

std::string body_of(const std::string& frame) {
  return frame.substr(kFrameHeaderBytes);
}

// The head of any message: from, to, term.
void write_head(WireWriter& out, std::uint64_t term = 7) {
  out.id(replica(1).value);
  out.id(replica(2).value);
  out.varint(term);
}

std::string error_of(PeerMessage type, const ByteBuffer& body) {
  const auto read = decoded(framed(type, body.view()));
  return read.ok() ? "" : read.error().message;
}

TEST_CASE("raft messages: each kind reads as it was written, to the byte") {
  for (const raft::Message& before : all_kinds()) {
    CAPTURE(before.body.index());
    const std::string bytes = encoded(before);
    CHECK(fits(before, bytes.size() + 256));
    const auto after = decoded(bytes);
    REQUIRE_MESSAGE(after.ok(), after.error().message);
    CHECK(after->from == before.from);
    CHECK(after->to == before.to);
    CHECK(after->term == before.term);
    CHECK(after->body.index() == before.body.index());
    CHECK(encoded(*after) == bytes);
  }
}

TEST_CASE("raft messages: entries arrive with their places, terms, kinds and bytes") {
  const auto read = decoded(encoded(message(append_request())));
  REQUIRE(read.ok());
  const auto& append = std::get<raft::AppendRequest>(read->body);
  const raft::AppendRequest wanted = append_request();
  CHECK(append.previous == wanted.previous);
  CHECK(append.commit == wanted.commit);
  REQUIRE(append.entries.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(append.entries[i].position == wanted.entries[i].position);
    CHECK(append.entries[i].kind == wanted.entries[i].kind);
    CHECK(append.entries[i].payload_bytes() == wanted.entries[i].payload_bytes());
  }
  CHECK(*append.entries[0].payload == std::string(100, 'x'));
  CHECK(append.entries[1].payload == nullptr);
  CHECK(raft::decode_membership(*append.entries[2].payload).value() == members());
}

TEST_CASE("raft messages: votes and answers arrive with their flags") {
  const auto request = decoded(encoded(message(raft::VoteRequest{false, true, {{5}, {2}}})));
  const auto& vote = std::get<raft::VoteRequest>(request->body);
  CHECK_FALSE(vote.pre);
  CHECK(vote.transfer);
  CHECK(vote.last == raft::Position{{5}, {2}});
  const auto reply = decoded(encoded(message(raft::VoteReply{true, false, true})));
  const auto& answer = std::get<raft::VoteReply>(reply->body);
  CHECK(answer.pre);
  CHECK_FALSE(answer.granted);
  CHECK(answer.removed);
  const auto refused = decoded(encoded(message(raft::AppendReply{false, {0}, {301}, {{290}, {3}}})));
  const auto& hint = std::get<raft::AppendReply>(refused->body);
  CHECK_FALSE(hint.accepted);
  CHECK(hint.previous == raft::LogIndex{301});
  CHECK(hint.hint == raft::Position{{290}, {3}});
}

TEST_CASE("raft messages: cut off anywhere, or with a byte behind, they are refused") {
  for (const raft::Message& whole : all_kinds()) {
    CAPTURE(whole.body.index());
    const PeerMessage type = type_of(whole.body);
    const std::string body = body_of(encoded(whole));
    for (std::size_t n = 0; n < body.size(); ++n) {
      CHECK_FALSE(decoded(framed(type, body.substr(0, n))).ok());
    }
    CHECK_FALSE(decoded(framed(type, body + '\0')).ok());
  }
}

TEST_CASE("raft messages: any single byte may be another: an error, or another message, and nothing worse") {
  for (const raft::Message& whole : all_kinds()) {
    const PeerMessage type = type_of(whole.body);
    std::string body = body_of(encoded(whole));
    for (char& byte : body) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        byte = static_cast<char>(byte ^ flip);
        if (const auto read = decoded(framed(type, body)); read.ok()) encoded(*read);
        byte = static_cast<char>(byte ^ flip);
      }
    }
  }
}

TEST_CASE("raft messages: hostile appends") {
  ByteBuffer body;
  WireWriter out(body);
  write_head(out);
  const auto position = [&](std::uint64_t index, std::uint64_t term) {
    out.varint(index);
    out.varint(term);
  };
  const auto entry = [&](std::uint64_t more_terms, raft::EntryKind kind, std::string_view bytes) {
    out.varint(more_terms);
    out.u8(static_cast<std::uint8_t>(kind));
    out.bytes(bytes);
  };
  const auto error = [&] { return error_of(PeerMessage::kAppendRequest, body); };

  SUBCASE("more entries than there are bytes for") {
    position(1, 1);
    out.varint(0);
    out.varint(1ULL << 60U);
    CHECK(error().find("more entries than bytes") != std::string::npos);
  }
  SUBCASE("too many entries, each of the fewest bytes") {
    position(1, 1);
    out.varint(0);
    out.varint(limits::kRaftEntriesMax + 1);
    for (std::size_t i = 0; i <= limits::kRaftEntriesMax; ++i) entry(0, raft::EntryKind::kNothing, "");
    CHECK(error().find("too many entries") != std::string::npos);
  }
  SUBCASE("indexes beyond all numbers") {
    position(~0ULL, 1);
    out.varint(0);
    out.varint(1);
    entry(0, raft::EntryKind::kNothing, "");
    CHECK(error().find("beyond all numbers") != std::string::npos);
  }
  SUBCASE("a term that would come out lower") {
    position(1, 5);
    out.varint(0);
    out.varint(1);
    entry(~0ULL, raft::EntryKind::kNothing, "");
    CHECK(error().find("impossible term") != std::string::npos);
  }
  SUBCASE("a term later than the leader's") {
    position(1, 5);
    out.varint(0);
    out.varint(1);
    entry(3, raft::EntryKind::kNothing, "");
    CHECK(error().find("later term") != std::string::npos);
  }
  SUBCASE("a kind that nobody knows") {
    position(1, 5);
    out.varint(0);
    out.varint(1);
    entry(0, static_cast<raft::EntryKind>(3), "");
    CHECK(error().find("unknown here") != std::string::npos);
  }
  SUBCASE("a membership that is none") {
    position(1, 5);
    out.varint(0);
    out.varint(1);
    entry(0, raft::EntryKind::kMembership, "\x09zzz");
    CHECK(error().find("membership") != std::string::npos);
  }
  SUBCASE("a payload longer than the frame") {
    position(1, 5);
    out.varint(0);
    out.varint(1);
    out.varint(0);
    out.u8(1);
    out.varint(1ULL << 50U);
    CHECK(error().find("cut off") != std::string::npos);
  }
}

TEST_CASE("raft messages: hostile others") {
  ByteBuffer body;
  WireWriter out(body);
  write_head(out);
  SUBCASE("flags of another release") {
    out.u8(0x04);
    out.varint(1);
    out.varint(1);
    CHECK(error_of(PeerMessage::kVoteRequest, body).find("flags") != std::string::npos);
  }
  SUBCASE("a status of another release") {
    out.id({});
    out.u8(3);
    out.varint(1);
    out.varint(1);
    CHECK(error_of(PeerMessage::kSnapshotReply, body).find("unknown here") != std::string::npos);
  }
  SUBCASE("a chunk behind the end of its snapshot") {
    out.id({});
    out.varint(1);
    out.varint(1);
    out.varint(100);
    out.bytes(encode(members()));
    SUBCASE("begins there") {
      out.varint(101);
      out.bytes("");
    }
    SUBCASE("ends there") {
      out.varint(99);
      out.bytes("ab");
    }
    CHECK(error_of(PeerMessage::kSnapshotChunk, body).find("behind the end") != std::string::npos);
  }
  SUBCASE("a type that is none of Raft's") {
    CHECK(error_of(PeerMessage::kPing, body).find("makes no sense") != std::string::npos);
    CHECK(error_of(static_cast<PeerMessage>(255), body).find("makes no sense") != std::string::npos);
  }
}

TEST_CASE("raft messages: each kind has one channel") {
  for (const raft::Message& message : all_kinds()) {
    const auto type = static_cast<std::uint8_t>(type_of(message.body));
    const bool large = std::holds_alternative<raft::AppendRequest>(message.body) ||
                       std::holds_alternative<raft::AppendReply>(message.body) ||
                       std::holds_alternative<raft::SnapshotChunk>(message.body) ||
                       std::holds_alternative<raft::SnapshotReply>(message.body);
    CHECK(channel_of(message.body) == (large ? Channel::kBulk : Channel::kSmall));
    CHECK(belongs_on(type, Channel::kBulk) == large);
    CHECK(belongs_on(type, Channel::kSmall) == !large);
    if (!large) CHECK(fits(message, limits::kRaftSmallFrameBytesMax));
  }
  CHECK_FALSE(belongs_on(static_cast<std::uint8_t>(PeerMessage::kPing), Channel::kSmall));
}

TEST_CASE("raft messages: fits() never says yes to more than was allowed") {
  for (const raft::Message& message : all_kinds()) CHECK_FALSE(fits(message, encoded(message).size() - 1));
  raft::AppendRequest many{{{0}, {0}}, {0}, {}};
  for (std::uint64_t i = 1; i <= limits::kRaftEntriesMax + 1; ++i)
    many.entries.push_back({{{i}, {1}}, {}, {}});
  CHECK_FALSE(fits(message(many), limits::kRaftFrameBytesMax));
}

TEST_CASE("raft handshake: a hello reads as it was written; cut off or with something behind, it does not") {
  RaftHello hello{kRaftProtocolVersion, {}, {}, replica(1), replica(2), Channel::kBulk, true,
                  "10.0.0.1:9501"};
  hello.cluster.bytes[0] = 1;
  hello.shard.bytes[0] = 2;
  ByteBuffer out;
  write_message(out, hello);
  const std::string body = body_of(std::string(out.view()));
  RaftHello again;
  REQUIRE(read_message(body, again));
  CHECK(again.cluster == hello.cluster);
  CHECK(again.shard == hello.shard);
  CHECK(again.from == hello.from);
  CHECK(again.to == hello.to);
  CHECK(again.channel == hello.channel);
  CHECK(again.address == hello.address);
  for (std::size_t n = 0; n < body.size(); ++n) CHECK_FALSE(read_message(body.substr(0, n), again));
  CHECK_FALSE(read_message(body + 'x', again));
  // Another version may go on otherwise: it is read as far as that, to be refused in words.
  std::string later = body.substr(0, 3);
  later[0] = 2;
  REQUIRE(read_message(later, again));
  CHECK(again.version == 2);
}

TEST_CASE("raft handshake: an address beyond its limit is refused") {
  RaftHello hello;
  hello.address = std::string(limits::kRaftAddressBytesMax + 1, 'a');
  ByteBuffer out;
  write_message(out, hello);
  RaftHello again;
  CHECK_FALSE(read_message(body_of(std::string(out.view())), again));
}

TEST_CASE("raft handshake: each id that differs is named with the one that was expected") {
  RaftIdentity own{{}, {}, replica(2)};
  own.cluster.bytes[0] = 0xC1;
  own.shard.bytes[0] = 0x51;
  RaftHello hello{kRaftProtocolVersion, own.cluster, own.shard, replica(1), replica(2), {}, true, {}};
  CHECK(check_hello(own, hello).ok());
  const auto refused_with = [&](const std::string& a, const std::string& b) {
    const auto result = check_hello(own, hello);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().message.find(a) != std::string::npos);
    CHECK(result.error().message.find(b) != std::string::npos);
  };
  SUBCASE("cluster") {
    hello.cluster.bytes[0] = 0xC2;
    refused_with("cluster c100", "cluster c200");
    hello.cluster = {};  // not known yet
    CHECK(check_hello(own, hello).ok());
  }
  SUBCASE("shard") {
    hello.shard.bytes[0] = 0x52;
    refused_with("shard 5100", "shard 5200");
    hello.shard = {};
    refused_with("shard 5100", "shard 0000");
  }
  SUBCASE("to") {
    hello.to = replica(3);
    refused_with(replica(2).value.hex(), replica(3).value.hex());
  }
  SUBCASE("from") {
    hello.from = replica(2);
    refused_with(replica(2).value.hex(), "copy of its data directory");
  }
  SUBCASE("version") {
    hello.version = 2;
    refused_with("version 1", "speaks 2");
  }
}

}  // namespace
}  // namespace ringhold::raft_io

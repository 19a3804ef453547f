#include "cluster/raft_io/handshake.h"

#include <fmt/core.h>

#include "cluster/peer/messages.h"
#include "common/base/limits.h"
#include "common/wire/codec.h"
#include "common/wire/frame.h"

namespace ringhold::raft_io {

namespace {

bool read_flag(WireReader& in, bool& flag) {
  const std::uint8_t raw = in.u8();
  flag = raw == 1;
  return raw <= 1;
}

}  // namespace

void write_message(ByteBuffer& out, const RaftHello& message) {
  const FrameWriter frame(out, static_cast<std::uint8_t>(PeerMessage::kRaftHello));
  WireWriter writer(out);
  writer.u8(message.version);
  writer.id(message.cluster);
  writer.id(message.shard);
  writer.id(message.from.value);
  writer.id(message.to.value);
  writer.u8(static_cast<std::uint8_t>(message.channel));
  writer.u8(message.wanted ? 1 : 0);
  writer.bytes(message.address);
}

bool read_message(std::string_view body, RaftHello& message) {
  WireReader in(body);
  message.version = in.u8();
  if (message.version != kRaftProtocolVersion) return in.ok();
  message.cluster = in.id();
  message.shard = in.id();
  message.from = {in.id()};
  message.to = {in.id()};
  const std::uint8_t channel = in.u8();
  if (channel > static_cast<std::uint8_t>(Channel::kBulk)) return false;
  message.channel = static_cast<Channel>(channel);
  if (!read_flag(in, message.wanted)) return false;
  message.address = in.bytes();
  return in.done() && message.address.size() <= limits::kRaftAddressBytesMax;
}

void write_message(ByteBuffer& out, const RaftWelcome& message) {
  const FrameWriter frame(out, static_cast<std::uint8_t>(PeerMessage::kRaftWelcome));
  WireWriter writer(out);
  writer.u8(message.version);
  writer.id(message.replica.value);
}

bool read_message(std::string_view body, RaftWelcome& message) {
  WireReader in(body);
  message.version = in.u8();
  if (message.version != kRaftProtocolVersion) return in.ok();
  message.replica = {in.id()};
  return in.done();
}

void write_message(ByteBuffer& out, const RaftPing& message) {
  const FrameWriter frame(out, static_cast<std::uint8_t>(PeerMessage::kRaftPing));
  WireWriter(out).u8(message.wanted ? 1 : 0);
}

bool read_message(std::string_view body, RaftPing& message) {
  WireReader in(body);
  return read_flag(in, message.wanted) && in.done();
}

Result<void> check_hello(const RaftIdentity& own, const RaftHello& hello) {
  if (hello.version != kRaftProtocolVersion)
    return Error{
        fmt::format("version {} of Raft's messages is spoken here, the caller speaks {}; run the "
                    "same release on every host",
                    kRaftProtocolVersion, hello.version)};
  if (hello.cluster != own.cluster && !hello.cluster.is_none() && !own.cluster.is_none())
    return Error{fmt::format("this replica belongs to cluster {}, the caller to cluster {}",
                             own.cluster.hex(), hello.cluster.hex())};
  if (hello.shard != own.shard)
    return Error{fmt::format("this replica belongs to shard {}, the caller to shard {}", own.shard.hex(),
                             hello.shard.hex())};
  if (hello.to != own.self)
    return Error{fmt::format("this is replica {}, the caller looks for replica {}; has its address changed?",
                             own.self.value.hex(), hello.to.value.hex())};
  if (hello.from == own.self)
    return Error{
        fmt::format("this is replica {}, and so is the caller ({}); is that a copy of its data "
                    "directory?",
                    own.self.value.hex(), hello.from.value.hex())};
  return {};
}

}  // namespace ringhold::raft_io

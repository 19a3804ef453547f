// How a link between two replicas opens: the connecting side says RaftHello, the accepting side RaftWelcome,
// or Refusal with a sentence. Both then know that they are replicas of one shard, and which.
//
// A link carries messages one way, from who connected; only Pong comes back. There are two from each replica
// to each other, one per Channel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cluster/raft/types.h"
#include "cluster/raft_io/message_codec.h"
#include "common/base/byte_buffer.h"
#include "common/base/ids.h"
#include "common/base/result.h"

namespace ringhold::raft_io {

// Of Raft's messages and of what is in them. Frames have a version of their own.
inline constexpr std::uint8_t kRaftProtocolVersion = 1;

struct RaftHello {
  std::uint8_t version = kRaftProtocolVersion;
  Id128 cluster;  // none: not known yet
  Id128 shard;
  raft::ReplicaId from;
  raft::ReplicaId to;
  Channel channel = Channel::kSmall;
  // `to` is a member as far as `from` knows. Else the link is only for answers, and nobody connects to `from`
  // because of it: so two that have been strangers to each other part when the last question is answered.
  bool wanted = true;
  std::string address;  // where `from` accepts such links
};

// Says every now and then that there is still somebody, and whether `wanted` has changed. Answered by
// RaftPong, which is empty.
struct RaftPing {
  bool wanted = true;
};

struct RaftWelcome {
  std::uint8_t version = kRaftProtocolVersion;
  raft::ReplicaId replica;
};

// Who a replica is, as both sides of a handshake compare it.
struct RaftIdentity {
  Id128 cluster;  // none: not known yet, which fits all
  Id128 shard;
  raft::ReplicaId self;
};

void write_message(ByteBuffer& out, const RaftHello& message);
void write_message(ByteBuffer& out, const RaftWelcome& message);
void write_message(ByteBuffer& out, const RaftPing& message);
// A message of another version has only that: the rest may mean something else.
bool read_message(std::string_view body, RaftHello& message);
bool read_message(std::string_view body, RaftWelcome& message);
bool read_message(std::string_view body, RaftPing& message);

// The error names both ids that should be one.
Result<void> check_hello(const RaftIdentity& own, const RaftHello& hello);

}  // namespace ringhold::raft_io

// What Ringhold's processes say to each other over ringhold-peer/1.
//
// A link opens with Hello and Welcome (or Refusal); after that either side may send Ping and Topology at any
// time, the connecting side Commands and Edit, the accepting side Reply, EditResult, Pong and, behind its
// Welcome, Remembered. Frames: common/wire/frame.h. Every message carries enough to be answered on its own;
// replies may overtake each other.
//
// A link between two replicas of a shard opens with RaftHello instead; what follows is described in
// cluster/raft_io/handshake.h and message_codec.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/topology/topology.h"
#include "common/base/byte_buffer.h"
#include "common/base/ids.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

enum class PeerMessage : std::uint8_t {
  kHello = 1,
  kWelcome = 2,
  kRefusal = 3,
  kPing = 4,
  kPong = 5,
  kTopology = 6,
  kCommand = 7,
  kReply = 8,
  kEdit = 9,
  kEditResult = 10,
  kGoodbye = 11,
  kRemembered = 12,
  // Between two replicas of a shard.
  kRaftHello = 13,
  kRaftWelcome = 14,
  kRaftPing = 15,
  kRaftPong = 16,
  kVoteRequest = 17,
  kVoteReply = 18,
  kAppendRequest = 19,
  kAppendReply = 20,
  kHeartbeat = 21,
  kHeartbeatReply = 22,
  kTimeoutNow = 23,
  kSnapshotChunk = 24,
  kSnapshotReply = 25,
};

// Opens a link. A link is a place in a pool (random id); each new connection for it has a higher generation,
// and makes the accepting side drop the older ones unheard: so a command that was sent on a broken connection
// can never take effect after one that was sent on its successor.
struct HelloMessage {
  std::uint64_t link = 0;
  std::uint64_t link_generation = 0;
  std::string name;  // who is calling, for the log: "proxy 127.0.0.1:9443"
  Id128 cluster;     // none: knows no topology
  TopologyVersion version;
};

struct WelcomeMessage {
  std::string shard_name;  // --name, or what the topology calls it; may be empty
  Id128 cluster;           // without a version: the server remembers a topology, and is about to show it
  TopologyVersion version;
  UnixMs log_time = 0;  // of the accepting side, now
};

struct RefusalMessage {
  std::string reason;  // a sentence for the log and for `ringhold status`
};

// The accepting side stops: what it has not answered before this, it has not executed and never will.
struct GoodbyeMessage {};

struct PingMessage {
  TopologyVersion version;
};

// What became of keys since the server's start.
struct KeyFigures {
  std::uint64_t hits = 0;  // reads that found their key
  std::uint64_t misses = 0;
  std::uint64_t expired = 0;
  std::uint64_t evicted = 0;
  bool operator==(const KeyFigures&) const = default;
};

struct PongMessage {
  TopologyVersion version;
  UnixMs log_time = 0;
  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;  // used by the store
  std::uint64_t ops = 0;    // commands executed since start
  KeyFigures figures;
};

struct TopologyMessage {
  Id128 cluster;
  TopologyVersion version;
  std::string_view payload;  // encode_topology; looked at only if it is newer
};

// The server comes back, and went by this topology before; it does not until somebody shows it the same or a
// newer one.
struct RememberedMessage {
  TopologyMessage topology;
};

// One command of a client. `deadline` is in the receiver's log time: after it the command must not be
// executed any more.
struct CommandMessage {
  std::uint64_t request = 0;
  RespVersion resp = RespVersion::k2;
  Role role = Role::kClient;  // of the client, never of the sender
  std::uint64_t client = 0;   // unique within the link's process
  std::uint64_t session = 0;  // the exactly-once stamp; zero: none
  std::uint64_t sequence = 0;
  std::uint64_t acknowledged_below = 0;
  UnixMs deadline = 0;
  TopologyVersion version;     // the sender's when it chose this receiver
  std::string_view arguments;  // encode_arguments
};

enum class ReplyStatus : std::uint8_t {
  kDone = 0,      // executed; `reply` is RESP in the version that was asked for
  kNotOwner = 1,  // not executed: the slot is not this shard's, or was not at the sender's version
  kTooLate = 2,   // not executed: the deadline had passed
};

struct ReplyMessage {
  std::uint64_t request = 0;
  ReplyStatus status = ReplyStatus::kDone;
  std::string_view reply;
};

// An operator's edit of servers.json: "if the topology is still `expected`, make it say this".
struct EditMessage {
  std::uint64_t request = 0;
  TopologyVersion expected;  // none: found the cluster
  // The authority is dead and the edit removes it: the smallest-named shard that stays decides in its place.
  bool takeover = false;
  std::string_view servers;  // format_servers_file
};

enum class EditStatus : std::uint8_t {
  kApplied = 0,   // or was already so
  kConflict = 1,  // the topology is not `expected`; the current one is sent with the result
  kRefused = 2,   // makes no sense; `message` says why
  kNotAuthority = 3,
};

struct EditResultMessage {
  std::uint64_t request = 0;
  EditStatus status = EditStatus::kApplied;
  std::string message;
};

void write_message(ByteBuffer& out, const HelloMessage& message);
void write_message(ByteBuffer& out, const WelcomeMessage& message);
void write_message(ByteBuffer& out, const RefusalMessage& message);
void write_message(ByteBuffer& out, const GoodbyeMessage& message);
void write_message(ByteBuffer& out, const PingMessage& message);
void write_message(ByteBuffer& out, const PongMessage& message);
void write_message(ByteBuffer& out, const TopologyMessage& message);
void write_message(ByteBuffer& out, const RememberedMessage& message);
void write_message(ByteBuffer& out, const CommandMessage& message);
void write_message(ByteBuffer& out, const ReplyMessage& message);
// A reply that is written in place: inside an open frame of type kReply, this, then the RESP reply itself.
// The status is set when it is known; the result of write_reply_head is where it stands.
std::size_t write_reply_head(ByteBuffer& out, std::uint64_t request);
void set_reply_status(ByteBuffer& out, std::size_t at, ReplyStatus status);
void write_message(ByteBuffer& out, const EditMessage& message);
void write_message(ByteBuffer& out, const EditResultMessage& message);

// False if the body is not exactly one such message. Views point into `body`.
bool read_message(std::string_view body, HelloMessage& message);
bool read_message(std::string_view body, WelcomeMessage& message);
bool read_message(std::string_view body, RefusalMessage& message);
bool read_message(std::string_view body, PingMessage& message);
bool read_message(std::string_view body, PongMessage& message);
bool read_message(std::string_view body, TopologyMessage& message);
bool read_message(std::string_view body, RememberedMessage& message);
bool read_message(std::string_view body, CommandMessage& message);
bool read_message(std::string_view body, ReplyMessage& message);
bool read_message(std::string_view body, EditMessage& message);
bool read_message(std::string_view body, EditResultMessage& message);

// A command's arguments: a count, then each with its length.
void encode_arguments(ByteBuffer& out, std::span<const std::string_view> args);
// False unless `encoded` is exactly that, with at least one argument and at most limits::kArgumentsMax.
bool decode_arguments(std::string_view encoded, std::vector<std::string_view>& args);

}  // namespace ringhold

// What replicas of a shard say to each other. Values; their bytes on the wire are raft_io's business.
//
// Any message may be lost, doubled, late, or overtaken by another. All carry the sender's term.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "cluster/raft/membership.h"
#include "cluster/raft/types.h"

namespace ringhold::raft {

// RequestVote (3.4), and the same question asked before the term is raised (pre-vote, 9.6): then the
// message's term is the one that the sender would campaign in.
struct VoteRequest {
  bool pre = false;
  bool transfer = false;  // by order of the leader, who gave up its lease: nobody has to wait for that to end
  Position last;          // of the sender's log
};
// Granted pre-votes carry the term that was asked for, all others the sender's own.
struct VoteReply {
  bool pre = false;
  bool granted = false;
  bool removed = false;  // the candidate is no member any more: that was committed
};

// AppendEntries (3.5) with entries, or with none: then it asks whether the logs agree at `previous`.
struct AppendRequest {
  Position previous;
  LogIndex commit;             // the leader's
  std::vector<Entry> entries;  // in order from previous.index + 1
};
struct AppendReply {
  bool accepted = false;
  LogIndex match;  // accepted: the log agrees with the leader's up to here, durably
  // Not accepted: what was asked for, and the last place at which the logs can agree: an index at or below it
  // with the term that stands there.
  LogIndex previous;
  Position hint;
};

// "I lead". On a connection of its own, so that nothing large is ever in front of it.
struct Heartbeat {
  std::uint64_t round = 0;  // the leader knows when it sent each
  LogIndex commit;          // at most what the receiver is known to have
};
struct HeartbeatReply {
  std::uint64_t round = 0;
};

// "Campaign at once" (3.10).
struct TimeoutNow {};

// Bytes [offset, offset + data.size()) of a snapshot (chapter 5). Without data: an offer, to learn where to
// go on.
struct SnapshotChunk {
  SnapshotMeta snapshot;
  std::uint64_t offset = 0;
  Payload data;  // null: none
};
struct SnapshotReply {
  Id128 snapshot;
  enum class Status : std::uint8_t {
    kGoOn = 0,       // from next_offset
    kInstalled = 1,  // or not needed any more; the log agrees with the leader's up to `match`
    kUnusable = 2,   // what has arrived is damaged; begin again, with another
  };
  Status status = Status::kGoOn;
  std::uint64_t next_offset = 0;
  LogIndex match;
};

using MessageBody = std::variant<VoteRequest, VoteReply, AppendRequest, AppendReply, Heartbeat,
                                 HeartbeatReply, TimeoutNow, SnapshotChunk, SnapshotReply>;

struct Message {
  ReplicaId from;
  ReplicaId to;
  Term term;
  MessageBody body;
};

}  // namespace ringhold::raft

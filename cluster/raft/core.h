// Core: what one replica knows of Raft, as a function of what it is told.
//
//   step(now, event) -> Output {persist, send, apply, ...}
//
// No input or output, no clock, no callbacks, no randomness but its own from a seed: the same events give the
// same outputs. The shell (cluster/raft_io) carries the outputs out, in any order among `send`, `apply` and
// the rest, and `persist` requests one after the other in the order of their numbers; it reports each as
// Persisted. Whatever must not be said before something is durable, the core keeps until it hears so: so the
// shell may send at once all that it is given.
//
// The contract, the states and where each rule comes from: README.md beside this file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cluster/raft/log.h"
#include "cluster/raft/membership.h"
#include "cluster/raft/messages.h"
#include "cluster/raft/progress.h"
#include "cluster/raft/random.h"
#include "cluster/raft/types.h"
#include "common/base/result.h"
#include "common/reactor/clock.h"

namespace ringhold::raft {

using std::chrono::microseconds;

// All replicas of a shard use the same.
struct Timing {
  microseconds heartbeat = std::chrono::milliseconds(50);
  // A follower that has not heard a leader for a random time between these two campaigns.
  microseconds election_min = std::chrono::milliseconds(300);
  microseconds election_max = std::chrono::milliseconds(600);
  // A lease is shorter than election_min by this, so that it holds while no clock runs faster or slower than
  // another by more than this part of it: 30 ms in 300 are 10%.
  microseconds drift_margin = std::chrono::milliseconds(30);

  microseconds lease() const { return election_min - drift_margin; }
};

struct Bounds {
  std::size_t append_bytes = 256 * 1024;             // of entries in one message
  std::size_t in_flight_bytes = 4 * 1024 * 1024;     // sent to one replica and not acknowledged
  std::size_t in_flight_messages = 256;              // likewise
  std::size_t uncommitted_bytes = 32 * 1024 * 1024;  // proposed and not committed; then proposals are refused
  std::size_t memory_bytes = 32 * 1024 * 1024;       // of applied entries kept in memory for slow replicas
  std::size_t unsynced_bytes = 32 * 1024 * 1024;     // received and not durable; then appends are ignored
  std::size_t entry_bytes = 1024 * 1024;             // of one proposal
  std::size_t chunk_bytes = 256 * 1024;              // of a snapshot in one message
  std::size_t reads = 16 * 1024;                     // that wait for a round
  std::size_t held_messages = 4096;                  // that wait for the disk; more are lost, as on a network
};

struct CoreOptions {
  ReplicaId self;
  std::uint64_t seed = 0;
  Timing timing;
  Bounds bounds;
};

// What a replica finds on its disk when it starts.
struct Recovered {
  Vote vote;
  Log log;  // with its snapshot, and all entries that are not known to be committed
  // Up to here the state machine has applied what was recovered: at least the snapshot.
  LogIndex applied;
  // A snapshot that was on its way, and how much of it is durable.
  struct Incoming {
    SnapshotMeta snapshot;
    std::uint64_t next_offset = 0;
  };
  std::optional<Incoming> incoming;
};

// --- what the core is told ---

struct Tick {};  // at next_deadline() or later
struct Propose {
  Payload payload;
};
// All Persist requests up to this one are durable.
struct Persisted {
  std::uint64_t number = 0;
};
// The disk takes nothing at the moment (full, or it has failed). What was asked for is not lost: it becomes
// Persisted when the disk works again, after DiskWorks.
struct DiskStalled {};
struct DiskWorks {};
// Says up to where the state machine must have come, for a read that was asked now to be linearizable.
struct Read {
  std::uint64_t id = 0;
};
struct ChangeMembership {
  MembershipChange change;
};
struct TransferLeadership {
  std::optional<ReplicaId> to;  // none: whoever has most of the log
};
// Messages to that replica may have been lost.
struct PeerLost {
  ReplicaId peer;
};
// What ReadLog asked for; fewer entries are fine, none: they are on the disk no more.
struct LogRead {
  ReplicaId to;
  LogIndex from;
  std::vector<Entry> entries;
};
// What WantSnapshot asked for. The shell keeps the file, and the log behind it, until the transfer ends.
struct SnapshotReady {
  ReplicaId to;
  SnapshotMeta snapshot;
};
struct SnapshotFailed {
  ReplicaId to;
};
struct ChunkRead {
  ReplicaId to;
  Id128 snapshot;
  std::uint64_t offset = 0;
  Payload data;  // null: it cannot be read
};
// What StoreChunk asked for is durable.
struct ChunkStored {
  Id128 snapshot;
  std::uint64_t next_offset = 0;
};
// What InstallSnapshot asked for: the state machine holds it, and the log on the disk begins behind it.
struct SnapshotInstalled {
  Id128 snapshot;
};
// It cannot be used; what there was of it has been deleted.
struct SnapshotUnusable {
  Id128 snapshot;
};
// A snapshot of this replica's own is durable: entries up to it need not be kept, but those from `keep_from`
// on are still on the disk.
struct Compacted {
  SnapshotMeta snapshot;
  LogIndex keep_from;
};
// False: it does not campaign, and leads no longer if another can (its clock is wrong, it is to stop, ...).
struct MayLead {
  bool may = true;
};

using Event = std::variant<Message, Tick, Propose, Persisted, DiskStalled, DiskWorks, Read, ChangeMembership,
                           TransferLeadership, PeerLost, LogRead, SnapshotReady, SnapshotFailed, ChunkRead,
                           ChunkStored, SnapshotInstalled, SnapshotUnusable, Compacted, MayLead>;

// --- what it wants done ---

// To be made durable: the vote first, then the entries. The first entry's index may be one that the log on
// the disk has already: what stands there and behind it is replaced.
struct Persist {
  std::uint64_t number = 0;  // ascending by one
  std::optional<Vote> vote;
  std::vector<Entry> entries;
  LogIndex commit;  // as far as is known: for the log's records, so that a restart can apply up to there
};
struct ReadReady {
  std::uint64_t id = 0;
  LogIndex index;  // the read may be served once this has been applied
};
struct ReadLog {
  ReplicaId to;
  LogIndex from;
  std::size_t bytes_max = 0;
};
struct WantSnapshot {
  ReplicaId to;
};
struct ReadChunk {
  ReplicaId to;
  SnapshotMeta snapshot;
  std::uint64_t offset = 0;
  std::size_t bytes_max = 0;
};
struct StoreChunk {
  SnapshotMeta snapshot;
  std::uint64_t offset = 0;  // where the last one ended; 0: forget what there was before
  Payload data;
};

struct Output {
  std::optional<Persist> persist;
  std::vector<Message> send;
  std::vector<Entry> apply;  // committed and durable here, each once, in order; for the state machine those
                             // of kind kCommand count
  std::vector<ReadReady> reads;
  std::vector<std::uint64_t> reads_refused;  // not the leader, or no longer: ask elsewhere
  std::optional<Position> accepted;          // of Propose or ChangeMembership: where it stands in the log
  std::string refused;  // of Propose, ChangeMembership, TransferLeadership: why not, for a person
  std::vector<ReadLog> read_log;
  std::vector<WantSnapshot> want_snapshot;
  std::vector<ReadChunk> read_chunk;
  std::vector<ReplicaId> transfer_over;  // of snapshots: done or given up; the file may go
  std::optional<StoreChunk> store_chunk;
  std::optional<SnapshotMeta> install;
  // This replica can no longer be trusted to take part: its disk has lost what it had acknowledged. The shell
  // stops, and says this.
  std::string fault;
};

enum class RoleName : std::uint8_t { kFollower, kLearner, kPreCandidate, kCandidate, kLeader };
const char* role_name(RoleName role);

class Core {
 public:
  // `now` is the time of the start; `recovered` of a new replica is empty but for the membership that it is
  // founded with, or entirely (it waits to be contacted).
  Core(const CoreOptions& options, Recovered recovered, MonoTime now);

  // `now` never goes backwards.
  Output step(MonoTime now, Event event);

  // When a Tick is due.
  MonoTime next_deadline() const;
  // May a read be served from the state machine at once? `fresh_now` has been read from the clock after the
  // request was: a process may have been stopped in between for any time. The state machine has been given
  // all that was given out.
  bool lease_holds(MonoTime fresh_now) const;

  // --- what it knows ---
  RoleName role() const;
  bool is_leader() const { return role() == RoleName::kLeader; }
  ReplicaId self() const { return options_.self; }
  Term term() const { return vote_.term; }
  const Vote& vote() const { return vote_; }
  std::optional<ReplicaId> leader() const;  // as far as is known; may be this one
  LogIndex commit() const { return commit_; }
  LogIndex applied() const { return applied_; }
  LogIndex durable() const { return durable_; }
  const Log& log() const { return log_; }
  const Membership& membership() const { return log_.membership(); }
  bool removed() const { return removed_; }  // it is no member any more, and takes no part
  // Of a leader; null: there is no such replica.
  const Progress* progress(ReplicaId peer) const;
  bool transferring() const;
  // What a snapshot of the state machine as it is now is of.
  SnapshotMeta describe_applied(Id128 id, std::uint64_t bytes) const;

 private:
  struct Follower {
    std::optional<ReplicaId> leader;
  };
  // Asks whether it would win, before it raises its term (9.6).
  struct PreCandidate {
    std::map<ReplicaId, bool> votes;
  };
  struct Candidate {
    std::map<ReplicaId, bool> votes;  // its own counts once it is durable
  };
  struct SentRound {
    std::uint64_t round = 0;
    MonoTime at;
  };
  struct WaitingRead {
    std::uint64_t id = 0;
    LogIndex index;
    std::uint64_t round = 0;  // this one, or a later one, must have been answered by a majority
  };
  struct Transfer {
    ReplicaId to;
    MonoTime deadline;
    bool told = false;  // TimeoutNow has been sent
  };
  struct Leader {
    std::map<ReplicaId, Progress> peers;  // all others, those included whose removal is not applied yet
    LogIndex no_op;                       // the first entry of its term
    std::uint64_t round = 0;
    std::deque<SentRound> rounds;  // of late
    MonoTime heartbeat_at;         // when the next Tick is due; rounds for reads come in between
    MonoTime lease_until;
    bool lease_given_up = false;  // a transfer may be under way: somebody may be elected at any moment
    bool told_somebody = false;   // to campaign, in this term: that may still be on its way
    MonoTime hand_over_at;        // when to try again, if it may not lead
    std::optional<Transfer> transfer;
    std::deque<WaitingRead> reads;
    std::deque<std::uint64_t> reads_before_no_op;
    std::size_t uncommitted_bytes = 0;
  };
  using Role = std::variant<Follower, PreCandidate, Candidate, Leader>;

  // What a message has to wait for before it may be sent.
  enum class Until : std::uint8_t {
    kVoteIsDurable,  // its term, and a vote if it grants one
    kLogIsDurable,   // and all entries received so far
  };
  struct Held {
    std::uint64_t number = 0;
    Message message;
  };
  struct Outstanding {
    std::uint64_t number = 0;
    std::optional<Position> last;  // of the entries in it, unless they have been replaced since
    std::size_t bytes = 0;
  };

  // core.cpp: events, durability, applying
  void handle(Tick event);
  void handle(Message event);
  void handle(Persisted event);
  void handle(DiskStalled event);
  void handle(DiskWorks event);
  void handle(MayLead event);
  void receive(const Message& message);
  void say(ReplicaId to, MessageBody body);
  void say_when(Until until, ReplicaId to, MessageBody body);
  void append_to_log(Entry entry);
  void finish_step();
  void ask_disk();
  void release_held();
  void commit_to(LogIndex index);
  void apply_committed();
  void fault(std::string text);

  // core_election.cpp
  void handle(const Message& message, const VoteRequest& request);
  void handle(const Message& message, const VoteReply& reply);
  void handle(const Message& message, const TimeoutNow& order);
  bool is_voter() const;
  bool may_campaign() const;
  bool refuses_votes() const;
  bool is_member_at(LogIndex index) const { return log_.membership_at(index).find(self()) != nullptr; }
  bool is_removed(const Message& message, const VoteRequest& request) const;
  void grant(const Message& message, const VoteRequest& request);
  void ask_before_campaign();
  void campaign(bool transfer);
  void ask_for_votes(Term term, VoteRequest request);
  void count_votes(std::map<ReplicaId, bool>& votes, bool pre);
  void hand_over();
  void become_follower(Term term, std::optional<ReplicaId> leader);
  void become_leader();
  void leave_office();
  void restart_election_timer();

  // core_append.cpp: what a follower does with what its leader sends
  void handle(const Message& message, const AppendRequest& request);
  void handle(const Message& message, const Heartbeat& heartbeat);
  bool hear_leader(const Message& message);
  bool takes_entries() const;
  bool take_entries(const std::vector<Entry>& entries);
  void reject(ReplicaId leader, Position previous);

  // core_replication.cpp: what a leader sends
  void handle(Propose event);
  void handle(const PeerLost& event);
  void handle(LogRead event);
  void handle(const Message& message, const AppendReply& reply);
  void send_to_all();
  void send_entries(ReplicaId to, Progress& peer);
  void send_append(ReplicaId to, Progress& peer, std::vector<Entry> entries);
  void advance_commit();
  void accepted(ReplicaId from, Progress& peer, LogIndex match);
  void rejected(ReplicaId from, Progress& peer, const AppendReply& reply);
  void look_after_peers();

  // core_reads.cpp: heartbeats, lease, reads
  void handle(Read event);
  void handle(const Message& message, const HeartbeatReply& reply);
  void send_round();
  void update_lease();
  void answer_reads();
  void admit_reads();
  // Have enough of those voters been heard of late?
  bool has_quorum_of_late(const Membership& members) const;

  // core_membership.cpp: members and transfers of leadership
  void handle(const ChangeMembership& event);
  void handle(const TransferLeadership& event);
  std::string why_no_change(const MembershipChange& change) const;
  void membership_in_force();
  void membership_applied(LogIndex index);
  void promote_if_caught_up(ReplicaId id, Progress& peer);
  void begin_transfer(ReplicaId to);
  void go_on_with_transfer();
  std::optional<ReplicaId> best_successor() const;

  // core_snapshot.cpp
  void handle(const SnapshotReady& event);
  void handle(const SnapshotFailed& event);
  void handle(const ChunkRead& event);
  void handle(const Message& message, const SnapshotReply& reply);
  void handle(const Message& message, const SnapshotChunk& chunk);
  void handle(const ChunkStored& event);
  void handle(const SnapshotInstalled& event);
  void handle(const SnapshotUnusable& event);
  void handle(const Compacted& event);
  void begin_snapshot(ReplicaId to, Progress& peer);
  void ask_chunk(ReplicaId to, Progress& peer);
  void end_snapshot(ReplicaId to, Progress& peer);
  void give_up_snapshot(ReplicaId to, Progress& peer);
  void offer(ReplicaId to, SnapshotTransfer& transfer);
  void install_incoming();
  void reply_snapshot(SnapshotReply reply);

  // Of a leader; null: it does not lead, or there is no such replica.
  Progress* peer_of(ReplicaId id);
  // The peer of whom this is an answer in the term that this replica leads; null: it is none, and needs no
  // more. A later term ends this one's.
  Progress* hear_peer(const Message& message);
  Leader* leading() { return std::get_if<Leader>(&role_); }
  const Leader* leading() const { return std::get_if<Leader>(&role_); }

  CoreOptions options_;
  SplitMix random_;
  MonoTime now_;
  Vote vote_;
  Log log_;
  LogIndex commit_;
  LogIndex applied_;
  LogIndex durable_;
  Role role_ = Follower{};
  MonoTime election_deadline_;
  MonoTime refuse_votes_until_;
  bool stalled_ = false;
  bool may_lead_ = true;
  bool removed_ = false;

  // Durability: see Persist.
  std::uint64_t last_number_ = 0;
  std::uint64_t persisted_ = 0;
  std::uint64_t vote_number_ = 0;  // of the last request with a vote
  std::uint64_t log_number_ = 0;   // of the last request with entries
  std::deque<Outstanding> outstanding_;
  std::deque<Held> held_;
  std::size_t unsynced_bytes_ = 0;

  // A snapshot that comes in.
  struct Incoming {
    SnapshotMeta snapshot;
    std::uint64_t next_offset = 0;
    bool storing = false;
    bool installing = false;
  };
  std::optional<Incoming> incoming_;

  // Of the step that is under way.
  Output out_;
  bool vote_changed_ = false;
  std::vector<Entry> new_entries_;
  struct Spoken {
    Until until;
    Message message;
  };
  std::vector<Spoken> spoken_;
};

}  // namespace ringhold::raft

// RaftWatch: shows what the replicas of a simulated shard do to the checkers: their cores, after every turn,
// to RaftInvariants, and what their state machines do to each other.
//
// What is durable is not what a core says of it: of the log, it is what its log store has reported, as long
// as the newest segment has nothing unsynced; of the vote, it is what stands on the simulated disk.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft/core.h"
#include "tests/sim/check/raft_invariants.h"
#include "tests/sim/raft/proposal.h"
#include "tests/sim/world/files.h"

namespace ringhold::sim {

class RaftWatch {
 public:
  // `fail` is told what was broken, once or more.
  RaftWatch(const raft::Membership& founders, std::function<void(std::string)> fail);

  // A replica, under the number by which all else is told of it.
  std::uint32_t add(raft::ReplicaId id);
  const raft::ReplicaId& id_of(std::uint32_t number) const { return ids_[number]; }

  // It has begun to take part, with what was on its disk.
  void begin(std::uint32_t replica, const raft::Core& core);
  // After a turn of its process.
  void observe(std::uint32_t replica, const raft::Core& core, const SimFiles& files);
  // Its process has gone; this is its disk.
  void observe_down(std::uint32_t replica, const SimFiles& files);

  // Steps of its core.
  void before_step(std::uint32_t replica, const raft::Core& core, const raft::Event& event);
  void after_step(std::uint32_t replica, const raft::Core& core, const raft::Output& out);

  // Its state machine.
  void applied(std::uint32_t replica, const raft::Entry& entry, const Proposal& proposal);
  void state_hash(std::uint32_t replica, raft::LogIndex index, std::uint64_t hash);

  // A client was told that its proposal never took effect, and never will.
  void never(std::uint32_t client, std::uint64_t number, const char* why);
  // ... or that it has.
  void done(std::uint32_t client, std::uint64_t number);
  // At the end: what clients were told is so, and all that was acknowledged is committed.
  void check_promises();

  const RaftInvariants& invariants() const { return invariants_; }
  std::uint64_t entries() const { return invariants_.committed_index(); }

 private:
  struct Outstanding {
    std::uint64_t number = 0;
    std::optional<raft::Position> last;
  };
  struct Replica {
    ReplicaView view;
    raft::Position durable;
    std::deque<Outstanding> outstanding;
    DiskView disk;
    // The step that is under way.
    raft::Term term_before;
    bool is_stale = false;                   // a message of an older term
    std::optional<std::uint64_t> persisted;  // its number
    std::optional<raft::Position> installed;
    std::optional<raft::SnapshotMeta> installing;
    // What the members were converted from.
    raft::LogIndex members_index;
    raft::Term members_term;
    Id128 members_snapshot;
  };

  static std::uint64_t hash_of(const raft::Entry& entry);
  EntryView view_of(const raft::Entry& entry) const;
  Members members_of(const raft::Membership& membership) const;
  std::optional<std::uint32_t> number_of(const raft::ReplicaId& id) const;
  void update_disk(Replica& replica, const SimFiles& files);
  void check_sent(std::uint32_t number, Replica& replica, const raft::Core& core,
                  const raft::Message& message);
  void report();

  class LogOf;

  std::function<void(std::string)> fail_;
  std::map<raft::ReplicaId, std::uint32_t> numbers_;
  std::vector<raft::ReplicaId> ids_;
  std::vector<Replica> replicas_;
  Members founders_;
  RaftInvariants invariants_;
  bool reported_ = false;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint32_t>> hashes_;  // by index: what, and who first
  using Operation = std::pair<std::uint32_t, std::uint64_t>;                 // client and number
  std::map<Operation, raft::LogIndex> applied_;
  std::map<Operation, const char*> never_;
  std::vector<Operation> done_;
};

}  // namespace ringhold::sim

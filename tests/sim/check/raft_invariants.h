// The safety properties of Raft, checked over what a scenario sees of its replicas.
//
// Written from the dissertation (D. Ongaro, "Consensus: Bridging Theory and Practice", 2014; the sections
// stand in the messages) and from nothing else: it knows no implementation, only the plain values of
// raft_view.h.
//
// The scenario calls observe() for each replica that an event touched, after every event of the simulated
// world. An event touches one replica (it may be a whole turn of its loop); a crash is an event of its own,
// and so is the end of a write to a disk. Else a leader could be shown before the vote or the disk that made
// it lead or commit. It costs what has changed. Of the first violation a message is kept; after it everything
// is ignored. One object serves one run of one group.
//
// What it cannot see: messages, leases and reads, and whether what a replica answers its clients is what was
// committed. Those are for the checker of histories.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/check/raft_entries.h"
#include "tests/sim/check/raft_terms.h"
#include "tests/sim/check/raft_view.h"

namespace ringhold::sim {

class RaftInvariants {
 public:
  struct Options {
    // In force before the first entry that holds a configuration. Empty if that entry founds the group.
    Members initial;
    // The views carry disks. If not, what is in memory counts as durable: a replica that starts again must
    // have it all.
    bool disks = true;
    // An entry is seen first on its term's leader, as it must be if every event is observed.
    bool entries_start_at_leaders = true;
    // A leader has had the votes of a majority (durable ones, with disks).
    bool leaders_are_elected = true;
    // A replica goes by the latest configuration in its log, committed or not (4.1).
    bool members_follow_log = true;
  };
  explicit RaftInvariants(Options options);

  // False once anything is violated. `log` is asked only for what has changed, and only of running replicas.
  bool observe(const ReplicaView& view, const ReplicaLog& log);
  // Reads the replica's whole log anew.
  bool audit(ReplicaView view, const ReplicaLog& log);

  // A vote left the replica for the network. It must be durable by the replica's next view.
  void vote_sent(std::uint32_t replica, std::uint64_t term, std::uint32_t candidate);
  // The state machine was given this entry. It must be committed by the replica's next view.
  void applied(std::uint32_t replica, std::uint64_t index, std::uint64_t hash);
  // The scenario has damaged what was durable: this replica may come back with less, once. (A vote that it
  // gave still counts: voting twice in a term is a violation.)
  void loss_expected(std::uint32_t replica);

  bool ok() const { return violation_.empty(); }
  const std::string& violation() const { return violation_; }
  std::uint64_t committed_index() const { return committed_.size() - 1; }
  // A leader that has committed an entry of its term, and with which a majority of its voters, running, agree
  // on the term. For progress.h.
  std::optional<std::uint32_t> working_leader() const;

 private:
  using Id = RaftEntries::Id;
  struct Sent {
    std::uint64_t number;  // term of a vote, index of an entry
    std::uint64_t what;    // candidate, or hash
  };
  struct Replica {
    ReplicaView view;
    bool known = false;
    std::vector<Id> log = {RaftEntries::kRoot};  // by index, from the beginning, whatever was compacted
    TermAndVote memory;                          // while it ran last
    TermAndVote disk;
    Id disk_end = RaftEntries::kRoot;
    DiskView disk_view;
    std::uint64_t stood_in = 0;          // the last term in which it stood for election,
    Id stood_with = RaftEntries::kRoot;  // and the end of its log then
    bool loss_expected = false;
    std::vector<Sent> votes_sent;
    std::vector<Sent> applied;
  };
  // One call of observe().
  struct Step {
    Replica& replica;
    const ReplicaView& now;
    const ReplicaView& before;
    const ReplicaLog& log;
    bool new_life;
    bool led;                         // it was seen to lead this very term before
    Id old_end = RaftEntries::kRoot;  // of its log
    bool log_changed = false;
  };

  bool nothing_to_do(const Replica& replica, const ReplicaView& view, const ReplicaLog& log) const;
  void observe_running(Step& step);

  void check_vote(const Step& step);
  void check_new_vote(const Step& step);
  void check_first_lead(const Step& step);
  void check_elected(const Step& step);
  void check_learner(const Step& step, const char* what);
  void check_disk(Replica& replica, const ReplicaView& view);
  void check_sent(Replica& replica);
  void record_vote(const TermAndVote& before, const TermAndVote& after, std::uint32_t replica);

  void follow_log(Step& step);
  bool rebase(Step& step);
  std::uint64_t first_changed(const Step& step) const;
  Id take(const Step& step, Id before, const EntryView& entry);
  void check_new_entry(const Step& step, Id before, const EntryView& entry);
  void check_new_members(const Step& step, Id before, const Members& members);
  void check_members(const Step& step);

  void check_indexes(const Step& step);
  void check_commit(const Step& step);
  void advance_commit(const Step& step);
  void check_durable(const Step& step, Id entry);
  void check_complete(const Replica& replica, const char* when);
  void check_state(const Step& step);
  bool is_durable(const Replica& replica, Id entry) const;
  bool is_durable_on_majority(ReplicaSet voters, Id entry) const;
  std::string describe_disks(ReplicaSet voters) const;

  void fail(std::string text);
  Replica& replica_of(std::uint32_t number);

  Options options_;
  RaftEntries entries_;
  RaftTerms terms_;
  std::array<Replica, kReplicasMax> replicas_;
  std::uint32_t replicas_end_ = 0;  // above all numbers seen so far
  std::vector<Id> committed_ = {RaftEntries::kRoot};
  // For each committed entry a term that is not below the one in which it was committed.
  std::vector<std::uint64_t> committed_in_ = {0};
  struct State {
    std::uint64_t hash;
    std::uint32_t replica;
  };
  std::map<std::uint64_t, State> states_;
  std::string violation_;
};

}  // namespace ringhold::sim

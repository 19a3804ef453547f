// RaftWorld: replicas, the wire between them, their disks and the time, where nothing happens unless a script
// says so.
//
// What happens is noted in lines. After every step it is checked that no two replicas lead in one term and
// that all apply the same; what is not so is noted as "SAFETY: ...".
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft/core.h"
#include "tests/golden/raft_disk.h"

namespace ringhold::golden {

using Number = std::uint8_t;  // of a replica, from 1

struct Node {
  RaftDisk disk;
  std::unique_ptr<raft::Core> core;  // null: it is down
  std::vector<std::string> machine;  // the commands that were applied, in order
};

class RaftWorld {
 public:
  // --- before the start ---
  void found(Number replicas);
  void found_learner(Number number);
  // Not a member of anything, with an empty disk. Also after the start.
  void add_empty(Number number);
  raft::CoreOptions options;  // for all; `self` and `seed` are set apart
  void start();
  bool is_started() const { return is_started_; }

  // --- what happens ---
  void step(Number number, raft::Event event);
  // Moves the clock to when a tick is due, if that is later.
  void tick(Number number);
  void advance(std::chrono::microseconds time) { now_ += time; }
  // Time passes: whoever is due is ticked, all messages arrive at once.
  void run(std::chrono::microseconds time);
  // Ticks it, and carries the votes, until it leads. False: it does not.
  bool elect(Number number);

  using Filter = std::function<bool(const raft::Message&)>;
  // What is on the wire, and not what it leads to. The number of messages.
  std::size_t deliver(const Filter& filter);
  // Until the wire is empty.
  void deliver_all();
  std::size_t drop(const Filter& filter);
  std::size_t duplicate(const Filter& filter);
  const std::deque<raft::Message>& wire() const { return wire_; }
  // Onto the wire, whoever it is from.
  void send(raft::Message message);
  void cut(Number from, Number to) { cuts_.insert({from, to}); }
  void heal() { cuts_.clear(); }

  // The first `jobs` that wait.
  void sync(Number number, std::size_t jobs);
  void stall(Number number);
  void works(Number number);
  void crash(Number number);
  void restart(Number number);
  // Of what it has applied; entries from `keep_from` on stay on its disk.
  void compact(Number number, raft::LogIndex keep_from);

  std::map<Number, Node>& nodes() { return nodes_; }
  MonoTime now() const { return now_; }
  std::string state(Number number) const;

  // --- what is noted ---
  // Quiet: no messages, nothing of the disk.
  bool is_quiet = false;
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }
  void note(std::string text) { notes_.push_back(std::move(text)); }

 private:
  struct Before {
    raft::RoleName role;
    raft::Term term;
    std::optional<raft::ReplicaId> leader;
    raft::LogIndex commit;
    bool removed;
  };

  void start_core(Number number);
  void note_role(Number number, const Before& before);
  void note_output(Number number, const raft::Output& out);
  void apply(Number number, const Before& before, const std::vector<raft::Entry>& entries);
  void check_applied(Number number, const raft::Entry& entry);
  void take_jobs(Number number, raft::Output& out);
  void note_job(Number number, const Job& job);
  void work(Number number);
  void finish(Number number, const Job& job);
  void install(Number number, const raft::SnapshotMeta& meta);
  std::vector<raft::Message> take(const Filter& filter);
  bool deliver_votes(Number candidate);
  std::string lease_text(const raft::Core& core) const;

  MonoTime now_{std::chrono::seconds(1000)};
  bool is_started_ = false;
  std::vector<raft::Member> founders_;
  std::map<Number, Node> nodes_;
  std::deque<raft::Message> wire_;
  std::set<std::pair<Number, Number>> cuts_;
  std::map<Id128, std::string> files_;  // the bytes of all snapshots
  Number snapshots_ = 0;
  std::map<raft::Term, Number> leaders_;
  std::map<raft::LogIndex, std::string> applied_;  // by whoever was first
  std::vector<std::string> notes_;
};

}  // namespace ringhold::golden

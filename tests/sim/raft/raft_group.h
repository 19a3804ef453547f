// RaftGroup: a simulated shard: its hosts, and its operator, who sees to it that the members are those whom
// the scenario wants, one change after the other, and that damage never reaches more than a minority.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/raft/raft_plan.h"
#include "tests/sim/raft/raft_seat.h"
#include "tests/sim/raft/raft_watch.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

class RaftGroup {
 public:
  RaftGroup(SimWorld& world, const RaftPlan& plan);
  ~RaftGroup();
  RaftGroup(const RaftGroup&) = delete;
  RaftGroup& operator=(const RaftGroup&) = delete;

  SimWorld& world() { return world_; }
  const RaftPlan& plan() const { return plan_; }
  RaftWatch& watch() { return watch_; }
  const std::vector<std::unique_ptr<RaftSeat>>& seats() const { return seats_; }

  void start_all();
  // Who leads, in the highest term; null: nobody who runs says so.
  RaftSeat* leader() const;
  RaftSeat* seat_of(const raft::ReplicaId& id) const;
  // The members by the log of the leader, or of who has committed most.
  const raft::Membership* members() const;
  // Runs there as a turn, unless its process is stopped; false if it does not run.
  bool on(RaftSeat& seat, const std::function<void()>& code);

  // --- what may be done to it ---
  void crash(RaftSeat& seat, CrashMode mode, std::chrono::microseconds back_after);
  void crash_at_disk(RaftSeat& seat, std::uint64_t operations, CrashPoint::When when,
                     std::chrono::microseconds back_after);
  // This replica's disk may be damaged or emptied, and the shard still loses nothing.
  bool may_harm(const RaftSeat& seat) const;
  // Empties its disk; the operator takes it out of the shard, and another joins in its place.
  void wipe(RaftSeat& seat);
  // One more joins, or one leaves; nothing if that is impossible now.
  std::string grow(SimRng& rng);
  std::string shrink(SimRng& rng);
  // A change that only a leader of long standing may make: asked of one that is new.
  void hasten_change(RaftSeat& leader);

  // The end of all faults: everybody runs.
  void restart_all();
  // A leader has committed an entry of its term, and a majority of its voters knows it.
  bool has_leader() const;
  // All members run, and hold the same; nothing is left to do for the operator. Else why not.
  std::string unsettled() const;

  // A line for each host.
  std::string describe() const;

  // No timer of its own acts any more.
  void end() { ended_ = true; }

  std::uint64_t restarts() const { return restarts_; }
  std::uint64_t refusals() const { return refusals_; }  // replicas that have found damage
  std::uint64_t changes() const { return changes_; }
  std::uint64_t snapshots() const { return snapshots_; }

 private:
  void check_leases(RaftSeat& seat);
  void operate();
  void ask_for_change(RaftSeat& leader);
  void replace_refused();
  void release_strangers(RaftSeat& leader);
  void restart(RaftSeat& seat);
  raft::ReplicaId new_id();
  raft::Membership found();
  bool is_wanted(const RaftSeat& seat) const;

  SimWorld& world_;
  const RaftPlan& plan_;
  SimRng rng_;
  std::uint64_t next_id_ = 1;
  std::vector<std::unique_ptr<RaftSeat>> seats_;
  raft::Membership founders_;
  RaftWatch watch_;
  std::set<raft::ReplicaId> leaving_;  // the operator takes them out
  raft::Term led_;                     // the latest term that was seen to have a leader
  std::set<std::uint32_t> wanted_;     // seats whose replicas belong to the shard
  std::uint64_t restarts_ = 0;
  std::uint64_t refusals_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t snapshots_ = 0;
  bool ended_ = false;
};

}  // namespace ringhold::sim

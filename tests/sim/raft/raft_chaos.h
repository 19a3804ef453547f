// RaftChaos: what goes wrong with a simulated shard: one fault after the other, by the weights of the plan.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/raft/raft_group.h"
#include "tests/sim/world/random.h"

namespace ringhold::sim {

class RaftChaos {
 public:
  explicit RaftChaos(RaftGroup& group);
  RaftChaos(const RaftChaos&) = delete;
  RaftChaos& operator=(const RaftChaos&) = delete;

  void start();
  // The end of all faults; processes may still be down.
  void end();
  // "1.234567 crash: r1, back after 20 ms"
  const std::vector<std::string>& history() const { return history_; }

 private:
  using Time = std::chrono::microseconds;

  void later();
  void act();
  RaftFault pick();
  std::string carry_out(RaftFault fault);

  // raft_chaos.cpp
  std::string crash(RaftSeat& seat, Time back_after);
  std::string crash_at_disk();
  std::string crash_many();
  std::string pause(RaftSeat& seat);
  std::string pause_in_turn();
  std::string transfer();
  std::string take_snapshot();
  std::string lag();
  void depose_while_it_sends(RaftSeat& behind, int polls);
  std::string wall_clock(RaftSeat& seat);
  std::string may_lead(RaftSeat& seat);
  std::string member();
  std::string wipe();

  // raft_chaos_net.cpp
  std::string quick_restart();
  std::string cut();
  std::string one_way();
  std::string isolate(RaftSeat& seat);
  std::string split();
  void start_others_anew(RaftSeat& leader, RaftSeat& apart);
  std::string weather();
  void stall(RaftSeat& from, RaftSeat& to, Time duration);
  void stall_towards(RaftSeat& to, Time duration);

  // raft_chaos_disk.cpp
  std::string failing_sync(RaftSeat& seat);
  std::string failing_writes(RaftSeat& seat);
  std::string full_disk(RaftSeat& seat);
  std::string slow_disk(RaftSeat& seat);
  std::string damage();
  std::string flip_a_bit(RaftSeat& seat);
  std::string lose_the_log(RaftSeat& seat);
  void heal_disk(RaftSeat& seat);

  // Any; the leader more often than others.
  RaftSeat& any();
  RaftSeat& leader_or_any();
  RaftSeat* follower();
  Time between_ms(std::int64_t low, std::int64_t high);
  // After a time, unless the faults have ended.
  void after(Time delay, std::function<void()> action);

  RaftGroup& group_;
  SimWorld& world_;
  SimRng rng_;
  bool ended_ = false;
  std::vector<std::string> history_;
};

}  // namespace ringhold::sim

// RaftSeat: one host of a simulated shard and the replica on it: its process, and while that runs the driver
// with its state machine. The replica's identity lives as long as its disk is not wiped.
//
// Life: vacant → (settle) → down ⇄ running → (wipe) → vacant. A start that fails leaves it down, with why.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/raft_io/driver.h"
#include "tests/sim/raft/raft_plan.h"
#include "tests/sim/raft/raft_watch.h"
#include "tests/sim/raft/store_machine.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

class RaftSeat final : private raft_io::DriverHandler, private raft_io::StepObserver, private AcceptHandler {
 public:
  RaftSeat(SimWorld& world, const RaftPlan& plan, RaftWatch& watch, std::uint32_t number,
           std::int64_t clock_ppm);
  ~RaftSeat() override;
  RaftSeat(const RaftSeat&) = delete;
  RaftSeat& operator=(const RaftSeat&) = delete;

  std::uint32_t number() const { return number_; }
  SimProcess& process() { return process_; }
  SimFiles& files() { return process_.files(); }
  const std::string& address() const { return address_; }

  // A new replica moves in. With founders, itself among them, it founds the shard; without it joins one.
  void settle(raft::ReplicaId id, const raft::Membership& founders);
  bool vacant() const { return !id_; }
  const raft::ReplicaId& id() const { return *id_; }
  std::uint32_t replica() const { return replica_; }  // its number in the watch

  // Preconditions: it is down, or running.
  void start();
  void crash(CrashMode mode);
  void wipe();  // precondition: down

  bool up() const { return driver_ != nullptr; }
  bool running() const { return core() != nullptr && !driver_->faulty(); }
  const raft::Core* core() const { return driver_ ? driver_->core() : nullptr; }
  raft_io::Driver& driver() { return *driver_; }
  StoreMachine& machine() { return *machine_; }
  SimLoop& loop() { return *loop_; }
  std::uint64_t snapshots() const { return machine_ ? machine_->saves() : 0; }

  // The scenario has damaged its disk: it may refuse to start, or stop, and say why.
  void note_damage(std::string what) { damage_ = std::move(what); }
  const std::string& damage() const { return damage_; }
  bool disk_fails = false;  // the scenario lets it fail at the moment: a start may be refused
  // Of a start that was refused, or of a fault: the replica is of no use any more.
  const std::string& refusal() const { return refusal_; }

  std::function<void(RaftSeat&)> turned;   // a turn of it has ended, and it runs
  std::function<void(RaftSeat&)> changed;  // role, leader, term or members may have

 private:
  void on_change() override;
  void on_fault(const std::string& why) override;
  void on_accept(std::unique_ptr<Stream> stream) override;
  void before_step(const raft::Core& core, const raft::Event& event) override;
  void after_step(const raft::Core& core, const raft::Output& out) override;
  void build();
  void started(const Result<void>& outcome);
  void refuse(const std::string& why);
  void destroy();
  void check_leaks(const SimLoop& gone);

  SimWorld& world_;
  const RaftPlan& plan_;
  RaftWatch& watch_;
  std::uint32_t number_;
  std::string address_;
  SimProcess& process_;
  SimLoop* loop_ = nullptr;
  std::optional<raft::ReplicaId> id_;
  std::uint32_t replica_ = 0;
  raft::Membership founders_;
  std::unique_ptr<StoreMachine> machine_;
  std::unique_ptr<raft_io::Driver> driver_;
  std::unique_ptr<Listener> listener_;
  std::string damage_;
  std::string refusal_;
  bool began_ = false;  // the core of this life has been seen
};

}  // namespace ringhold::sim

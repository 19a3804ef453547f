// SimLoop: one event loop of a simulated process: its clock, its timers, its turns. world() is what the real
// components are built on.
//
// Its clock runs at its process's rate. One event is one turn: the callback, then what it deferred, then the
// streams that it flushed. turn_time() is constant in a turn; now() goes on by a microsecond per reading, so
// that work that is sliced by the clock ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/reactor/world.h"
#include "tests/sim/world/disk_file.h"
#include "tests/sim/world/random.h"
#include "tests/sim/world/sim_network.h"

namespace ringhold::sim {

class SimProcess;
class SimStream;
class SimWorld;

class SimLoop final : public Clock, public Scheduler {
 public:
  SimLoop(SimWorld& world, SimProcess& process, std::uint32_t number, const std::string& name);
  ~SimLoop() override = default;
  SimLoop(const SimLoop&) = delete;
  SimLoop& operator=(const SimLoop&) = delete;

  World world();
  SimWorld& sim() { return sim_; }
  SimProcess& process() { return process_; }
  std::uint32_t number() const { return number_; }
  const std::string& name() const { return name_; }
  SimRng& chaos() { return chaos_; }  // for what the world does to this loop; never seen by the program
  bool alive() const { return alive_; }
  void end_life();  // its process has crashed

  // Runs `callback` as one turn, now.
  void run_turn(const std::function<void()>& callback);
  // A turn has begun now, by its clock, and its process is stopped. What comes until it goes on belongs to
  // that turn, as for a loop that was stopped between reading its clock and its sockets; then it ends.
  void begin_turn_early();
  void end_early_turn() { turn_began_ = false; }
  // The stream has something to send at the end of this turn.
  void flush_later(SimStream& stream);
  void forget(SimStream& stream);
  // A violation if code of another loop is running: only post() may be called from there.
  void check_on_loop(const char* what);

  MonoTime turn_time() const override { return turn_time_; }
  MonoTime now() const override;
  UnixMs wall_ms() const override;

  std::unique_ptr<Timer> make_timer(std::function<void()> on_fire) override;
  void defer(std::function<void()> task) override;
  void post(std::function<void()> task) override;

  std::size_t live_streams = 0;  // kept by SimStream
  std::size_t live_timers = 0;   // Timer objects; kept by their destructor

 private:
  void end_turn();

  SimWorld& sim_;
  SimProcess& process_;
  std::uint32_t number_;
  std::string name_;
  SimRng rng_;
  SimRng chaos_;
  mutable SimRng slowness_;
  SimNetwork network_;
  SimDisk disk_;
  bool alive_ = true;
  bool in_turn_ = false;
  MonoTime turn_time_;
  bool turn_began_ = false;
  mutable MonoTime last_reading_;
  MonoTime last_post_{};
  std::vector<std::function<void()>> deferred_;
  std::vector<SimStream*> to_flush_;
};

}  // namespace ringhold::sim

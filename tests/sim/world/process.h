// SimProcess: one program of the simulated cluster: its loops, its files, its clock, and whether it runs.
//
// It outlives crashes: a restart gives it new loops. What it has synced on its disk stays.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/reactor/clock.h"
#include "tests/sim/world/files.h"

namespace ringhold::sim {

class SimLoop;
class SimWorld;

struct ProcessOptions {
  std::string name;               // unique; also the CN of its certificate
  std::string host;               // "10.0.0.7": what others see as its address
  Role role = Role::kClient;      // of its certificate
  std::int64_t wall_skew_ms = 0;  // its wall clock minus the true one
  std::int64_t clock_ppm = 0;     // its monotonic clock runs faster by so many millionths
};

// What the peers of a crashed process learn.
enum class CrashMode {
  kReset,   // kill -9: its kernel closes the connections
  kSilent,  // the host is gone: nothing, until they send something after it is back
};

class SimProcess {
 public:
  SimProcess(SimWorld& world, std::uint32_t number, ProcessOptions options);
  SimProcess(const SimProcess&) = delete;
  SimProcess& operator=(const SimProcess&) = delete;

  std::uint32_t number() const { return number_; }
  const std::string& name() const { return options_.name; }
  const std::string& host() const { return options_.host; }
  const ProcessOptions& options() const { return options_; }
  SimFiles& files() { return files_; }
  const SimFiles& files() const { return files_; }
  bool paused() const { return paused_; }
  std::uint32_t life() const { return life_; }  // how often it has crashed
  const std::vector<SimLoop*>& loops() const { return loops_; }

  // One more loop in its present life.
  SimLoop& add_loop(const std::string& name);

  // SIGSTOP: what is due on its loops is held, and runs, in order, after resume().
  void pause();
  void resume();
  // The same in the middle of a turn: the next event begins one (SimLoop::begin_turn_early).
  void pause_in_turn() { pause_in_turn_ = true; }
  bool begins_pause() const { return pause_in_turn_; }
  void stop_in_turn(SimLoop& loop);
  // Also while what was held still runs: what comes in the instant of resume() must not overtake it.
  bool holds() const { return paused_ || (released_ > 0 && !running_released_); }
  void hold(std::function<void()> task);

  // Ends this life. `destroy` destroys the program's objects; then everything that was due on its loops is
  // forgotten.
  void crash(CrashMode mode, const std::function<void()>& destroy);
  // While destroy() runs after a silent crash: connections vanish without a word.
  bool vanishing() const { return crashing_ && crash_mode_ == CrashMode::kSilent; }
  // Silently crashed and not back yet: what is sent to it gets no answer at all.
  bool unreachable() const { return down_ && crash_mode_ == CrashMode::kSilent; }

  // Its monotonic clock, and when (at the earliest) that shows a time.
  MonoTime local_time(MonoTime time) const;
  MonoTime world_time(MonoTime local) const;
  // From here on its wall clock is off by so much.
  void set_wall_skew(std::int64_t ms) { options_.wall_skew_ms = ms; }

  // Called after each turn of any of its loops: the scenario looks at the program.
  std::function<void()> after_turn;

  // Open streams and timers of the present life, to find leaks.
  std::size_t live_streams() const;
  std::size_t live_timers() const;

 private:
  void release(std::function<void()> task);

  SimWorld& world_;
  std::uint32_t number_;
  ProcessOptions options_;
  SimFiles files_;
  std::vector<SimLoop*> loops_;  // owned by the world until the end of the run
  std::vector<std::function<void()>> held_;
  std::size_t released_ = 0;  // of those that were held, have yet to run
  bool running_released_ = false;
  bool paused_ = false;
  bool pause_in_turn_ = false;
  bool stopped_in_turn_ = false;
  std::uint32_t life_ = 0;
  CrashMode crash_mode_ = CrashMode::kReset;
  bool crashing_ = false;
  bool down_ = false;
};

}  // namespace ringhold::sim

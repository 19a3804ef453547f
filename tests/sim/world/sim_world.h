// SimWorld: a simulated cluster's whole world: one process, one thread, one seed, virtual time.
//
// Everything that happens is an event of one queue. The scenario (the code that owns this) adds processes,
// builds programs on their loops, breaks things, and lets time pass by run_for and run_until. The same seed
// and the same scenario give the same trace hash, always.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/world/event_queue.h"
#include "tests/sim/world/fabric.h"
#include "tests/sim/world/process.h"
#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/trace.h"

namespace ringhold::sim {

class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed);
  ~SimWorld();  // programs must have been destroyed
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  std::uint64_t seed() const { return seed_; }
  MonoTime now() const { return now_; }
  Fabric& fabric() { return fabric_; }
  Trace& trace() { return trace_; }

  // Lives as long as the world.
  SimProcess& add_process(ProcessOptions options);
  SimProcess* process_at(std::string_view host) const;

  // The scenario acts after `delay`.
  void after(std::chrono::microseconds delay, std::function<void()> action);
  // Runs code of a program on one of its loops, as a turn, now.
  void run_on(SimLoop& loop, const std::function<void()>& code);
  // For code that builds or destroys a program with several loops.
  void start_or_end(const std::function<void()>& code);

  // Lets time pass. All stop at the first violation.
  void run_for(std::chrono::microseconds duration);
  // Until `done`, which is asked after every event; false if that took longer than `bound`.
  bool run_until(const std::function<bool()>& done, std::chrono::microseconds bound);

  // A promise was broken; the run ends.
  void violation(std::string text);
  const std::vector<std::string>& violations() const { return violations_; }

  // For the parts of the world.
  void push(MonoTime time, const SimLoop* loop, std::function<void()> run);
  // An event reaches a loop: a turn, unless its process is paused (then later) or gone (then never).
  void enter(SimLoop& loop, EventKind kind, std::uint64_t detail, std::string_view bytes,
             std::function<void()> callback);
  SimLoop& add_loop(SimProcess& process, const std::string& name);
  SimLoop* enter_loop(SimLoop* loop);  // returns the one that was running
  const SimLoop* current_loop() const { return current_loop_; }
  bool starting_or_ending() const { return starting_or_ending_; }
  void drop_events_of(const SimLoop& loop) { queue_.drop_of(&loop); }

 private:
  void step();

  std::uint64_t seed_;
  MonoTime now_{std::chrono::seconds(1000)};
  EventQueue queue_;
  Trace trace_;
  Fabric fabric_;
  std::vector<std::unique_ptr<SimProcess>> processes_;
  std::vector<std::unique_ptr<SimLoop>> loops_;
  SimLoop* current_loop_ = nullptr;
  bool starting_or_ending_ = false;
  std::uint64_t events_at_now_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace ringhold::sim

#include "tests/sim/world/process.h"

#include <fmt/format.h>

#include <utility>

#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

SimProcess::SimProcess(SimWorld& world, std::uint32_t number, ProcessOptions options)
    : world_(world), number_(number), options_(std::move(options)), files_(world, options_.name) {}

SimLoop& SimProcess::add_loop(const std::string& name) {
  down_ = false;
  SimLoop& loop = world_.add_loop(*this, fmt::format("{}/{}/{}", options_.name, life_, name));
  loops_.push_back(&loop);
  return loop;
}

namespace {
// Clocks agree here: when the world begins.
constexpr MonoTime kClocksAgree{std::chrono::seconds(1000)};
constexpr std::int64_t kMillion = 1000000;
}  // namespace

MonoTime SimProcess::local_time(MonoTime time) const {
  const std::int64_t passed = (time - kClocksAgree).count();
  return time + std::chrono::microseconds(passed * options_.clock_ppm / kMillion);
}

MonoTime SimProcess::world_time(MonoTime local) const {
  if (options_.clock_ppm == 0) return local;
  const std::int64_t rate = kMillion + options_.clock_ppm;
  const std::int64_t passed = ((local - kClocksAgree).count() * kMillion + rate - 1) / rate;
  MonoTime time = kClocksAgree + std::chrono::microseconds(passed);
  while (local_time(time) < local) time += std::chrono::microseconds(1);
  return time;
}

void SimProcess::pause() {
  pause_in_turn_ = false;
  if (paused_) return;
  paused_ = true;
  world_.trace().record(world_.now(), number_, EventKind::kPause, 0, options_.name);
}

void SimProcess::stop_in_turn(SimLoop& loop) {
  pause();
  stopped_in_turn_ = true;
  loop.begin_turn_early();
}

void SimProcess::resume() {
  pause_in_turn_ = false;
  if (!paused_) return;
  paused_ = false;
  world_.trace().record(world_.now(), number_, EventKind::kResume, held_.size(), options_.name);
  for (auto& task : std::exchange(held_, {})) release(std::move(task));
  if (std::exchange(stopped_in_turn_, false)) {
    release([this] {
      for (SimLoop* loop : loops_) loop->end_early_turn();
    });
  }
}

void SimProcess::hold(std::function<void()> task) {
  if (released_ > 0 && !running_released_) {
    release(std::move(task));  // behind the others
  } else {
    held_.push_back(std::move(task));
  }
}

void SimProcess::release(std::function<void()> task) {
  ++released_;
  world_.push(world_.now(), nullptr, [this, life = life_, task = std::move(task)] {
    if (life == life_) --released_;
    running_released_ = true;
    task();
    running_released_ = false;
  });
}

void SimProcess::crash(CrashMode mode, const std::function<void()>& destroy) {
  world_.trace().record(world_.now(), number_, EventKind::kCrash, static_cast<std::uint64_t>(mode),
                        options_.name);
  crash_mode_ = mode;
  crashing_ = true;
  world_.start_or_end(destroy);
  for (SimLoop* loop : loops_) {
    loop->end_life();
    world_.drop_events_of(*loop);
  }
  const auto dropped = std::exchange(held_, {});
  released_ = 0;
  files_.crash();
  loops_.clear();
  crashing_ = false;
  paused_ = pause_in_turn_ = stopped_in_turn_ = false;
  down_ = true;
  ++life_;
}

std::size_t SimProcess::live_streams() const {
  std::size_t sum = 0;
  for (const SimLoop* loop : loops_) sum += loop->live_streams;
  return sum;
}

std::size_t SimProcess::live_timers() const {
  std::size_t sum = 0;
  for (const SimLoop* loop : loops_) sum += loop->live_timers;
  return sum;
}

}  // namespace ringhold::sim

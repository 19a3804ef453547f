#include "tests/sim/world/sim_loop.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "tests/sim/world/process.h"
#include "tests/sim/world/sim_stream.h"
#include "tests/sim/world/sim_timer.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

namespace {
// A turn that defers this often does not end.
constexpr std::size_t kDefersPerTurnMax = 100000;
// One in so many readings of the clock finds that so much time has passed.
constexpr std::uint64_t kSlowReading = 200;
constexpr std::chrono::microseconds kSlow = limits::kTurnTime;
constexpr UnixMs kWallStartMs = 1700000000000;
}  // namespace

SimLoop::SimLoop(SimWorld& world, SimProcess& process, std::uint32_t number, const std::string& name)
    : sim_(world),
      process_(process),
      number_(number),
      name_(name),
      rng_(world.seed(), name + "/program"),
      chaos_(world.seed(), name + "/chaos"),
      slowness_(world.seed(), name + "/slowness"),
      network_(*this),
      disk_(*this, process.files()),
      turn_time_(process.local_time(world.now())),
      last_reading_(turn_time_) {}

World SimLoop::world() {
  return World{*this, rng_, *this, network_, disk_};
}

void SimLoop::end_life() {
  alive_ = false;
  to_flush_.clear();
  // What was deferred may own streams and timers; destroying them must not defer again into this list.
  const auto dropped = std::exchange(deferred_, {});
}

MonoTime SimLoop::now() const {
  // Now and then something has taken long, and the turn is over (TurnShare). The clock of a busy loop must
  // not run away from the others', though.
  const bool is_slow =
      slowness_.one_in(kSlowReading) && last_reading_ - process_.local_time(sim_.now()) < kSlow;
  last_reading_ += is_slow ? kSlow : std::chrono::microseconds(1);
  return last_reading_;
}

UnixMs SimLoop::wall_ms() const {
  return kWallStartMs + turn_time_.time_since_epoch().count() / 1000 + process_.options().wall_skew_ms;
}

void SimLoop::run_turn(const std::function<void()>& callback) {
  INVARIANT(!in_turn_);
  in_turn_ = true;
  const MonoTime now = std::max(process_.local_time(sim_.now()), last_reading_);
  if (!turn_began_) turn_time_ = now;
  last_reading_ = now;
  SimLoop* const outer = sim_.enter_loop(this);
  callback();
  end_turn();
  sim_.enter_loop(outer);
  in_turn_ = false;
  if (process_.after_turn) process_.after_turn();
}

void SimLoop::begin_turn_early() {
  turn_time_ = last_reading_ = std::max(process_.local_time(sim_.now()), last_reading_);
  turn_began_ = true;
}

void SimLoop::end_turn() {
  std::size_t runs = 0;
  while (!deferred_.empty()) {
    const auto tasks = std::exchange(deferred_, {});
    for (const auto& task : tasks) task();
    runs += tasks.size();
    if (runs > kDefersPerTurnMax) {
      sim_.violation(name_ + ": a turn does not end: it keeps deferring");
      deferred_.clear();
    }
  }
  // Sending calls nobody back, but be safe against a list that changes.
  const auto streams = std::exchange(to_flush_, {});
  for (SimStream* stream : streams) stream->send_output();
}

void SimLoop::flush_later(SimStream& stream) {
  if (!alive_) return;
  to_flush_.push_back(&stream);
  // Outside of a turn (while a program is being built) an empty turn follows, which sends.
  if (!in_turn_) post([] {});
}

void SimLoop::forget(SimStream& stream) {
  std::erase(to_flush_, &stream);
}

void SimLoop::check_on_loop(const char* what) {
  const SimLoop* current = sim_.current_loop();
  if (current == nullptr || current == this || !alive_) return;
  // One program starts and ends from its control loop, while its other loops do not run.
  if (sim_.starting_or_ending()) return;
  sim_.violation(name_ + ": " + what + " was called from loop " + current->name());
}

std::unique_ptr<Timer> SimLoop::make_timer(std::function<void()> on_fire) {
  check_on_loop("make_timer");
  return std::make_unique<SimTimer>(*this, std::move(on_fire));
}

void SimLoop::defer(std::function<void()> task) {
  check_on_loop("defer");
  if (!alive_) return;
  deferred_.push_back(std::move(task));
  if (!in_turn_) post([] {});
}

void SimLoop::post(std::function<void()> task) {
  if (!alive_) return;
  // Tasks arrive in the order in which they were posted.
  last_post_ = std::max(last_post_, sim_.now() + std::chrono::microseconds(chaos_.between(1, 30)));
  sim_.push(last_post_, this, [this, shared = std::make_shared<std::function<void()>>(std::move(task))] {
    sim_.enter(*this, EventKind::kPost, 0, {}, [shared] { (*shared)(); });
  });
}

}  // namespace ringhold::sim

#include "tests/sim/world/sim_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringhold::sim {

namespace {
// More events than this at one instant: something feeds on itself.
constexpr std::uint64_t kEventsPerInstantMax = 20000;
// A run is a few hundred thousand events; this many is a loop that never rests.
constexpr std::uint64_t kEventsMax = 50000000;
}  // namespace

SimWorld::SimWorld(std::uint64_t seed) : seed_(seed), fabric_(*this) {}

SimWorld::~SimWorld() {
  queue_.clear();
  for (const auto& loop : loops_) loop->end_life();
}

SimProcess& SimWorld::add_process(ProcessOptions options) {
  const auto number = static_cast<std::uint32_t>(processes_.size());
  return *processes_.emplace_back(std::make_unique<SimProcess>(*this, number, std::move(options)));
}

SimProcess* SimWorld::process_at(std::string_view host) const {
  const auto it = std::find_if(processes_.begin(), processes_.end(),
                               [&](const auto& process) { return process->host() == host; });
  return it == processes_.end() ? nullptr : it->get();
}

SimLoop& SimWorld::add_loop(SimProcess& process, const std::string& name) {
  const auto number = static_cast<std::uint32_t>(loops_.size()) + 1;
  return *loops_.emplace_back(std::make_unique<SimLoop>(*this, process, number, name));
}

void SimWorld::after(std::chrono::microseconds delay, std::function<void()> action) {
  push(now_ + delay, nullptr, [this, action = std::move(action)] {
    trace_.record(now_, 0, EventKind::kScenario, 0, {});
    action();
  });
}

void SimWorld::run_on(SimLoop& loop, const std::function<void()>& code) {
  trace_.record(now_, loop.number(), EventKind::kStart, 0, {});
  loop.run_turn(code);
}

void SimWorld::start_or_end(const std::function<void()>& code) {
  const bool outer = std::exchange(starting_or_ending_, true);
  code();
  starting_or_ending_ = outer;
}

void SimWorld::push(MonoTime time, const SimLoop* loop, std::function<void()> run) {
  if (loop != nullptr && !loop->alive()) return;
  queue_.push(std::max(time, now_), loop, std::move(run));
}

void SimWorld::enter(SimLoop& loop, EventKind kind, std::uint64_t detail, std::string_view bytes,
                     std::function<void()> callback) {
  if (!loop.alive()) return;
  if (loop.process().begins_pause()) loop.process().stop_in_turn(loop);
  if (loop.process().holds()) {
    loop.process().hold([this, &loop, kind, detail, kept = std::string(bytes),
                         callback = std::move(callback)] { enter(loop, kind, detail, kept, callback); });
    return;
  }
  trace_.record(now_, loop.number(), kind, detail, bytes);
  loop.run_turn(callback);
}

SimLoop* SimWorld::enter_loop(SimLoop* loop) {
  return std::exchange(current_loop_, loop);
}

void SimWorld::step() {
  const Event event = queue_.pop();
  if (event.time != now_) events_at_now_ = 0;
  now_ = event.time;
  if (++events_at_now_ > kEventsPerInstantMax)
    violation("time stands still: events beget events at one instant");
  if (trace_.events() > kEventsMax) violation("the run does not come to an end: too many events");
  event.run();
}

void SimWorld::run_for(std::chrono::microseconds duration) {
  run_until([] { return false; }, duration);
}

bool SimWorld::run_until(const std::function<bool()>& done, std::chrono::microseconds bound) {
  const MonoTime end = now_ + bound;
  while (violations_.empty()) {
    if (done()) return true;
    if (queue_.empty() || queue_.next_time() > end) {
      now_ = std::max(now_, end);
      return false;
    }
    step();
  }
  return false;
}

void SimWorld::violation(std::string text) {
  const double seconds = static_cast<double>(now_.time_since_epoch().count()) / 1e6 - 1000;
  violations_.push_back(fmt::format("at {:.6f} s: {}", seconds, text));
}

}  // namespace ringhold::sim

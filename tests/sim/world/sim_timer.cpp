#include "tests/sim/world/sim_timer.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "tests/sim/world/process.h"
#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

SimTimer::SimTimer(SimLoop& loop, std::function<void()> on_fire)
    : state_(std::make_shared<State>(State{loop, std::move(on_fire), false, {}, {}})) {
  ++loop.live_timers;
}

SimTimer::~SimTimer() {
  state_->active = false;
  --state_->loop.live_timers;
}

void SimTimer::start(std::chrono::microseconds delay) {
  INVARIANT(delay.count() >= 0);
  state_->loop.check_on_loop("Timer::start");
  state_->active = true;
  state_->due = state_->loop.turn_time() + delay;
  const MonoTime at = state_->loop.process().world_time(state_->due);
  if (state_->queued == MonoTime{} || state_->queued > at) queue(state_);
}

void SimTimer::stop() {
  state_->loop.check_on_loop("Timer::stop");
  state_->active = false;
}

void SimTimer::queue(const std::shared_ptr<State>& state) {
  const MonoTime at = std::max(state->loop.process().world_time(state->due), state->loop.sim().now());
  state->queued = at;
  state->loop.sim().push(at, &state->loop, [state, at] { wake(state, at); });
}

void SimTimer::wake(const std::shared_ptr<State>& state, MonoTime queued) {
  if (state->queued == queued) state->queued = MonoTime{};
  if (!state->active) return;
  if (state->loop.process().world_time(state->due) > queued) {
    if (state->queued == MonoTime{}) queue(state);
    return;
  }
  SimLoop& loop = state->loop;
  loop.sim().enter(loop, EventKind::kTimer, 0, {}, [state] {
    // While the process was paused the timer may have been stopped or started again by what ran before.
    if (!state->active) return;
    if (state->due > state->loop.turn_time()) {
      // By the clock of a turn that began long ago it is not time yet.
      if (state->queued == MonoTime{}) queue(state);
      return;
    }
    state->active = false;
    state->on_fire();  // may destroy the timer; the state is kept by this closure
  });
}

}  // namespace ringhold::sim

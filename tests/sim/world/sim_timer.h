// One timer of a simulated loop.
#pragma once

#include <functional>
#include <memory>

#include "common/reactor/clock.h"
#include "common/reactor/scheduler.h"

namespace ringhold::sim {

class SimLoop;

class SimTimer final : public Timer {
 public:
  SimTimer(SimLoop& loop, std::function<void()> on_fire);
  ~SimTimer() override;
  SimTimer(const SimTimer&) = delete;
  SimTimer& operator=(const SimTimer&) = delete;

  void start(std::chrono::microseconds delay) override;
  void stop() override;
  bool active() const override { return state_->active; }

 private:
  // Shared with the event that will wake it, which may outlive the timer.
  struct State {
    SimLoop& loop;
    std::function<void()> on_fire;
    bool active = false;
    MonoTime due{};
    MonoTime queued{};  // when the earliest queued event comes; none if it is zero
  };
  // A timer that is started again to a later time keeps its queued event, which then goes on to the new time:
  // so a deadline that moves with every request costs nothing.
  static void queue(const std::shared_ptr<State>& state);
  static void wake(const std::shared_ptr<State>& state, MonoTime queued);

  std::shared_ptr<State> state_;
};

}  // namespace ringhold::sim

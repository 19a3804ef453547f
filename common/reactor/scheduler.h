// Work that happens later on this loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace ringhold {

// One timer; owned by who needs it. Destroying it cancels it. Its callback may restart, stop or destroy it.
class Timer {
 public:
  virtual ~Timer() = default;
  // Fires once after `delay` (>= 0), replacing what was set before.
  virtual void start(std::chrono::microseconds delay) = 0;
  virtual void stop() = 0;
  virtual bool active() const = 0;
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  virtual std::unique_ptr<Timer> make_timer(std::function<void()> on_fire) = 0;
  // Runs `task` later in this loop turn, when the current callback has returned and before streams are
  // flushed. This is how things are destroyed that may be on the stack. Loop thread only.
  virtual void defer(std::function<void()> task) = 0;
  // Runs `task` on this loop in a later turn. The one call that any thread may make.
  virtual void post(std::function<void()> task) = 0;
};

}  // namespace ringhold

// A Timer on a libuv timer. The libuv handle frees itself in its close callback; this object may go any time.
#pragma once

#include <functional>
#include <memory>

#include "common/net/loop.h"
#include "common/reactor/scheduler.h"

namespace ringhold {

class UvTimer final : public Timer {
 public:
  UvTimer(Loop& loop, std::function<void()> on_fire);
  ~UvTimer() override;

  // Never fires early: the delay is rounded up to libuv's milliseconds.
  void start(std::chrono::microseconds delay) override;
  void stop() override;
  bool active() const override;

 private:
  struct Handle;

  Handle* handle_;  // owned by the loop until its close callback
};

}  // namespace ringhold

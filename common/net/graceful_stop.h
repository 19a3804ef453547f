// GracefulStop: SIGTERM and SIGINT end a server in good order, within a bound.
//
// The first signal, or request(), calls `stop`, which calls back when all is done; then the loop stops and
// the process ends with 0. If that takes longer than the bound, or a second signal comes, the process ends at
// once with 1.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "common/net/loop.h"
#include "common/net/process.h"

namespace ringhold {

class GracefulStop {
 public:
  using Done = std::function<void()>;

  GracefulStop(Loop& loop, std::function<void(Done)> stop, std::chrono::milliseconds limit);

  // Loop thread only. Does nothing the second time.
  void request();

 private:
  void on_signal();

  Loop& loop_;
  std::function<void(Done)> stop_;
  std::chrono::milliseconds limit_;
  std::unique_ptr<Timer> timer_;
  SignalWatch signals_;
  bool requested_ = false;
};

}  // namespace ringhold

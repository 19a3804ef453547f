#include "common/net/graceful_stop.h"

#include <csignal>
#include <cstdlib>
#include <utility>

#include "common/base/log.h"

namespace ringhold {

namespace {

// Other threads may still run, so nothing is taken down in order.
[[noreturn]] void end_at_once() {
  std::_Exit(1);
}

}  // namespace

GracefulStop::GracefulStop(Loop& loop, std::function<void(Done)> stop, std::chrono::milliseconds limit)
    : loop_(loop), stop_(std::move(stop)), limit_(limit), signals_(loop) {
  timer_ = loop_.make_timer([this] {
    log::error("stopping took longer than {} ms; ending with work undone", limit_.count());
    end_at_once();
  });
  signals_.on(SIGTERM, [this] { on_signal(); });
  signals_.on(SIGINT, [this] { on_signal(); });
}

void GracefulStop::on_signal() {
  if (requested_) {
    log::error("a second signal: ending with work undone");
    end_at_once();
  }
  log::info("stopping: what is in flight is finished first");
  request();
}

void GracefulStop::request() {
  if (std::exchange(requested_, true)) return;
  timer_->start(limit_);
  stop_([this] {
    timer_->stop();
    loop_.stop();
  });
}

}  // namespace ringhold

#include "common/net/uv_timer.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace ringhold {

namespace {

constexpr std::uint64_t kNsPerMs = 1000000;

}  // namespace

struct UvTimer::Handle {
  uv_timer_t uv{};
  Loop* loop = nullptr;
  // Shared so that a callback that destroys its timer can still return.
  std::shared_ptr<std::function<void()>> on_fire;
};

UvTimer::UvTimer(Loop& loop, std::function<void()> on_fire) : handle_(new Handle) {
  handle_->loop = &loop;
  handle_->on_fire = std::make_shared<std::function<void()>>(std::move(on_fire));
  INVARIANT(uv_timer_init(loop.uv(), &handle_->uv) == 0);
  handle_->uv.data = handle_;
}

UvTimer::~UvTimer() {
  handle_->on_fire.reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv),
           [](uv_handle_t* uv) { delete static_cast<Handle*>(uv->data); });
}

void UvTimer::start(std::chrono::microseconds delay) {
  // libuv counts whole milliseconds of its own clock from the last one that it has seen; the part of the
  // current one that is over already must not be lost.
  uv_update_time(handle_->loop->uv());
  const auto delay_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0)) * 1000;
  // At least one: libuv would run a timer that restarts itself with 0 for ever, and nothing else.
  const std::uint64_t wait_ms =
      std::max<std::uint64_t>((delay_ns + uv_hrtime() % kNsPerMs + kNsPerMs - 1) / kNsPerMs, 1);
  const auto fire = [](uv_timer_t* uv) {
    auto* handle = static_cast<Handle*>(uv->data);
    const CallbackScope scope(*handle->loop);
    const auto on_fire = handle->on_fire;
    if (on_fire) (*on_fire)();
  };
  INVARIANT(uv_timer_start(&handle_->uv, fire, wait_ms, 0) == 0);
}

void UvTimer::stop() {
  uv_timer_stop(&handle_->uv);
}

bool UvTimer::active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(&handle_->uv)) != 0;
}

}  // namespace ringhold

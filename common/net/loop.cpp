#include "common/net/loop.h"

#include <ctime>
#include <utility>

#include "common/base/check.h"
#include "common/net/uv_timer.h"

namespace ringhold {

namespace {

std::chrono::microseconds read_clock(clockid_t id) {
  timespec at{};
  INVARIANT(clock_gettime(id, &at) == 0);
  return std::chrono::seconds(at.tv_sec) + std::chrono::microseconds(at.tv_nsec / 1000);
}

template <typename Handle>
Loop& loop_of(Handle* handle) {
  return *static_cast<Loop*>(handle->data);
}

}  // namespace

Loop::Loop() {
  INVARIANT(uv_loop_init(&uv_) == 0);
  INVARIANT(uv_prepare_init(&uv_, &prepare_) == 0);
  INVARIANT(uv_check_init(&uv_, &check_) == 0);
  INVARIANT(uv_idle_init(&uv_, &idle_) == 0);
  uv_.data = this;
  prepare_.data = check_.data = idle_.data = async_.data = this;
  INVARIANT(uv_async_init(&uv_, &async_, [](uv_async_t* async) { loop_of(async).run_posted(); }) == 0);
  // Timers and closings may have produced output: out with it before the loop waits. What happens after the
  // wait is a new turn with a new time.
  uv_prepare_start(&prepare_, [](uv_prepare_t* prepare) {
    loop_of(prepare).flush();
    loop_of(prepare).stale_ = true;
  });
  uv_check_start(&check_, [](uv_check_t* check) {
    loop_of(check).flush();
    loop_of(check).stale_ = true;
  });
}

Loop::~Loop() {
  // A task may own a stream, which closes its handles, which is work for the last run below.
  drop_tasks();
  flush_hook_ = nullptr;
  close_handles();
  // Requests to the disk are waited for, also if somebody has said stop() to a loop that was not running.
  while (uv_run(&uv_, UV_RUN_DEFAULT) != 0) {
  }
  std::exchange(buried_, {});
  INVARIANT(uv_loop_close(&uv_) == 0);  // else something that hung on this loop has outlived it
}

void Loop::drop_tasks() {
  while (!deferred_.empty() || !posted_.empty() || !buried_.empty()) {
    std::exchange(deferred_, {});
    std::exchange(posted_, {});
    std::exchange(buried_, {});
  }
}

void Loop::close_handles() {
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&check_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&idle_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
}

void Loop::run() {
  uv_run(&uv_, UV_RUN_DEFAULT);
}

void Loop::refresh() const {
  turn_time_ = MonoTime(read_clock(CLOCK_BOOTTIME));
  wall_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(read_clock(CLOCK_REALTIME)).count();
  stale_ = false;
}

MonoTime Loop::turn_time() const {
  if (stale_) refresh();
  return turn_time_;
}

MonoTime Loop::now() const {
  return MonoTime(read_clock(CLOCK_BOOTTIME));
}

UnixMs Loop::wall_ms() const {
  if (stale_) refresh();
  return wall_ms_;
}

std::unique_ptr<Timer> Loop::make_timer(std::function<void()> on_fire) {
  return std::make_unique<UvTimer>(*this, std::move(on_fire));
}

void Loop::post(std::function<void()> task) {
  {
    const std::scoped_lock lock(posted_mutex_);
    posted_.push_back(std::move(task));
  }
  uv_async_send(&async_);
}

void Loop::run_posted() {
  const CallbackScope scope(*this);
  std::vector<std::function<void()>> tasks;
  {
    const std::scoped_lock lock(posted_mutex_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) {
    task();
    leave();  // each one is a callback of its own
  }
}

void Loop::drain() {
  if (draining_) return;
  draining_ = true;
  // Tasks may defer more tasks; those run in the same turn too.
  while (!deferred_.empty()) {
    auto tasks = std::exchange(deferred_, {});
    for (auto& task : tasks) {
      task();
      task = nullptr;  // what it held goes before the next one runs
    }
  }
  while (!buried_.empty()) std::exchange(buried_, {});
  draining_ = false;
}

void Loop::flush() {
  leave();  // what was deferred outside of any callback, for instance before the loop ran
  if (flush_hook_) flush_hook_();
  leave();
}

void Loop::want_turn() {
  uv_idle_start(&idle_, [](uv_idle_t* idle) { uv_idle_stop(idle); });
}

}  // namespace ringhold

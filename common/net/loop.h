// Loop: one libuv loop with its clock and scheduler. Everything real that runs on one thread hangs on one
// Loop.
//
// A turn is what happens between two waits for the kernel. Whatever libuv calls enters through a
// CallbackScope; when it ends, deferred tasks run; before the loop waits again, and once after all events of
// a wait were handled, the flush hook runs (common/net/uv_network.h sends what the turn has produced).
//
// Life: made and destroyed while its thread is not running it. All that uses it (timers, streams, listeners)
// is gone before it; deferred and posted tasks that have not run are dropped. Only post() may be called from
// other threads.
#pragma once

#include <uv.h>

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "common/base/limits.h"
#include "common/reactor/clock.h"
#include "common/reactor/scheduler.h"

namespace ringhold {

class Loop final : public Clock, public Scheduler {
 public:
  Loop();
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). May be called again.
  void run();
  // Loop thread only; from another thread: post([&loop] { loop.stop(); }).
  void stop() { uv_stop(&uv_); }
  // Waits for at most one batch of events and handles it. For tests, which look at conditions in between.
  void run_once() { uv_run(&uv_, UV_RUN_ONCE); }
  // Drops the tasks that have not run, with what they own. Only while nobody runs the loop.
  void drop_tasks();

  // Clock
  MonoTime turn_time() const override;
  MonoTime now() const override;
  UnixMs wall_ms() const override;

  // Scheduler
  std::unique_ptr<Timer> make_timer(std::function<void()> on_fire) override;
  void defer(std::function<void()> task) override { deferred_.push_back(std::move(task)); }
  void post(std::function<void()> task) override;

  // For the parts of common/net.
  static Loop& of(const uv_loop_t* uv) { return *static_cast<Loop*>(uv->data); }
  uv_loop_t* uv() { return &uv_; }
  // Keeps `object` until whatever callback is on the stack has returned.
  void bury(std::shared_ptr<void> object) { buried_.push_back(std::move(object)); }
  void set_flush_hook(std::function<void()> hook) { flush_hook_ = std::move(hook); }
  // The next wait for events is a mere look: there is more to do.
  void want_turn();
  // Where sockets are read into; its content is gone with the next read of any stream.
  uv_buf_t read_buffer() {
    return uv_buf_init(read_buffer_.data(), static_cast<unsigned>(read_buffer_.size()));
  }

 private:
  friend class CallbackScope;

  void enter() {
    if (stale_) refresh();
  }
  void leave() {
    if (!deferred_.empty() || !buried_.empty()) drain();
  }
  void refresh() const;
  void drain();
  void run_posted();
  void flush();
  void close_handles();

  uv_loop_t uv_{};
  uv_prepare_t prepare_{};
  uv_check_t check_{};
  uv_idle_t idle_{};
  uv_async_t async_{};
  bool draining_ = false;

  mutable bool stale_ = true;  // the clocks have to be read again
  mutable MonoTime turn_time_{};
  mutable UnixMs wall_ms_ = 0;

  std::vector<std::function<void()>> deferred_;
  std::vector<std::shared_ptr<void>> buried_;
  std::function<void()> flush_hook_;

  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;

  std::array<char, limits::kReadChunkBytes> read_buffer_;
};

// Stands on the stack of every function that libuv calls.
class CallbackScope {
 public:
  explicit CallbackScope(Loop& loop) : loop_(loop) { loop_.enter(); }
  ~CallbackScope() { loop_.leave(); }
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;

 private:
  Loop& loop_;
};

}  // namespace ringhold

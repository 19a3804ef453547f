#include "common/net/process.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <utility>

#include "common/base/check.h"

namespace ringhold {

void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ,
              SIG_IGN);  // a file at its size limit (ulimit -f) is an error of the write, like a full disk
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int>::max();
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max()));
}

struct SignalWatch::Handle {
  uv_signal_t uv{};
  Loop* loop = nullptr;
  std::function<void()> callback;
};

SignalWatch::~SignalWatch() {
  for (Handle* handle : handles_) {
    handle->callback = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle->uv),
             [](uv_handle_t* uv) { delete static_cast<Handle*>(uv->data); });
  }
}

void SignalWatch::on(int signal, std::function<void()> callback) {
  auto* handle = new Handle;
  handle->loop = &loop_;
  handle->callback = std::move(callback);
  handle->uv.data = handle;
  INVARIANT(uv_signal_init(loop_.uv(), &handle->uv) == 0);
  const auto arrived = [](uv_signal_t* uv, int /*number*/) {
    auto* self = static_cast<Handle*>(uv->data);
    const CallbackScope scope(*self->loop);
    const auto call = self->callback;  // a copy: it may destroy the watch
    if (call) call();
  };
  INVARIANT(uv_signal_start(&handle->uv, arrived, signal) == 0);
  handles_.push_back(handle);
}

}  // namespace ringhold

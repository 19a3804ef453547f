// What concerns the process as a whole: signals and the limit of open files.
#pragma once

#include <uv.h>

#include <functional>
#include <vector>

#include "common/net/loop.h"

namespace ringhold {

// Call first in main: ignores SIGPIPE and SIGXFSZ, and raises the limit of open files as far as it may be.
void prepare_process();

// How many descriptors this process may have.
int descriptor_limit();

// Calls back on the loop when a signal arrives.
class SignalWatch {
 public:
  explicit SignalWatch(Loop& loop) : loop_(loop) {}
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  void on(int signal, std::function<void()> callback);

 private:
  struct Handle;

  Loop& loop_;
  std::vector<Handle*> handles_;  // owned by the loop until their close callbacks
};

}  // namespace ringhold

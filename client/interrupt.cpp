#include "client/interrupt.h"

#include <signal.h>

namespace ringhold::client {

namespace {

std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int /*signal*/) {
  g_interrupted.store(true);
}

}  // namespace

std::atomic<bool>& interrupted() {
  return g_interrupted;
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = &on_interrupt;
  sigaction(SIGINT, &action, nullptr);  // without SA_RESTART: a write to a slow terminal ends, too
}

}  // namespace ringhold::client

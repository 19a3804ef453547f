// Ctrl-C as a flag that whatever takes long looks at.
#pragma once

#include <atomic>

namespace ringhold::client {

// True after a SIGINT, until it is reset. The one global, because a signal handler has no other way.
std::atomic<bool>& interrupted();

// From now on SIGINT sets the flag instead of ending the program.
void catch_interrupts();

}  // namespace ringhold::client

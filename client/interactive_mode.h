// The client with a person in front of it.
#pragma once

#include "client/session.h"

namespace ringhold::client {

// Reads commands with line editing until quit, exit or Ctrl-D. A lost connection is made again at the next
// command. Error replies are shown and do not matter for the exit code.
int run_interactive(const Session& session);

}  // namespace ringhold::client

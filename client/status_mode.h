// `ringhold status`.
#pragma once

#include <chrono>

#include "client/session.h"

namespace ringhold::client {

// Asks the server for CLUSTER STATUS and prints it: with kJson the document as it came, else a table. The
// exit code is 0 if the server answered, whatever the answer says: scripts that care read --json.
int run_status(const Session& session);

// The same again and again until Ctrl-C (or q): on a terminal in place, on a screen of its own that leaves
// the last picture behind; elsewhere one after the other. A server that does not answer is asked again.
int watch_status(const Session& session, std::chrono::milliseconds interval);

}  // namespace ringhold::client

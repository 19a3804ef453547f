// `ringhold status`.
#pragma once

#include "client/session.h"

namespace ringhold::client {

// Asks the server for CLUSTER STATUS and prints it: with kJson the document as it came, else a table. The
// exit code is 0 if the server answered, whatever the answer says: scripts that care read --json.
int run_status(const Session& session);

}  // namespace ringhold::client

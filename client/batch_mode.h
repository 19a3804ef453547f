// The ways to run without a person: one command from the command line, or many from a pipe.
#pragma once

#include <string>
#include <vector>

#include "client/session.h"

namespace ringhold::client {

// `ringhold COMMAND ARG...`: the exit code.
int run_one_shot(const Session& session, const std::vector<std::string>& args);

// Commands from the file descriptor `input`, one per line, quoted as in redis-cli. What one read brings is
// sent as one pipeline, so a slow writer gets each reply at once and a fast one full speed. Ends at the
// input's end or at `quit`. The exit code is 1 if any reply was an error or a line could not be read.
int run_piped(const Session& session, int input);

}  // namespace ringhold::client

// The ways to run without a person: one command from the command line, or many from a pipe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "client/session.h"

namespace ringhold::client {

struct Repetition {
  std::uint32_t count = 1;
  std::chrono::milliseconds interval{0};
};

// `ringhold COMMAND ARG...`: the exit code, which is 1 if any reply was an error.
int run_one_shot(const Session& session, const std::vector<std::string>& args, const Repetition& repetition);

// Commands from the file descriptor `input`, one per line, quoted as in redis-cli. They are sent ahead of
// their replies as long as input is there, so a slow writer gets each reply at once and a fast one full
// speed. Ends at the input's end or at `quit`. Errors are told on stderr with their line, the first ones one
// by one; the exit code is 1 if any reply was an error or a line could not be read.
int run_piped(const Session& session, int input);

}  // namespace ringhold::client

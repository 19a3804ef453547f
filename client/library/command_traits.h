// What the client library has to know about a command, from the same table as the servers. A command that the
// table does not hold is taken for one that writes, and that changes its connection.
#pragma once

#include <span>
#include <string>

namespace ringhold::client {

struct CommandTraits {
  bool repeatable = false;    // only reads, so it may be sent again when its reply was lost
  bool leaves_state = false;  // may change what its connection remembers (CLIENT SETNAME)
  bool waits = false;         // may wait on purpose, longer than any time-out (BLPOP)
  bool operator==(const CommandTraits&) const = default;
};
CommandTraits traits_of(std::span<const std::string> args);

}  // namespace ringhold::client

// What a person typed, or a pipe sent, on one line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace ringhold::client {

struct TypedCommand {
  std::vector<std::string> args;  // empty: nothing was typed
  std::uint32_t repeat = 1;       // "5 incr x"
};

// Splits a line as redis-cli does. Unbalanced quotes, and a repeat prefix out of range, are errors.
Result<TypedCommand> parse_typed_command(std::string_view line);

// Whether a command bears a password, and so must not be remembered: AUTH, HELLO ... AUTH, CONFIG SET of a
// password, ACL SETUSER, MIGRATE ... AUTH.
bool bears_password(std::span<const std::string> args);
// The same for a line that could not be split: any trace of one counts.
bool may_bear_password(std::string_view line);

}  // namespace ringhold::client

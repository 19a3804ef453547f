// The errors for requests that name no command, word for word Redis 7.0's: clients compare them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/command/command_table.h"

namespace ringhold {

// "ERR unknown command 'foo', with args beginning with: 'a' 'b' "; what is quoted is cut after 128 bytes.
std::string unknown_command_error(std::span<const std::string_view> args);
// "ERR unknown subcommand 'x'. Try CONFIG HELP."
std::string unknown_subcommand_error(std::span<const std::string_view> args);
// "ERR wrong number of arguments for 'config|get' command"
std::string arity_error(const CommandRow& row);

}  // namespace ringhold

// What TAB offers: names of commands and subcommands, from the command table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringhold::client {

// Candidates for the last word of `line`, sorted, in the case in which the word was begun. None for anything
// but names.
std::vector<std::string> complete_command(std::string_view line);

}  // namespace ringhold::client

// What Tab offers and what a hint says, from the command table: names of commands and subcommands, the words
// of their options, and what is still to be typed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ringhold::client {

struct Completion {
  std::size_t typed = 0;           // bytes of the word that is being typed
  std::vector<std::string> words;  // what may stand in its place: sorted, in the case of what was typed
};

// For the last word of `line`, which is empty behind a blank. None where a key or another value stands.
Completion complete_command(std::string_view line);

// What may follow `line`, to be shown behind it: begins with a blank if the line does not end in one. Empty
// as long as no command's name is complete, and for commands that the table does not have.
std::string hint_for(std::string_view line);

}  // namespace ringhold::client

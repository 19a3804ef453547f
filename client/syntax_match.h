// What may follow the arguments that were typed, by the syntax of a command: for hints and for completion.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/command/syntax.h"

namespace ringhold::client {

struct SyntaxRest {
  std::string text;                      // in the grammar of the table: "value [NX | XX]"
  std::vector<std::string_view> tokens;  // which of them may stand next; views into the nodes
  std::string_view value;                // the value that may stand next ("key"); empty: none
};

// Options that may be left out are taken in any order, as the servers take them. Arguments that do not fit
// leave nothing to say.
SyntaxRest rest_of_syntax(const std::vector<SyntaxNode>& nodes, std::span<const std::string_view> args);

}  // namespace ringhold::client

// The grammar of CommandRow::syntax, and its reader: what COMMAND DOCS says about arguments comes from the
// line that HELP shows, so that they cannot disagree.
//
//   key value               words with a lower-case letter stand for values
//   EX KEEPTTL 0            words without one are tokens, to be written as they are
//   [...]                   may be left out
//   A | B                   one of them, within brackets
//   <A | B>                 one of them, which may not be left out
//   key [key ...]           one or more keys; "key value [key value ...]" likewise in pairs
//   [EX seconds | KEEPTTL]  a token before values belongs to them
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringhold {

struct SyntaxNode {
  enum class Kind { kValue, kToken, kOneOf, kBlock };
  Kind kind = Kind::kValue;
  std::string name;   // of a value as it stands; of a token in lower case; else the children's, joined by '_'
  std::string token;  // what is written before it, or (kToken) is it; empty: nothing
  bool optional = false;
  bool multiple = false;
  std::vector<SyntaxNode> children;  // kOneOf, kBlock
};

// Precondition: `syntax` follows the grammar (the table's tests see to that).
std::vector<SyntaxNode> parse_syntax(std::string_view syntax);

}  // namespace ringhold

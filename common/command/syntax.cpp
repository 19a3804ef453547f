#include "common/command/syntax.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/text.h"

namespace ringhold {
namespace {

using Nodes = std::vector<SyntaxNode>;
using Kind = SyntaxNode::Kind;

constexpr std::string_view kMarks = "[]<>|";

bool is_token(std::string_view word) {
  return std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string joined_names(const Nodes& nodes) {
  std::string joined;
  for (const SyntaxNode& node : nodes) {
    if (!joined.empty()) joined += '_';
    joined += node.name;
  }
  return joined;
}

SyntaxNode group(Kind kind, Nodes children) {
  SyntaxNode node;
  node.kind = kind;
  node.name = joined_names(children);
  node.children = std::move(children);
  return node;
}

bool same_shape(const SyntaxNode& a, const SyntaxNode& b) {
  return a.kind == b.kind && a.name == b.name && a.token == b.token;
}

// A sequence within brackets becomes one node; a token at its front belongs to what follows.
SyntaxNode fold(Nodes sequence) {
  INVARIANT(!sequence.empty());
  if (sequence.size() == 1) return std::move(sequence.front());
  if (sequence.front().kind != Kind::kToken) return group(Kind::kBlock, std::move(sequence));
  std::string token = std::move(sequence.front().token);
  sequence.erase(sequence.begin());
  SyntaxNode node = fold(std::move(sequence));
  node.token = std::move(token);
  return node;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Nodes sequence() {
    Nodes nodes;
    for (skip_blanks(); !rest_.empty() && !at('|') && !at(']') && !at('>'); skip_blanks()) {
      if (at('[')) {
        optional(nodes);
      } else if (at('<')) {
        nodes.push_back(alternatives('>'));
      } else {
        nodes.push_back(word());
      }
    }
    return nodes;
  }

  bool done() const { return rest_.empty(); }

 private:
  bool at(char mark) const { return !rest_.empty() && rest_.front() == mark; }
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  void expect(char mark) {
    INVARIANT(at(mark));
    rest_.remove_prefix(1);
  }

  SyntaxNode word() {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] != ' ' && kMarks.find(rest_[size]) == std::string_view::npos)
      ++size;
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    SyntaxNode node;
    node.name = to_lower(text);
    if (is_token(text)) {
      node.kind = Kind::kToken;
      node.token = text;
    }
    return node;
  }

  // "<A | B>" or "[A | B]", from its first mark on.
  SyntaxNode alternatives(char end) {
    rest_.remove_prefix(1);
    Nodes choices;
    choices.push_back(fold(sequence()));
    while (at('|')) {
      expect('|');
      choices.push_back(fold(sequence()));
    }
    expect(end);
    return choices.size() == 1 ? std::move(choices.front()) : group(Kind::kOneOf, std::move(choices));
  }

  // "[...]": something that may be left out; or "[X ...]" behind X, which says that X may be repeated.
  void optional(Nodes& before) {
    const std::string_view inside = rest_.substr(0, rest_.find(']'));
    if (inside.substr(1).find('[') == std::string_view::npos && inside.size() > 3 &&
        inside.substr(inside.size() - 3) == "...") {
      repeat(inside.substr(1, inside.size() - 4), before);
      rest_.remove_prefix(inside.size());
      expect(']');
      return;
    }
    SyntaxNode node = alternatives(']');
    node.optional = true;
    before.push_back(std::move(node));
  }

  static void repeat(std::string_view what, Nodes& before) {
    Nodes repeated = Reader(what).sequence();
    INVARIANT(!repeated.empty() && repeated.size() <= before.size());
    const auto first = before.end() - static_cast<std::ptrdiff_t>(repeated.size());
    INVARIANT(std::equal(first, before.end(), repeated.begin(), same_shape));
    before.erase(first, before.end());
    SyntaxNode node =
        repeated.size() == 1 ? std::move(repeated.front()) : group(Kind::kBlock, std::move(repeated));
    node.multiple = true;
    before.push_back(std::move(node));
  }

  std::string_view rest_;
};

}  // namespace

std::vector<SyntaxNode> parse_syntax(std::string_view syntax) {
  Reader reader(syntax);
  std::vector<SyntaxNode> nodes = reader.sequence();
  INVARIANT(reader.done());
  return nodes;
}

}  // namespace ringhold

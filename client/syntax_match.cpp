#include "client/syntax_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/text.h"

namespace ringhold::client {

namespace {

using Nodes = std::vector<SyntaxNode>;
using Kind = SyntaxNode::Kind;

std::string render(const SyntaxNode& node);

void append_word(std::string& text, std::string_view word) {
  if (word.empty()) return;
  if (!text.empty()) text += ' ';
  text += word;
}

std::string render_all(std::span<const SyntaxNode> nodes) {
  std::string text;
  for (const SyntaxNode& node : nodes) append_word(text, render(node));
  return text;
}

// Without its token, its brackets and its repetition.
std::string render_body(const SyntaxNode& node) {
  switch (node.kind) {
    case Kind::kValue:
      return node.name;
    case Kind::kToken:
      return node.token;
    case Kind::kBlock:
      return render_all(node.children);
    case Kind::kOneOf:
      break;
  }
  std::string text;
  for (const SyntaxNode& child : node.children) text += (text.empty() ? "" : " | ") + render(child);
  return text;
}

std::string render(const SyntaxNode& node) {
  std::string text = node.kind == Kind::kToken ? "" : node.token;
  std::string body = render_body(node);
  if (node.kind == Kind::kOneOf && (!node.optional || !text.empty())) body = fmt::format("<{}>", body);
  append_word(text, body);
  if (node.multiple) text += fmt::format(" [{} ...]", body);  // its token is written once
  return node.optional ? fmt::format("[{}]", text) : text;
}

// What may stand first in a node.
void collect_starts(const SyntaxNode& node, SyntaxRest& rest) {
  if (!node.token.empty()) {
    rest.tokens.push_back(node.token);
  } else if (node.kind == Kind::kValue) {
    if (rest.value.empty()) rest.value = node.name;
  } else if (node.kind == Kind::kOneOf) {
    for (const SyntaxNode& child : node.children) collect_starts(child, rest);
  } else {
    for (const SyntaxNode& child : node.children) {
      collect_starts(child, rest);
      if (!child.optional) return;
    }
  }
}

void collect_body_starts(const SyntaxNode& node, SyntaxRest& rest) {
  if (node.kind == Kind::kValue) {
    rest.value = node.name;
    return;
  }
  for (const SyntaxNode& child : node.children) {
    collect_starts(child, rest);
    if (node.kind == Kind::kBlock && !child.optional) return;
  }
}

class Matcher {
 public:
  explicit Matcher(std::span<const std::string_view> args) : args_(args) {}

  // kNo: nothing was taken. kEnd: the arguments ended within it, and rest() says with what left.
  enum class Fit { kNo, kYes, kEnd };

  Fit sequence(std::span<const SyntaxNode> nodes) {
    std::size_t i = 0;
    while (i < nodes.size()) {
      if (nodes[i].optional) {
        std::size_t end = i;
        while (end < nodes.size() && nodes[end].optional) ++end;
        const Fit fit = options(nodes.subspan(i, end - i), nodes.subspan(end));
        if (fit != Fit::kYes) return fit;
        i = end;
        continue;
      }
      if (at_end()) {
        rest_.text = render_all(nodes.subspan(i));
        collect_starts(nodes[i], rest_);
        return Fit::kEnd;
      }
      const Fit fit = node(nodes[i], nodes.subspan(i + 1));
      if (fit == Fit::kNo) return Fit::kNo;
      if (fit == Fit::kEnd) {
        append_word(rest_.text, render_all(nodes.subspan(i + 1)));
        return fit;
      }
      ++i;
    }
    return Fit::kYes;
  }

  bool at_end() const { return at_ == args_.size(); }
  SyntaxRest take_rest() { return std::move(rest_); }

 private:
  bool at_token(std::string_view token) const { return !at_end() && equals_ignore_case(args_[at_], token); }

  // A run of options, each at most once, in any order.
  Fit options(std::span<const SyntaxNode> run, std::span<const SyntaxNode> behind) {
    std::vector<bool> used(run.size(), false);
    while (!at_end()) {
      const Fit fit = next_option(run, behind, used);
      if (fit == Fit::kNo) return Fit::kYes;
      if (fit == Fit::kEnd) {
        append_unused(run, used);
        append_word(rest_.text, render_all(behind));
        if (open_ended_) collect_next(run, behind, used);
        return fit;
      }
    }
    append_unused(run, used);
    append_word(rest_.text, render_all(behind));
    collect_next(run, behind, used);
    return Fit::kEnd;
  }

  // Those with a word of their own before those that take any value.
  Fit next_option(std::span<const SyntaxNode> run, std::span<const SyntaxNode> behind,
                  std::vector<bool>& used) {
    for (const bool by_word : {true, false}) {
      for (std::size_t i = 0; i < run.size(); ++i) {
        if (used[i] || begins_with_token(run[i]) != by_word) continue;
        const std::size_t before = at_;
        const auto outer = std::exchange(others_, tokens_of_others(run, i, used));
        const Fit fit = node(run[i], behind);
        others_ = outer;
        if (fit == Fit::kNo) {
          at_ = before;
          continue;
        }
        used[i] = true;
        return fit;
      }
    }
    return Fit::kNo;
  }

  static std::vector<std::string_view> tokens_of_others(std::span<const SyntaxNode> run, std::size_t self,
                                                        const std::vector<bool>& used) {
    SyntaxRest starts;
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (i != self && !used[i]) collect_starts(run[i], starts);
    }
    return starts.tokens;
  }

  static bool begins_with_token(const SyntaxNode& node) {
    SyntaxRest starts;
    collect_starts(node, starts);
    return !starts.tokens.empty();
  }

  void append_unused(std::span<const SyntaxNode> run, const std::vector<bool>& used) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (!used[i]) append_word(rest_.text, render(run[i]));
    }
  }
  void collect_next(std::span<const SyntaxNode> run, std::span<const SyntaxNode> behind,
                    const std::vector<bool>& used) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (!used[i]) collect_starts(run[i], rest_);
    }
    if (!behind.empty()) collect_starts(behind.front(), rest_);
  }

  Fit node(const SyntaxNode& node, std::span<const SyntaxNode> behind) {
    if (!node.multiple) return once(node, true);
    const auto expected = std::exchange(count_, std::nullopt);
    std::size_t taken = 0;
    while (!at_end()) {
      if (taken > 0 && (expected ? taken >= *expected : stops_here(behind))) return Fit::kYes;
      const std::size_t before = at_;
      const Fit fit = once(node, taken == 0);
      if (fit == Fit::kEnd) {
        append_word(rest_.text, fmt::format("[{} ...]", render_body(node)));
        return fit;
      }
      if (fit == Fit::kNo) {
        at_ = before;
        return taken == 0 ? Fit::kNo : Fit::kYes;
      }
      ++taken;
    }
    if (expected && taken >= *expected) return Fit::kYes;
    return open_end(node, expected ? std::span<const SyntaxNode>() : behind, !expected);
  }

  // All arguments are taken, and more of the same may follow.
  Fit open_end(const SyntaxNode& node, std::span<const SyntaxNode> behind, bool may_end) {
    rest_.text = fmt::format("[{} ...]", render_body(node));
    collect_body_starts(node, rest_);
    open_ended_ = may_end;
    if (!behind.empty()) collect_starts(behind.front(), rest_);
    return Fit::kEnd;
  }

  // Where something repeats: whether the next argument is rather the word of another option.
  bool stops_here(std::span<const SyntaxNode> behind) const {
    for (const std::string_view token : others_) {
      if (at_token(token)) return true;
    }
    for (const SyntaxNode& node : behind) {
      SyntaxRest starts;
      collect_starts(node, starts);
      for (const std::string_view token : starts.tokens) {
        if (at_token(token)) return true;
      }
      if (!node.optional) return false;
    }
    return false;
  }

  Fit once(const SyntaxNode& node, bool with_token) {
    if (with_token && !node.token.empty()) {
      if (!at_token(node.token)) return Fit::kNo;
      ++at_;
      if (node.kind == Kind::kToken) return Fit::kYes;
      if (at_end()) {
        SyntaxNode behind_token = node;
        behind_token.token.clear();
        behind_token.optional = behind_token.multiple = false;
        rest_.text = render(behind_token);
        collect_body_starts(node, rest_);
        return Fit::kEnd;
      }
    }
    if (node.kind == Kind::kBlock) return sequence(node.children);
    if (node.kind == Kind::kValue) {
      if (node.name == "numkeys") {
        const auto number = parse_uint64(args_[at_]);
        if (number) count_ = static_cast<std::size_t>(*number);
      }
      ++at_;
      return Fit::kYes;
    }
    for (const SyntaxNode& child : node.children) {
      const std::size_t before = at_;
      const Fit fit = once(child, true);
      if (fit != Fit::kNo) return fit;
      at_ = before;
    }
    return Fit::kNo;
  }

  std::span<const std::string_view> args_;
  std::size_t at_ = 0;
  std::optional<std::size_t> count_;      // what the last numkeys said
  std::vector<std::string_view> others_;  // the words of the other options that may stand here
  bool open_ended_ = false;
  SyntaxRest rest_;
};

}  // namespace

SyntaxRest rest_of_syntax(const std::vector<SyntaxNode>& nodes, std::span<const std::string_view> args) {
  Matcher matcher(args);
  if (matcher.sequence(nodes) != Matcher::Fit::kEnd) return {};
  return matcher.take_rest();
}

}  // namespace ringhold::client

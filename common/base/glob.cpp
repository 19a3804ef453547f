#include "common/base/glob.h"

#include <algorithm>
#include <cstddef>

namespace ringhold {
namespace {

char fold(char c, GlobCase letter_case) {
  if (letter_case == GlobCase::kIgnore && c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c;
}

struct ElementMatch {
  bool matched;
  std::size_t length;  // of the element in the pattern
};

// A class, `pattern` standing at its '['. One that is never closed ends with the pattern, as in Redis.
ElementMatch match_class(std::string_view pattern, char c, GlobCase letter_case) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  // Signed, as Redis on x86 compares them, so that [a-\xff] means the same.
  const auto byte = [](char raw) { return static_cast<signed char>(raw); };
  for (; at < pattern.size() && pattern[at] != ']'; ++at) {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      ++at;
      found = found || fold(pattern[at], letter_case) == c;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      // By value: minmax of two temporaries would give references to them.
      const auto [low, high] =
          std::minmax({byte(fold(pattern[at], letter_case)), byte(fold(pattern[at + 2], letter_case))});
      found = found || (byte(c) >= low && byte(c) <= high);
      at += 2;
    } else {
      found = found || fold(pattern[at], letter_case) == c;
    }
  }
  return {found != negated, std::min(at + 1, pattern.size())};
}

// The element at the front of `pattern` (not a '*') against one character that was folded already.
ElementMatch match_element(std::string_view pattern, char c, GlobCase letter_case) {
  switch (pattern.front()) {
    case '?':
      return {true, 1};
    case '[':
      return match_class(pattern, c, letter_case);
    case '\\':
      if (pattern.size() >= 2) return {fold(pattern[1], letter_case) == c, 2};
      break;
    default:
      break;
  }
  return {fold(pattern.front(), letter_case) == c, 1};
}

}  // namespace

// Only the last '*' ever needs to take more: an earlier one that took more could not reach anything that this
// one cannot. So there is one place to return to, and no recursion that a hostile pattern could unfold.
bool glob_match(std::string_view pattern, std::string_view text, GlobCase letter_case) {
  constexpr auto kNone = std::string_view::npos;
  std::size_t in_pattern = 0;
  std::size_t in_text = 0;
  std::size_t after_star = kNone;  // in the pattern
  std::size_t star_end = 0;        // in the text: what the star has taken so far
  while (in_text < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      after_star = ++in_pattern;
      star_end = in_text;
      continue;
    }
    if (in_pattern < pattern.size()) {
      const ElementMatch element =
          match_element(pattern.substr(in_pattern), fold(text[in_text], letter_case), letter_case);
      if (element.matched) {
        in_pattern += element.length;
        ++in_text;
        continue;
      }
    }
    if (after_star == kNone) return false;
    in_pattern = after_star;
    in_text = ++star_end;
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?[\\") != std::string_view::npos;
}

}  // namespace ringhold

#include "common/http/etag.h"

#include <algorithm>

namespace ringhold {

namespace {

constexpr std::size_t kTagDigits = 16;

bool is_tag(std::string_view text) {
  return text.size() == kTagDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

}  // namespace

Result<std::string> tags_of_condition(std::string_view value, TagComparison comparison) {
  const Error malformed{"a condition is * or a list of entity tags, each in quotes: \"0123456789abcdef\""};
  skip_blanks(value);
  if (value == "*") return std::string(value);
  std::string tags;
  while (true) {
    skip_blanks(value);
    const bool weak = value.starts_with("W/");
    if (weak) value.remove_prefix(2);
    if (!value.starts_with('"')) return malformed;
    const std::size_t end = value.find('"', 1);
    if (end == std::string_view::npos) return malformed;
    const std::string_view tag = value.substr(1, end - 1);
    if ((!weak || comparison == TagComparison::kWeak) && is_tag(tag))
      tags.append(tags.empty() ? "" : ",").append(tag);
    value.remove_prefix(end + 1);
    skip_blanks(value);
    if (value.empty()) return tags.empty() ? std::string("-") : tags;
    if (!value.starts_with(',')) return malformed;
    value.remove_prefix(1);
  }
}

}  // namespace ringhold

#include "common/base/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace ringhold {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

template <typename T>
std::optional<T> parse_exact(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::string_view digits = text;
  if (digits.front() == '-') digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  if (digits.front() == '0' && (digits.size() > 1 || text.size() > 1)) return std::nullopt;
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Split {
  std::optional<std::uint64_t> number;
  std::string unit;
};

Split split_number(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  return {parse_uint64(text.substr(0, digits)), to_lower(text.substr(digits))};
}

}  // namespace

std::optional<std::int64_t> parse_int64(std::string_view text) {
  return parse_exact<std::int64_t>(text);
}
std::optional<std::uint64_t> parse_uint64(std::string_view text) {
  return parse_exact<std::uint64_t>(text);
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string to_lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), lower);
  return folded;
}

std::string to_upper(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), upper);
  return folded;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto [number, unit] = split_number(text);
  std::uint64_t factor = 0;
  if (unit.empty() || unit == "b") factor = 1;
  if (unit == "k") factor = 1000;
  if (unit == "kb") factor = 1ULL << 10U;
  if (unit == "m") factor = 1000ULL * 1000;
  if (unit == "mb") factor = 1ULL << 20U;
  if (unit == "g") factor = 1000ULL * 1000 * 1000;
  if (unit == "gb") factor = 1ULL << 30U;
  if (!number || factor == 0 || *number > std::numeric_limits<std::int64_t>::max() / factor) {
    return Error{
        fmt::format("'{}' is not a size; write for example 1000, 64kb, 512mb or 2gb", printable(text))};
  }
  return *number * factor;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto [number, unit] = split_number(text);
  std::uint64_t factor = 0;
  if (unit == "ms") factor = 1;
  if (unit.empty() || unit == "s") factor = 1000;
  if (unit == "m") factor = 60ULL * 1000;
  if (unit == "h") factor = 3600ULL * 1000;
  // A thousand years bounds every sum that is made with a duration.
  constexpr std::uint64_t kMostMs = 1000ULL * 365 * 24 * 3600 * 1000;
  if (!number || factor == 0 || *number > kMostMs / factor) {
    return Error{
        fmt::format("'{}' is not a duration; write for example 250ms, 2s, 5m or 1h", printable(text))};
  }
  return std::chrono::milliseconds(*number * factor);
}

std::string printable(std::string_view bytes, std::size_t bytes_max) {
  std::string text;
  for (const char c : bytes.substr(0, bytes_max)) {
    if (c >= 0x20 && c < 0x7f && c != '\\') {
      text.push_back(c);
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (bytes.size() > bytes_max) text += "...";
  return text;
}

}  // namespace ringhold

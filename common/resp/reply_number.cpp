#include "common/resp/reply_number.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "common/base/text.h"

namespace ringhold {

std::optional<double> parse_reply_double(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (equals_ignore_case(text, "inf") || equals_ignore_case(text, "+inf")) return kInfinity;
  if (equals_ignore_case(text, "-inf")) return -kInfinity;
  if (equals_ignore_case(text, "nan") || equals_ignore_case(text, "-nan")) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  // from_chars would also take "infinity" and "nan(...)".
  const bool numeric = std::all_of(text.begin(), text.end(), [](char c) {
    return std::string_view("0123456789+-.eE").find(c) != std::string_view::npos;
  });
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!numeric || end != text.data() + text.size()) return std::nullopt;
  // Out of range is a number all the same: too small is zero, too large is infinite.
  if (code == std::errc::result_out_of_range) {
    const bool tiny = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    const double magnitude = tiny ? 0 : kInfinity;
    return text.front() == '-' ? -magnitude : magnitude;
  }
  if (code != std::errc{}) return std::nullopt;
  return value;
}

bool is_big_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace ringhold

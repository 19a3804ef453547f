#include "dataserver/store/long_double.h"

#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/base/limits.h"

namespace ringhold {

std::optional<long double> parse_long_double(std::string_view text) {
  constexpr std::size_t kTextMax = 5 * limits::kKiB;  // as in Redis
  if (text.empty() || text.size() >= kTextMax) return std::nullopt;
  if (std::isspace(static_cast<unsigned char>(text.front())) != 0) return std::nullopt;
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const long double value = std::strtold(terminated.c_str(), &end);
  if (end != terminated.c_str() + terminated.size()) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  if (errno == EINVAL || std::isnan(value)) return std::nullopt;
  return value;
}

std::string_view format_long_double(long double value, std::span<char> buffer) {
  if (std::isnan(value) || std::isinf(value)) return {};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.17Lf", value);
  std::string_view text(buffer.data(), static_cast<std::size_t>(length));
  if (text.find('.') != std::string_view::npos) {
    text.remove_suffix(text.size() - text.find_last_not_of('0') - 1);
    if (text.back() == '.') text.remove_suffix(1);
  }
  if (text == "-0") text.remove_prefix(1);
  return text;
}

}  // namespace ringhold

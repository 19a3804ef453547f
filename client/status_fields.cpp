#include "client/status_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string_view>

#include "common/base/text.h"

namespace ringhold::client {

const Json& field(const Json& object, const char* name) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}
std::string text_of(const Json& object, const char* name) {
  const Json& value = field(object, name);
  return value.is_string() ? printable(value.get_ref<const std::string&>(), 500) : "";
}
std::optional<double> number_of(const Json& object, const char* name) {
  const Json& value = field(object, name);
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}
std::vector<Json> list_of(const Json& object, const char* name) {
  const Json& value = field(object, name);
  return value.is_array() ? value.get<std::vector<Json>>() : std::vector<Json>{};
}

std::string count_text(std::optional<double> number) {
  if (!number || !std::isfinite(*number) || std::abs(*number) >= 1e18) return "-";
  std::string digits = fmt::format("{:.0f}", *number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (digits[0] == '-' ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string bytes_text(std::optional<double> bytes) {
  if (!bytes || !(*bytes >= 0)) return "-";
  constexpr std::string_view kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  double value = *bytes;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); value /= 1024) ++unit;
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, kUnits[unit]);
}

ReplicaState state_of(const Json& replica) {
  const std::string state = text_of(replica, "state");
  const std::size_t colon = state.find(": ");
  if (colon == std::string::npos) return {state, ""};
  return {state.substr(0, colon), state.substr(colon + 2)};
}

std::string dash_if_empty(const std::string& text) {
  return text.empty() ? "-" : text;
}

}  // namespace ringhold::client

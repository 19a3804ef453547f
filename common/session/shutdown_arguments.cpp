#include "common/session/shutdown_arguments.h"

#include <fmt/core.h>

#include <charconv>

#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold {

Result<void> check_shutdown_arguments(std::span<const std::string_view> args) {
  for (const std::string_view arg : args.subspan(1)) {
    if (equals_ignore_case(arg, "abort")) return Error{"ERR No shutdown in progress."};
    const bool known = equals_ignore_case(arg, "save") || equals_ignore_case(arg, "nosave") ||
                       equals_ignore_case(arg, "now") || equals_ignore_case(arg, "force");
    if (!known) return Error{"ERR syntax error"};
  }
  return {};
}

Result<std::chrono::microseconds> parse_sleep(std::span<const std::string_view> args) {
  const std::string_view text = args.back();
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc{} || end != text.data() + text.size() || !(seconds >= 0)) {
    return Error{"ERR value is not a valid float"};
  }
  const auto duration = std::chrono::duration<double>(seconds);
  if (duration > limits::kDebugSleepMax) {
    return Error{fmt::format("ERR DEBUG SLEEP takes at most {} seconds", limits::kDebugSleepMax.count())};
  }
  return std::chrono::duration_cast<std::chrono::microseconds>(duration);
}

}  // namespace ringhold

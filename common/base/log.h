// Log lines for people, on stderr: one event a line, "time level text". Not on the data path.
//
// The level is set once, by main. The simulator switches logging off, so log lines never affect a run.
#pragma once

#include <fmt/core.h>

#include <string_view>

namespace ringhold::log {

enum class Level { kDebug, kInfo, kWarn, kError, kOff };

// Accepts debug, info, warn, error, off; false on anything else.
bool set_level(std::string_view name);
void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view text);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kDebug)) write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kInfo)) write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarn)) write(Level::kWarn, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kError)) write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ringhold::log

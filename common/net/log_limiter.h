// Keeps one kind of log line from filling the disk: a burst is written out, then so many a second, and the
// next line that gets through says how many did not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/reactor/clock.h"

namespace ringhold {

class LogLimiter {
 public:
  // Nothing if this line should be left out, else what to append to it: "" or " (and 12 more like it)".
  std::optional<std::string> admit(MonoTime now);

 private:
  static constexpr double kBurst = 20;
  static constexpr double kPerSecond = 5;

  double tokens_ = kBurst;
  MonoTime last_{};
  std::uint64_t left_out_ = 0;
};

}  // namespace ringhold

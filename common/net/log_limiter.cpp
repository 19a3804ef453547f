#include "common/net/log_limiter.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace ringhold {

std::optional<std::string> LogLimiter::admit(MonoTime now) {
  const auto elapsed = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  tokens_ = std::min(kBurst, tokens_ + elapsed * kPerSecond);
  if (tokens_ < 1) {
    ++left_out_;
    return std::nullopt;
  }
  tokens_ -= 1;
  const std::uint64_t left_out = std::exchange(left_out_, 0);
  return left_out == 0 ? std::string() : fmt::format(" (and {} more like it)", left_out);
}

}  // namespace ringhold

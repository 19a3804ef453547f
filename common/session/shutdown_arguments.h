// The arguments of the two server commands that sessions carry out themselves: SHUTDOWN and DEBUG SLEEP.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "common/base/result.h"

namespace ringhold {

// SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]; errors in Redis's words. There is never a shutdown to
// abort.
Result<void> check_shutdown_arguments(std::span<const std::string_view> args);

// DEBUG SLEEP seconds (a decimal fraction is allowed); at most limits::kDebugSleepMax.
Result<std::chrono::microseconds> parse_sleep(std::span<const std::string_view> args);

}  // namespace ringhold

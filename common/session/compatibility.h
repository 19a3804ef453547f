// What Ringhold says it is like.
#pragma once

#include <string_view>

namespace ringhold {

// The Redis whose commands, replies and error texts these are; client libraries switch features by it.
inline constexpr std::string_view kCompatibleRedisVersion = "7.0.15";

}  // namespace ringhold

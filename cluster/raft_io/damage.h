// What is said of a file that is not as it was written.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace ringhold::raft_io {

// What an operator can do when a replica must not go on with what is in its directory.
inline std::string way_out(std::string_view directory) {
  return fmt::format(
      "This replica cannot vouch any more for what it has acknowledged, so it does not start: take it out of "
      "its "
      "shard (MEMBER REMOVE), remove the directory {}, and let it join again as a new replica (MEMBER ADD)",
      directory);
}

inline Error damage(std::string_view path, std::uint64_t offset, std::string_view what,
                    std::string_view directory) {
  return Error{fmt::format("{} is damaged at byte {}: {}. {}", path, offset, what, way_out(directory))};
}

}  // namespace ringhold::raft_io

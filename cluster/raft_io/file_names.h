// The names in a replica's directory.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringhold::raft_io {

inline constexpr std::string_view kVoteName = "vote";
inline constexpr std::string_view kSegmentFront = "log-";
inline constexpr std::string_view kSegmentEnd = ".wal";
inline constexpr std::size_t kSegmentDigits = 10;

inline std::string identity_path(const std::string& directory) {
  return directory + "/identity";
}
inline std::string vote_path(const std::string& directory) {
  return directory + "/vote";
}
inline std::string spare_path(const std::string& directory) {
  return directory + "/spare.wal";
}
inline std::string segment_path(const std::string& directory, std::uint32_t number) {
  return fmt::format("{}/log-{:010}.wal", directory, number);
}

// Nothing: this is no segment's name.
inline std::optional<std::uint32_t> segment_number(std::string_view name) {
  if (name.size() != kSegmentFront.size() + kSegmentDigits + kSegmentEnd.size()) return std::nullopt;
  if (!name.starts_with(kSegmentFront) || !name.ends_with(kSegmentEnd)) return std::nullopt;
  const std::string_view digits = name.substr(kSegmentFront.size(), kSegmentDigits);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number == 0) return std::nullopt;
  return number;
}

}  // namespace ringhold::raft_io

// Strong types for the numbers that must not be mixed up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace ringhold {

// Milliseconds since the Unix epoch, by the wall clock (or a shard's log time, which derives from it).
using UnixMs = std::int64_t;

inline constexpr std::uint32_t kSlotCount = 16384;

// A hash slot, 0..16383, as in Redis Cluster.
struct Slot {
  std::uint16_t value = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const Slot&) const = default;
};

// The version of a topology within one generation of its cluster; 0 means "none yet".
struct Epoch {
  std::uint64_t value = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const Epoch&) const = default;
};

// A random 128-bit identity (cluster, shard, replica). All zero means "none".
struct Id128 {
  std::array<std::uint8_t, 16> bytes{};
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const Id128&) const = default;
  bool is_none() const { return *this == Id128{}; }
  std::string hex() const;  // 32 lower-case hex digits
};

// What a connection may do. Ordered: each role may do all that the one before it may.
enum class Role : std::uint8_t { kNone = 0, kClient = 1, kAdmin = 2, kNode = 3 };
const char* role_name(Role role);

}  // namespace ringhold

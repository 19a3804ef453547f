// The two clocks of a process, and its randomness. Real: common/net. Simulated: tests/sim.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/ids.h"

namespace ringhold {

struct MonotonicTag {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  // NOLINTNEXTLINE(readability-identifier-naming): the name that std::chrono asks for
  static constexpr bool is_steady = true;
};
// A point on the monotonic clock (CLOCK_BOOTTIME on Linux, which also runs during suspend).
using MonoTime = std::chrono::time_point<MonotonicTag, std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  // The time at which this loop turn began: cheap, and the same for all that happens in one turn.
  virtual MonoTime turn_time() const = 0;
  // Reads the clock now, for what must not be late (leases, slow log).
  virtual MonoTime now() const = 0;
  // Milliseconds since the Unix epoch at which this loop turn began. May jump, either way.
  virtual UnixMs wall_ms() const = 0;
};

class Rng {
 public:
  virtual ~Rng() = default;
  virtual std::uint64_t next() = 0;  // uniform over all 64-bit values
};

}  // namespace ringhold

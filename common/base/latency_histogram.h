// How long something took, how often: counts by powers of two of microseconds. A plain value; recording is a
// few increments.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace ringhold {

// Bucket i counts durations of at most 2^i µs (and more than 2^(i-1)); the last one counts all that are
// longer.
using LatencyBuckets = std::array<std::uint64_t, 24>;

inline std::size_t latency_bucket(std::uint64_t usec) {
  const auto bucket = static_cast<std::size_t>(std::bit_width(usec <= 1 ? 0 : usec - 1));
  return bucket < LatencyBuckets{}.size() ? bucket : LatencyBuckets{}.size() - 1;
}

struct LatencyHistogram {
  LatencyBuckets buckets{};
  std::uint64_t usec = 0;  // the sum of all durations

  void record(std::uint64_t duration_usec) {
    ++buckets[latency_bucket(duration_usec)];
    usec += duration_usec;
  }
  void add(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
    usec += other.usec;
  }
};

}  // namespace ringhold

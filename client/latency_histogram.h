// Durations, counted in buckets: percentiles within 1.6%, in bounded memory however many there are.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace ringhold::client {

class LatencyHistogram {
 public:
  using Duration = std::chrono::nanoseconds;

  void add(Duration duration);
  std::uint64_t count() const { return count_; }
  Duration min() const { return min_; }
  Duration max() const { return max_; }
  Duration average() const;
  // The least duration that `part` (0..1) of all are not above; 0 of none.
  Duration percentile(double part) const;

 private:
  // Each power of two has 64 buckets, and what is below 64 ns one for each.
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kBuckets = (64 - kSubBits + 1) << kSubBits;
  static std::size_t bucket_of(std::uint64_t ns);
  static std::uint64_t highest_in(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration min_{0};
  Duration max_{0};
  double sum_ns_ = 0;
};

}  // namespace ringhold::client

#include "client/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ringhold::client {

std::size_t LatencyHistogram::bucket_of(std::uint64_t ns) {
  const auto bits = static_cast<unsigned>(std::bit_width(ns));
  if (bits <= kSubBits) return ns;
  const unsigned shift = bits - kSubBits - 1;
  const std::uint64_t within = (ns >> shift) & ((1U << kSubBits) - 1);
  return (std::size_t{shift + 1} << kSubBits) + within;
}

std::uint64_t LatencyHistogram::highest_in(std::size_t bucket) {
  const std::size_t power = bucket >> kSubBits;
  const std::uint64_t within = bucket & ((1U << kSubBits) - 1);
  if (power == 0) return within;
  return (((std::uint64_t{1} << kSubBits) + within + 1) << (power - 1)) - 1;
}

void LatencyHistogram::add(Duration duration) {
  const Duration positive = std::max(duration, Duration{0});
  min_ = count_ == 0 ? positive : std::min(min_, positive);
  max_ = std::max(max_, positive);
  sum_ns_ += static_cast<double>(positive.count());
  ++count_;
  ++buckets_[bucket_of(static_cast<std::uint64_t>(positive.count()))];
}

LatencyHistogram::Duration LatencyHistogram::average() const {
  if (count_ == 0) return Duration{0};
  return Duration{static_cast<std::int64_t>(std::llround(sum_ns_ / static_cast<double>(count_)))};
}

LatencyHistogram::Duration LatencyHistogram::percentile(double part) const {
  if (count_ == 0) return Duration{0};
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) {
      return std::clamp(Duration{static_cast<std::int64_t>(highest_in(i))}, min_, max_);
    }
  }
  return max_;
}

}  // namespace ringhold::client

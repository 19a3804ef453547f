#include "cluster/ring/ring_points.h"

#define XXH_INLINE_ALL  // millions of texts of a few bytes: the call would cost more than the hash
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <string>

#include "common/base/limits.h"

namespace ringhold {

namespace {

constexpr std::size_t kDecimalDigitsMax = 10;
constexpr unsigned kCellBits = 10;  // see append_sorted

// Calls `visit(position)` for each point of a shard.
template <typename Visit>
void each_point(const std::string& name, std::uint32_t count, Visit&& visit) {
  std::string text = name + '#';
  const std::size_t prefix = text.size();
  text.resize(prefix + kDecimalDigitsMax);
  char* digits = text.data() + prefix;
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* end = std::to_chars(digits, digits + kDecimalDigitsMax, i).ptr;
    visit(XXH3_64bits(text.data(), static_cast<std::size_t>(end - text.data())));
  }
}

// Appends `packed` to `out` in ascending order. Hashes are spread evenly, so one pass by the uppermost bits
// leaves every number close to its place, and an insertion sort does the rest: three times as fast as
// std::sort.
void append_sorted(const std::vector<std::uint64_t>& packed, std::vector<std::uint64_t>& out) {
  const auto cell = [](std::uint64_t value) { return value >> (64 - kCellBits); };
  std::array<std::size_t, (std::size_t{1} << kCellBits) + 1> next{};
  for (const std::uint64_t value : packed) ++next[cell(value) + 1];
  next[0] = out.size();
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  const std::size_t begin = out.size();
  out.resize(begin + packed.size());
  for (const std::uint64_t value : packed) out[next[cell(value)]++] = value;
  for (std::size_t i = begin + 1; i < out.size(); ++i) {
    const std::uint64_t value = out[i];
    std::size_t hole = i;
    for (; hole > begin && out[hole - 1] > value; --hole) out[hole] = out[hole - 1];
    out[hole] = value;
  }
}

}  // namespace

std::uint64_t slot_position(std::uint16_t slot) {
  const std::string text = std::to_string(slot);
  return XXH3_64bits(text.data(), text.size());
}

std::vector<std::uint32_t> point_counts(std::span<const RingShard> shards) {
  const auto lighter = [](const RingShard& a, const RingShard& b) { return a.weight < b.weight; };
  const std::uint64_t least = std::min_element(shards.begin(), shards.end(), lighter)->weight;
  std::vector<std::uint32_t> counts;
  for (const RingShard& shard : shards) {
    const std::uint64_t count = limits::kRingPointsPerUnit * std::uint64_t{shard.weight} / least;
    counts.push_back(static_cast<std::uint32_t>(std::clamp<std::uint64_t>(count, 1, limits::kRingPointsMax)));
  }
  return counts;
}

RingPoints::RingPoints(std::span<const RingShard> by_name) {
  static_assert(limits::kShardsMax <= std::size_t{1} << kShardBits);
  const std::vector<std::uint32_t> counts = point_counts(by_name);
  const std::size_t total = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  std::vector<std::vector<std::uint64_t>> buckets(std::size_t{1} << kBucketBits);
  const std::size_t even = total / buckets.size();
  for (auto& packed : buckets) packed.reserve(even + even / 16);  // 8 standard deviations in the largest ring
  for (std::size_t shard = 0; shard < by_name.size(); ++shard) {
    each_point(by_name[shard].name, counts[shard],
               [&](std::uint64_t position) { buckets[bucket(position)].push_back(pack(position, shard)); });
  }
  points_.reserve(total);
  for (auto& packed : buckets) {
    begins_.push_back(points_.size());
    append_sorted(packed, points_);
    std::vector<std::uint64_t>().swap(packed);  // the largest rings have 130 MB of points
  }
  begins_.push_back(points_.size());
}

std::size_t RingPoints::first_from(std::uint64_t position) const {
  const auto at = [this](std::size_t index) { return points_.begin() + static_cast<std::ptrdiff_t>(index); };
  const std::size_t b = bucket(position);
  const auto found = std::lower_bound(at(begins_[b]), at(begins_[b + 1]), pack(position, 0));
  return found == points_.end() ? 0 : static_cast<std::size_t>(found - points_.begin());
}

}  // namespace ringhold

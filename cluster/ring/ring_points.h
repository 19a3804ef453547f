// The points of all shards on the ring, in clockwise order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cluster/ring/ring.h"

namespace ringhold {

// Where `slot` sits on the ring.
std::uint64_t slot_position(std::uint16_t slot);

// How many points each shard has. Precondition as in ring.h.
std::vector<std::uint32_t> point_counts(std::span<const RingShard> shards);

// Up to 16 million points (1,024 shards of 16,000), so a point is 8 bytes: the upper bits of its position are
// given by the bucket that holds it; the number stored is the lower bits, then the shard, so that comparing
// numbers compares (position, name).
class RingPoints {
 public:
  // `by_name`: ascending by name, so that of two points in one place the smaller name comes first.
  explicit RingPoints(std::span<const RingShard> by_name);

  std::size_t size() const { return points_.size(); }
  // The index of the first point at `position` or clockwise of it, wrapping around.
  std::size_t first_from(std::uint64_t position) const;
  std::size_t next(std::size_t index) const { return index + 1 == points_.size() ? 0 : index + 1; }
  // The index, in `by_name`, of the shard whose point this is.
  std::uint16_t shard(std::size_t index) const {
    return static_cast<std::uint16_t>(points_[index] & ((1U << kShardBits) - 1));
  }

 private:
  static constexpr unsigned kShardBits = 10;
  static constexpr unsigned kBucketBits = kShardBits;  // those that the shard pushes out of the 64
  static std::size_t bucket(std::uint64_t position) { return position >> (64 - kBucketBits); }
  static std::uint64_t pack(std::uint64_t position, std::uint64_t shard) {
    return (position << kShardBits) | shard;
  }

  std::vector<std::uint64_t> points_;
  std::vector<std::size_t> begins_;  // of each bucket in points_, and at last points_.size()
};

}  // namespace ringhold

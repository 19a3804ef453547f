// Which keys go when memory is at its bound: an approximation of LRU that costs no memory per key.
//
// A sweep goes round all keys in hash order, which says nothing about their age, a few with each eviction;
// the oldest that it has met lately stand in a small pool, and the oldest of them goes. It is the sampling of
// Redis, with two differences: the samples lie beside each other, so that they cost few cache misses, and
// every key is met once per round, so that none is forgotten. Measured against exact LRU:
// tests/unit/store/eviction_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "dataserver/store/scan_position.h"

namespace ringhold {

class EvictionPool {
 public:
  // Keys that are looked at for each that goes.
  static constexpr std::size_t kSamples = 16;
  static constexpr std::size_t kSize = 64;

  struct Candidate {
    std::uint32_t idle_ms = 0;  // when it was met
    std::uint32_t last_used = 0;
    std::uint32_t slot = 0;
    HashOrder order;
  };

  // Keeps it if it is older than one of those in the pool, or if there is room.
  void offer(const Candidate& candidate);
  // Takes the oldest out; the caller sees whether it is still there and still old.
  std::optional<Candidate> take();
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  ScanPosition sweep;  // where the sweep goes on

 private:
  std::array<Candidate, kSize> candidates_;  // the first size_, by age: the oldest last
  std::size_t size_ = 0;
};

}  // namespace ringhold

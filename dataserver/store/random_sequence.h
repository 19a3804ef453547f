// Random numbers that follow from a seed alone: SplitMix64 (Steele, Lea and Flood, 2014). Every replica draws
// the same ones for the same command.
#pragma once

#include <cstdint>

namespace ringhold {

class RandomSequence {
 public:
  explicit RandomSequence(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t x = (state_ += 0x9E3779B97F4A7C15U);
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }
  // Below `bound`, which is at least 1. No number is likelier than another by more than bound / 2^64.
  std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{next()} * bound) >> 64U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace ringhold

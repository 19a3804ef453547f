#include "tests/sim/world/random.h"

#include <xxhash.h>

#include "common/base/check.h"

namespace ringhold::sim {

std::uint64_t derive_seed(std::uint64_t seed, std::string_view label) {
  return XXH3_64bits_withSeed(label.data(), label.size(), seed);
}

std::uint64_t SimRng::next() {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

std::uint64_t SimRng::below(std::uint64_t n) {
  INVARIANT(n > 0);
  return next() % n;  // the bias is below 2^-40 for the small n of a simulation
}

std::int64_t SimRng::between(std::int64_t low, std::int64_t high) {
  INVARIANT(low <= high);
  return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
}

}  // namespace ringhold::sim

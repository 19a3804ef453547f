// Randomness of a simulated run: everything is drawn from one seed.
//
// Each consumer has a stream of its own, derived from the seed and a label that names the consumer, so that
// one more process, or one more draw in one place, does not shift what the others see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/reactor/clock.h"

namespace ringhold::sim {

std::uint64_t derive_seed(std::uint64_t seed, std::string_view label);

// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and good enough to pick faults.
class SimRng final : public Rng {
 public:
  explicit SimRng(std::uint64_t seed) : state_(seed) {}
  SimRng(std::uint64_t seed, std::string_view label) : state_(derive_seed(seed, label)) {}

  std::uint64_t next() override;

  // Uniform over 0..n-1. Precondition: n > 0.
  std::uint64_t below(std::uint64_t n);
  // Uniform over low..high, both included. Precondition: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high);
  bool percent(std::uint64_t n) { return below(100) < n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  template <typename Container>
  const auto& pick(const Container& container) {
    return container[static_cast<std::size_t>(below(container.size()))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace ringhold::sim

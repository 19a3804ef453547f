// Randomness from the operating system's generator, by way of OpenSSL's.
#pragma once

#include <array>
#include <cstdint>

#include "common/reactor/clock.h"

namespace ringhold {

class SystemRng final : public Rng {
 public:
  std::uint64_t next() override;

 private:
  // Drawn in batches: a call of the generator costs more than what it gives.
  std::array<std::uint64_t, 64> batch_{};
  std::size_t used_ = batch_.size();
};

}  // namespace ringhold

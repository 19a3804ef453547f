// What a simulated client proposes: the content of an entry for the StoreMachine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace ringhold::sim {

using Words = std::vector<std::string>;

struct Proposal {
  UnixMs wall_ms = 0;      // of who proposed it
  std::uint64_t seed = 0;  // for random picks
  std::uint32_t client = 0;
  std::uint64_t number = 0;  // unique among those of the client
  std::vector<Words> commands;
};

std::string encode(const Proposal& proposal);
Result<Proposal> decode_proposal(std::string_view bytes);

}  // namespace ringhold::sim

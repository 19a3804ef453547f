// Memory as INFO and MEMORY report it: one computation for both.
#pragma once

#include <cstdint>

#include "common/session/server_commands.h"

namespace ringhold {

struct MemoryFigures {
  std::uint64_t used_bytes = 0;       // the store's exact accounting; at a proxy, what the allocator says
  std::uint64_t peak_bytes = 0;       // of used_bytes
  std::uint64_t resident_bytes = 0;   // of the process
  std::uint64_t allocated_bytes = 0;  // by the allocator; 0 if it does not tell
  std::uint64_t system_bytes = 0;     // the machine's
  std::uint64_t clients_bytes = 0;    // input and output buffers
  std::uint64_t overhead_bytes = 0;   // of used_bytes and the buffers: all that is neither key nor value
  std::uint64_t dataset_bytes = 0;    // keys and values

  // Resident per used; 0 where one of them is not known.
  double fragmentation_ratio() const;
  double peak_percentage() const;     // used of peak
  double dataset_percentage() const;  // dataset of used
};

MemoryFigures memory_figures(const ProcessSnapshot& process);

}  // namespace ringhold

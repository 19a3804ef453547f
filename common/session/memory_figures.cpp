#include "common/session/memory_figures.h"

#include <algorithm>

namespace ringhold {
namespace {

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double MemoryFigures::fragmentation_ratio() const {
  return ratio(resident_bytes, used_bytes);
}
double MemoryFigures::peak_percentage() const {
  return 100 * ratio(used_bytes, peak_bytes);
}
double MemoryFigures::dataset_percentage() const {
  return 100 * ratio(dataset_bytes, used_bytes);
}

MemoryFigures memory_figures(const ProcessSnapshot& process) {
  const ProcessUsage usage = process.probe.usage();
  MemoryFigures figures{.used_bytes = process.store.used_bytes,
                        .resident_bytes = usage.resident_bytes,
                        .allocated_bytes = process.probe.allocated_bytes(),
                        .system_bytes = usage.system_memory_bytes};
  for (const ClientState& client : process.workers.clients) {
    figures.clients_bytes += client.input_bytes + client.output_bytes;
  }
  if (process.facts.kind == "proxy") {
    // It keeps no data: what it uses is all overhead.
    figures.used_bytes = figures.allocated_bytes != 0 ? figures.allocated_bytes : usage.resident_bytes;
    figures.overhead_bytes = figures.used_bytes;
  } else {
    figures.overhead_bytes = process.store.overhead_bytes + figures.clients_bytes;
    figures.dataset_bytes =
        process.store.used_bytes - std::min(process.store.overhead_bytes, process.store.used_bytes);
  }
  figures.peak_bytes = std::max(process.workers.stats.used_bytes_peak(), figures.used_bytes);
  return figures;
}

}  // namespace ringhold

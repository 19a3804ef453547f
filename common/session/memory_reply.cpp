#include "common/session/memory_reply.h"

#include <fmt/core.h>

#include "common/base/limits.h"
#include "common/session/info_writer.h"
#include "common/session/memory_figures.h"

namespace ringhold {
namespace {

// Below this the figures say nothing: the process itself weighs more than its data.
constexpr std::uint64_t kTooLittleToJudge = 5 * limits::kMiB;
constexpr double kFragmentationMax = 1.4;
constexpr double kPeakPerUsedMax = 1.5;
constexpr std::uint64_t kClientBytesMax = 200 * limits::kKiB;  // on average

void integer_field(ReplyWriter& reply, std::string_view name, std::uint64_t value) {
  reply.bulk(name);
  reply.integer(static_cast<std::int64_t>(value));
}

void number_field(ReplyWriter& reply, std::string_view name, double value) {
  reply.bulk(name);
  reply.number(value);
}

}  // namespace

void write_memory_stats(ReplyWriter& reply, const ProcessSnapshot& process) {
  const MemoryFigures memory = memory_figures(process);
  const StoreFigures& store = process.store;
  reply.map(store.keys == 0 ? 19 : 20);
  integer_field(reply, "peak.allocated", memory.peak_bytes);
  integer_field(reply, "total.allocated", memory.used_bytes);
  integer_field(reply, "startup.allocated", 0);
  integer_field(reply, "replication.backlog", 0);
  integer_field(reply, "clients.slaves", 0);
  integer_field(reply, "clients.normal", memory.clients_bytes);
  integer_field(reply, "cluster.links", 0);
  integer_field(reply, "aof.buffer", 0);
  integer_field(reply, "lua.caches", 0);
  integer_field(reply, "functions.caches", 0);
  if (store.keys != 0) {
    reply.bulk("db.0");
    reply.map(1);
    integer_field(reply, "overhead.hashtable.main", store.overhead_bytes);
  }
  integer_field(reply, "overhead.total", memory.overhead_bytes);
  integer_field(reply, "keys.count", store.keys);
  integer_field(reply, "keys.bytes-per-key", store.keys == 0 ? 0 : store.used_bytes / store.keys);
  integer_field(reply, "dataset.bytes", memory.dataset_bytes);
  number_field(reply, "dataset.percentage", memory.dataset_percentage());
  number_field(reply, "peak.percentage", memory.peak_percentage());
  integer_field(reply, "allocator.allocated", memory.allocated_bytes);
  integer_field(reply, "allocator.resident", memory.resident_bytes);
  number_field(reply, "fragmentation", memory.fragmentation_ratio());
}

std::string memory_doctor_text(const ProcessSnapshot& process) {
  const MemoryFigures memory = memory_figures(process);
  if (memory.used_bytes < kTooLittleToJudge) {
    return fmt::format("This process uses {} for data, which is too little to judge its memory by.\n",
                       human_bytes(memory.used_bytes));
  }
  std::string findings;
  const double peak_per_used =
      static_cast<double>(memory.peak_bytes) / static_cast<double>(memory.used_bytes);
  if (peak_per_used > kPeakPerUsedMax) {
    findings += fmt::format(
        " * Peak: it has used {} and now uses {}. The allocator may keep the difference for later keys.\n",
        human_bytes(memory.peak_bytes), human_bytes(memory.used_bytes));
  }
  if (memory.fragmentation_ratio() > kFragmentationMax) {
    findings += fmt::format(
        " * Fragmentation: {} are resident for {} of data (ratio {:.2f}). A restart would give the rest "
        "back.\n",
        human_bytes(memory.resident_bytes), human_bytes(memory.used_bytes), memory.fragmentation_ratio());
  }
  const std::size_t clients = process.workers.clients.size();
  if (clients != 0 && memory.clients_bytes / clients > kClientBytesMax) {
    findings += fmt::format(
        " * Clients: {} connections hold {} in their buffers. CLIENT LIST shows whose (qbuf, omem): such a "
        "client "
        "reads its replies too slowly, or pipelines too much.\n",
        clients, human_bytes(memory.clients_bytes));
  }
  if (findings.empty()) return "Nothing is unusual about the memory of this process.\n";
  return "The memory of this process shows:\n\n" + findings;
}

}  // namespace ringhold

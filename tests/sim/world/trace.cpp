#include "tests/sim/world/trace.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>

#include "common/base/text.h"

namespace ringhold::sim {

const char* event_name(EventKind kind) {
  static constexpr std::array kNames = {"scenario", "start",     "crash",     "pause",  "resume",  "timer",
                                        "post",     "handshake", "connected", "accept", "data",    "read",
                                        "writable", "drained",   "fin",       "reset",  "refused", "timeout",
                                        "closed",   "file",      "disk"};
  return kNames[static_cast<std::size_t>(kind)];
}

void Trace::record(MonoTime time, std::uint32_t loop, EventKind kind, std::uint64_t detail,
                   std::string_view bytes) {
  const std::array<std::uint64_t, 5> record = {static_cast<std::uint64_t>(time.time_since_epoch().count()),
                                               loop, static_cast<std::uint64_t>(kind), detail,
                                               bytes.empty() ? 0 : XXH3_64bits(bytes.data(), bytes.size())};
  hash_ = XXH3_64bits_withSeed(record.data(), sizeof(record), hash_);
  ++events_;
  if (file_ == nullptr) return;
  fmt::print(file_, "{:>12} loop {:<3} {:<9} {:<6} {}\n", time.time_since_epoch().count(), loop,
             event_name(kind), detail, printable(bytes, 100));
}

}  // namespace ringhold::sim

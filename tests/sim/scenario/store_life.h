// The life of one store: random commands of all types, backups, faults of the disk, crashes and restores, and
// eviction, in a simulated world of its own.
//
// Checked: what is restored is exactly what the store held when the last good backup began (or, after a crash
// while a backup took its place, what it held when that one began); a damaged file is refused; a backup that
// fails leaves the one before; books balance; what is evicted is what nobody used.
#pragma once

#include <cstdint>
#include <string>

namespace ringhold::sim {

struct StoreLifeResult {
  std::string failure;  // empty: all was well
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
};

StoreLifeResult run_store_life(std::uint64_t seed);

}  // namespace ringhold::sim

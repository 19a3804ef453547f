// What a process knows of its backups, for INFO; a proxy makes none.
#pragma once

#include <cstdint>

namespace ringhold {

struct BackupState {
  bool running = false;
  bool last_ok = true;
  std::int64_t last_success_s = 0;    // Unix time; of the start before there was one; 0: no backups are made
  std::int64_t last_duration_s = -1;  // of the last one, good or bad; -1: none in this life
  std::int64_t running_s = -1;
  std::uint64_t done = 0;           // in this life
  std::uint64_t failed = 0;         // in this life
  std::uint64_t changes_since = 0;  // changes of keys since the last good one began
  std::uint64_t set_aside = 0;      // keys, by the last or present one
  std::uint64_t bytes = 0;          // of the last good one
  std::uint64_t keys_loaded = 0;    // at the start
  std::uint64_t keys_expired = 0;   // that were not loaded, because their time was over
};

}  // namespace ringhold

// SLOWLOG: the last commands that took long. As Redis's slowlog.c, which it follows in what it keeps of a
// command.
//
// One per loop, owned by the data server or by a proxy's worker. A proxy merges copies of its workers'
// entries.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/limits.h"
#include "common/command/command_table.h"
#include "common/session/client_state.h"

namespace ringhold {

struct SlowlogEntry {
  std::uint64_t id = 0;  // unique in the process, ascending per loop; never reset
  UnixMs logged_at = 0;
  std::int64_t usec = 0;
  // At most limits::kSlowlogArgumentsMax, each at most limits::kSlowlogArgumentBytesMax and a note of what
  // was cut.
  std::vector<std::string> args;
  std::string client_address;
  std::string client_name;
};

class Slowlog {
 public:
  // Worker number `first_id` of `stride` workers, so that the ids of all of them are distinct.
  explicit Slowlog(std::uint64_t first_id = 0, std::uint64_t stride = 1)
      : next_id_(first_id), stride_(stride) {}

  // The hot path's question. Nothing is slow when the threshold is negative; everything is when it is 0.
  bool is_slow(std::int64_t usec) const { return threshold_us_ >= 0 && usec >= threshold_us_; }
  // Keeps the command, unless its row is flagged kSkipSlowlog (AUTH). Passwords in HELLO are not kept.
  // Call it when is_slow(usec).
  void record(const CommandRow& row, std::span<const std::string_view> args, std::int64_t usec, UnixMs now,
              const ClientState& client);

  // Newest first.
  const std::deque<SlowlogEntry>& entries() const { return entries_; }
  void reset() { entries_.clear(); }

  std::int64_t threshold_us() const { return threshold_us_; }  // slowlog-log-slower-than
  void set_threshold_us(std::int64_t value) { threshold_us_ = value; }
  std::size_t length_max() const { return length_max_; }  // slowlog-max-len
  // At most limits::kSlowlogEntriesMax.
  void set_length_max(std::size_t value);

 private:
  std::uint64_t next_id_;
  std::uint64_t stride_;
  std::int64_t threshold_us_ = limits::kSlowlogThresholdUsDefault;
  std::size_t length_max_ = limits::kSlowlogEntriesDefault;
  std::deque<SlowlogEntry> entries_;
};

// Two loops' entries as one log of at most `length_max`: the newest first, equal times by the greater id.
std::vector<SlowlogEntry> merge_slowlogs(std::vector<SlowlogEntry> a, std::vector<SlowlogEntry> b,
                                         std::size_t length_max);

}  // namespace ringhold

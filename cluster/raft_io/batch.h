// What is written to the log at once: as many of the requests that wait as fit. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cluster/raft/core.h"
#include "cluster/raft_io/log_recovery.h"

namespace ringhold::raft_io {

struct ResetRequest {
  raft::SnapshotMeta snapshot;
  std::function<void()> done;
};
using Request = std::variant<raft::Persist, ResetRequest>;

// The end of the log, as far as it was given to the disk.
struct LogTail {
  raft::Position last;
  raft::LogIndex commit;  // as the records say
};

struct Batch {
  std::uint64_t number = 0;  // of the last request in it
  std::optional<raft::Vote> vote;
  std::string records;
  std::vector<EntryAt> entries;
  LogTail before;
};

// At least as many bytes as the records of the request take.
std::size_t record_bytes_max(const raft::Persist& request);
// Takes requests from the front of the queue, one at least, up to the first that is a reset or would not fit
// into `bytes_max` with those before it. Precondition: the first is no reset.
Batch take_batch(std::deque<Request>& queue, std::size_t bytes_max, LogTail& tail);

}  // namespace ringhold::raft_io

#include "cluster/raft_io/log_index.h"

#include <algorithm>
#include <iterator>

#include "common/base/limits.h"

namespace ringhold::raft_io {

void LogIndexMap::add(raft::LogIndex index, std::uint32_t segment, StreamPlace place) {
  const bool replaces = index <= last_;
  while (!marks_.empty() && marks_.back().index >= index) marks_.pop_back();
  last_ = index;
  const bool is_needed = marks_.empty() || replaces || marks_.back().segment != segment ||
                         place - marks_.back().place >= limits::kLogMarkBytes;
  if (is_needed) marks_.push_back({index, segment, place});
}

void LogIndexMap::reset(raft::LogIndex last) {
  marks_.clear();
  last_ = last;
}

void LogIndexMap::forget_before(std::uint32_t segment) {
  while (!marks_.empty() && marks_.front().segment < segment) marks_.pop_front();
}

std::optional<LogIndexMap::Run> LogIndexMap::find(raft::LogIndex index) const {
  const auto behind = std::upper_bound(marks_.begin(), marks_.end(), index,
                                       [](raft::LogIndex at, const Mark& mark) { return at < mark.index; });
  if (behind == marks_.begin() || index > last_) return std::nullopt;
  Run run{*std::prev(behind), last_, std::nullopt};
  if (behind != marks_.end()) {
    run.last = behind->index.previous();
    if (behind->segment == run.from.segment) run.end = behind->place;
  }
  return run;
}

}  // namespace ringhold::raft_io

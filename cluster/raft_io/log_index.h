// Where entries stand in the log's files: a mark for the first of each segment and for one in every 64 KiB
// or so, and for the first behind each place where the log was cut off. Pure.
//
// From a mark on, the entries of the log follow each other in its segment, without others in between, up to
// the next mark's: an entry that replaces older ones gets a mark, and theirs go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "cluster/raft/types.h"
#include "cluster/raft_io/sector.h"

namespace ringhold::raft_io {

struct Mark {
  raft::LogIndex index;
  std::uint32_t segment = 0;
  StreamPlace place = 0;
  bool operator==(const Mark&) const = default;
};

class LogIndexMap {
 public:
  struct Run {
    Mark from;
    raft::LogIndex last;             // the last entry before the next mark's
    std::optional<StreamPlace> end;  // where that one stands, if in the same segment
  };

  // The entry stands there, and is the last one of the log now.
  void add(raft::LogIndex index, std::uint32_t segment, StreamPlace place);
  // Nothing is left; the log goes on behind `last`.
  void reset(raft::LogIndex last);
  // Segments before this one are gone.
  void forget_before(std::uint32_t segment);

  // Nothing: it is not on the disk.
  std::optional<Run> find(raft::LogIndex index) const;
  raft::LogIndex last() const { return last_; }
  std::size_t marks() const { return marks_.size(); }

 private:
  std::deque<Mark> marks_;  // ascending by index, and by segment and place
  raft::LogIndex last_;
};

}  // namespace ringhold::raft_io

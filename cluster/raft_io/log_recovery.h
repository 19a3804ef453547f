// Reads a replica's log at its start: which of it counts, what was torn when the machine stopped, and what is
// damaged. Blocks; memory is bounded by what is not known to be committed, and one write.
//
// A sector of the last segment that is not valid is part of a torn write, and cut off with all behind it, if
// it is blank and no valid sector anywhere says that it had been synced. Any other sector that is not valid,
// up to where its segment is said to end by the next one's header, is damage.
//
// What the last write left may be in the kernel's memory alone, if only the process was killed, even if a
// sync of it has failed: so it does not count as durable. It is carried over: written again at the beginning
// of the next segment, whose header says that this one ends before it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft_io/log_builder.h"
#include "cluster/raft_io/log_index.h"
#include "cluster/raft_io/segment_reader.h"
#include "cluster/raft_io/vote_file.h"
#include "common/base/result.h"
#include "common/reactor/disk.h"

namespace ringhold::raft_io {

struct Segment {
  std::uint32_t number = 0;
  std::uint64_t bytes = 0;   // of its file
  std::uint64_t used = 0;    // of these, what belongs to the log
  raft::LogIndex max_index;  // of all entries that were ever written to it
};

// How the log stands where it is known to be durable, for the header of the next segment.
struct LogEnd {
  std::uint32_t segment = 0;  // 0: there is none
  std::uint32_t sectors = 0;
  std::uint64_t checksum = 0;
  raft::Position last;
  raft::LogIndex commit;
};

// Where an entry begins in a string of records.
struct EntryAt {
  raft::LogIndex index;
  std::size_t offset = 0;
};

struct RecoveredLog {
  raft::Log log;
  raft::LogIndex commit;
  raft::LogIndex applied;
  bool begins_anew = false;        // behind the snapshot: none of the segments counts any more
  std::uint32_t first_needed = 0;  // the first segment that counts
  LogIndexMap index;
  std::vector<Segment> segments;
  LogEnd end;
  std::string carried;  // the records behind the end
  std::vector<EntryAt> carried_entries;
};

class LogRecovery {
 public:
  LogRecovery(Disk& disk, std::string directory, const Identity& identity, raft::SnapshotMeta newest,
              std::function<void(const raft::Entry&)> apply);
  // Once. `vote`: no entry is of a later term, and the log has the segment that it names.
  Result<RecoveredLog> run(const VoteCopy& vote);

 private:
  using Sector = SegmentReader::Sector;
  struct Part {
    Segment segment;
    std::string path;
    std::optional<SegmentHeader> header;
  };

  Result<std::vector<Part>> find_segments();
  Error missing(std::uint32_t segment) const;
  Result<void> read_finished(const Part& part, const SegmentHeader& next);
  Result<void> read_last(const Part& part);
  Result<void> check_torn(const Part& part, SegmentReader& reader, const Sector& bad);
  Result<void> take(const Part& part, const Sector& sector);
  Result<void> take_records(const Part& part, std::uint32_t sector);
  void settle();
  Error damage_at(const Part& part, std::uint32_t sector, std::string_view what) const;

  Disk& disk_;
  std::string directory_;
  LogBuilder builder_;
  RecoveredLog found_;
  RecordParser parser_;
  StreamPlace place_ = 0;           // of the next record
  std::uint32_t sectors_read_ = 0;  // of this segment
  std::uint64_t checksum_ = 0;      // of the last of them
  std::uint32_t synced_ = 0;        // as its valid sectors say
  bool write_ended_ = true;         // the last sector was the last of a write
};

// The numbers of the segments in the directory, ascending.
Result<std::vector<std::uint32_t>> list_segments(Disk& disk, const std::string& directory);

}  // namespace ringhold::raft_io

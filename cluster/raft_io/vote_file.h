// The vote on the disk: the file `vote`. Two copies, at bytes 0 and 4096 of 8192, each one sector:
//
//   "RHVOTE01" | u64 sequence number | u64 term | 16 bytes candidate (zeros: none) | u32 segment | zeros, to
//   byte 504 | u64 XXH3-64 of the 504 bytes before it                               (numbers: little-endian)
//
// The segment is the last one of the log by then: nothing counts as durable that is in a later one. So a log
// whose end has gone, whole files of it, can be told from one that ends there.
//
// A save writes the first copy and syncs it, then the second; only then does the vote count. So each copy, at
// any time, is the last vote that counted or a newer one, and one valid copy is enough whatever became of the
// other: torn or decayed, it cannot have been the only witness of a vote that counted. Both invalid: the vote
// is lost, and the replica must not start.
//
// For that to hold across restarts too, a vote that was read from one copy must stand in both before anybody
// acts on it: what a crash left in the first copy alone counts from then on. So a start always writes the
// file anew, aside, and renames it. It is also written anew after a failed write or sync: what became of the
// pages of a file whose sync has failed cannot be known.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cluster/raft/types.h"
#include "cluster/raft_io/guard.h"
#include "common/base/result.h"
#include "common/reactor/disk.h"

namespace ringhold::raft_io {

inline constexpr std::size_t kVoteFileBytes = 8192;

struct VoteCopy {
  std::uint64_t sequence = 0;
  raft::Vote vote;
  std::uint32_t segment = 0;  // 0: the log has none yet
};
std::string encode(const VoteCopy& copy);  // one sector
// Of the whole file: the copy that counts.
Result<VoteCopy> decode_vote_file(std::string_view bytes);

class VoteFile {
 public:
  VoteFile(Disk& disk, std::string directory);

  bool exists() const;
  // What is on the disk; blocks. Errors name the file and say what to do.
  Result<VoteCopy> read();
  // Durable when it is done. The first save, and the next one after a failure, writes the whole file anew.
  // One at a time.
  void save(const raft::Vote& vote, std::uint32_t segment, DiskDone done);

 private:
  void write_anew(const std::string& copy);
  void write_copy(std::uint64_t offset, const std::string& copy, std::function<void()> next);
  void end(Result<void> outcome);

  Disk& disk_;
  std::string directory_;
  std::string path_;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<WritableFile> file_;  // null: it has to be written anew
  DiskDone done_;
  Guard guard_;
};

}  // namespace ringhold::raft_io

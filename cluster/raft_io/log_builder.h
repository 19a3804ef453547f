// Makes a log of its records, as they are read from the disk, and gives what is known to be committed to the
// state machine. Pure. Errors say what cannot be; then nothing that this has made is of use.
//
// In memory it keeps what is not known to be committed, and what the log itself keeps.
#pragma once

#include <functional>

#include "cluster/raft/log.h"
#include "cluster/raft_io/identity.h"
#include "cluster/raft_io/record.h"
#include "common/base/result.h"

namespace ringhold::raft_io {

class LogBuilder {
 public:
  // `newest`: what the state machine holds already. `apply` gets each entry behind it once.
  LogBuilder(const Identity& identity, raft::SnapshotMeta newest,
             std::function<void(const raft::Entry&)> apply);

  Result<void> add(const SegmentHeader& header);
  Result<void> add(raft::Entry entry);
  Result<void> add(CommitRecord record);
  // There is no more. True: the log does not reach the snapshot, or has another entry in that place, so it
  // has to begin anew behind it; log() does.
  Result<bool> finish();

  const raft::Log& log() const { return log_; }
  raft::Log take_log() { return std::move(log_); }
  raft::LogIndex commit() const { return commit_; }
  raft::LogIndex applied() const { return applied_; }
  raft::Term last_entry_term() const { return last_entry_term_; }

 private:
  Result<void> begin_anew(const raft::SnapshotMeta& snapshot);
  Result<void> begin_at(raft::Position last);
  Result<void> apply_committed();

  const Identity& identity_;
  raft::SnapshotMeta newest_;
  std::function<void(const raft::Entry&)> apply_;
  raft::Log log_;
  raft::LogIndex commit_;
  raft::LogIndex applied_;
  raft::Term last_entry_term_;  // of the last entry that was read; 0: there was none
  bool begun_ = false;
};

}  // namespace ringhold::raft_io

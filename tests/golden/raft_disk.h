// RaftDisk: what one replica has made durable, and what is still to be done for it.
//
// It stands for raft_io's log, vote file and snapshots, in memory: what crashes here is exactly what was not
// synced, and a restart finds exactly what was.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cluster/raft/core.h"

namespace ringhold::golden {

// What a core asked its shell for.
using Job = std::variant<raft::Persist, raft::ReadLog, raft::WantSnapshot, raft::ReadChunk, raft::StoreChunk,
                         raft::SnapshotMeta>;  // the last: to be installed

class RaftDisk {
 public:
  // --- durable ---
  raft::Vote vote;
  raft::SnapshotMeta snapshot;
  std::string snapshot_bytes;
  raft::Position base;
  std::vector<raft::Entry> entries;  // behind the base
  raft::LogIndex commit;             // as the log's records have it
  std::optional<raft::Recovered::Incoming> incoming;
  std::string incoming_bytes;

  // --- not yet ---
  std::deque<Job> jobs;
  bool is_manual = false;        // jobs wait for `sync`
  bool is_stalled = false;       // and for `works`
  bool is_spoiled = false;       // the next snapshot that is to be installed is damaged
  bool has_no_snapshot = false;  // when one is wanted next

  void write(const raft::Persist& persist);
  std::vector<raft::Entry> read(raft::LogIndex from, std::size_t bytes_max) const;
  void store(const raft::StoreChunk& chunk);
  void install();
  void compact(const raft::SnapshotMeta& meta, std::string bytes, raft::LogIndex keep_from);
  // Entries from there on are gone, and nobody knows.
  void lose_from(raft::LogIndex index);
  // What a replica finds that starts with it.
  raft::Recovered recover() const;
};

}  // namespace ringhold::golden

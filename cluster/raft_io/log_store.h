// LogStore: what a replica must not forget: its vote and its log, in the directory DATA_DIR/raft.
//
//   identity              who it is                                       identity.h
//   vote                  its term and its vote                           vote_file.h
//   log-NNNNNNNNNN.wal    the log's segments                              sector.h, record.h
//   spare.wal             the next segment, made ahead of time            spare_segment.h
//
// One per replica, on its loop. What is asked for becomes durable in the order in which it was asked for;
// what comes while a write is under way goes into the next one. Nothing that was asked for fails: while the
// disk is full or broken it waits, which on_stalled says, and is tried again until on_works.
//
// An operation that is under way when this is destroyed ends unheard; it may or may not have happened.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/raft/core.h"
#include "cluster/raft_io/batch.h"
#include "cluster/raft_io/file_chores.h"
#include "cluster/raft_io/identity.h"
#include "cluster/raft_io/log_reader.h"
#include "cluster/raft_io/log_recovery.h"
#include "cluster/raft_io/segment_writer.h"
#include "cluster/raft_io/vote_file.h"
#include "common/base/limits.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

struct LogOptions {
  // Preallocated. Of a full disk, so much can still be written.
  std::uint64_t segment_bytes = limits::kLogSegmentBytes;
  // Requests that wait are written together up to this.
  std::size_t write_bytes_max = limits::kLogWriteBytesMax;
  std::chrono::microseconds retry_pause = limits::kLogRetryPause;
};

// None may destroy the store.
struct LogCallbacks {
  std::function<void(std::uint64_t number)> on_persisted;
  std::function<void(const std::string& why)> on_stalled;  // at first also while it is being opened
  std::function<void()> on_works;  // before the requests that it held up are persisted
  std::function<void(const std::string& text)> on_damage;  // what was durable can be read no more
};

struct LogFigures {
  std::uint64_t bytes_on_disk = 0;
  std::uint64_t segments = 0;
  std::uint64_t writes = 0;         // each of as many requests as waited
  std::uint64_t syncs = 0;          // of the log
  std::uint64_t bytes_written = 0;  // to it: whole sectors
  std::uint64_t entries = 0;        // written
};

class LogStore {
 public:
  using Apply = std::function<void(const raft::Entry&)>;
  using Opened = std::function<void(Result<raft::Recovered>)>;

  // The directory is there, with the identity.
  LogStore(const World& world, std::string directory, Identity identity, LogOptions options,
           LogCallbacks callbacks);

  // Once. Reads what is there (blocking), and gives `apply` what is known to be committed behind `newest`,
  // the newest snapshot. Once all that it has found is durable, `done` gets it, in a later turn. An error
  // says what is damaged or missing, and what to do; then this is of no use, and what `apply` was given is
  // not either.
  //
  // A new replica (its identity says that it has no log) gets one that begins behind `newest`: with members
  // and position 0 to found a shard with them, without for a replica that waits to be contacted. The members
  // that a shard was founded with are kept in the log until there is a snapshot: `newest` without members
  // then means these.
  void open(const raft::SnapshotMeta& newest, Apply apply, Opened done);

  // All others: when open has succeeded.
  //
  // In the order of their numbers; on_persisted of the last of several stands for all of them.
  void persist(raft::Persist request);
  // The log begins anew behind a snapshot, which is durable: `done` when that is, behind all requests before.
  void reset(const raft::SnapshotMeta& snapshot, std::function<void()> done);
  // Entries before `keep_from` are not needed any more; `keep_from` is at most behind the snapshot, and that
  // is durable. Segments that have only such entries are removed.
  void compact(const raft::SnapshotMeta& snapshot, raft::LogIndex keep_from);
  // Entries from `from` on, which are durable: up to `bytes_max`, one at least, or fewer; none: `from` is on
  // the disk no more. In a later turn.
  void read(raft::LogIndex from, std::size_t bytes_max, LogReader::Done done);

  LogFigures figures() const;

 private:
  // log_store_open.cpp
  void open_new(const raft::SnapshotMeta& newest, Opened done);
  void open_found(const raft::SnapshotMeta& newest, Apply apply, Opened done);
  void refuse(const Error& error, Opened done);
  Result<void> check_found() const;
  void write_first(const LogWrite& first, std::function<void(const Written&)> next);
  void note_log(std::function<void()> next);

  void begin_later();
  void begin();
  void begin_batch();
  void begin_reset();
  void save_vote(std::function<void()> next);
  void save_segment(std::function<void()> next);
  void write_records();
  void batch_written(const Written& written);
  void batch_done();
  void cut_to_used(Segment& segment);
  void remove_before(std::uint32_t segment);
  void note_segment(const Written& written);
  void note_entries(const std::vector<EntryAt>& entries, const Written& written);
  void trouble(const std::string& why);
  void works();
  void retry(std::function<void()> what);

  World world_;
  std::string directory_;
  Identity identity_;
  LogOptions options_;
  LogCallbacks callbacks_;

  IdentitySaver identity_saver_;
  VoteFile vote_file_;
  LogIndexMap index_;
  SegmentWriter writer_;
  LogReader reader_;
  FileChores chores_;
  std::vector<Segment> segments_;  // ascending; the last is being written

  std::deque<Request> queue_;
  Batch batch_;        // under way
  bool busy_ = false;  // a request, or opening, is under way
  bool begins_later_ = false;
  LogTail tail_;
  raft::Vote vote_;
  std::uint32_t segment_in_vote_ = 0;  // as the vote file has it
  bool stalled_ = false;
  std::unique_ptr<Timer> retry_timer_;
  std::function<void()> retried_;
  LogFigures figures_;
  Guard guard_;
};

}  // namespace ringhold::raft_io

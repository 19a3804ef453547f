// Writes the log: one write at a time into the current segment, and each into a new one if it does not fit,
// if the log begins anew with it, or if a write or sync of the current one has failed.
//
//            write fits              it does not / the log begins anew / failed
//   idle ──────────────▶ writing ─────────────────────────────────────▶ beginning: a spare segment, header
//    ▲                      │ synced                                      and write, synced, renamed
//    └──────────────────────┴──────────────────────────────────────────────┘
//
// A write never fails, it only takes longer: what went wrong is told to on_trouble, and tried again with a
// fresh segment, never on a file of which a sync has failed. The next segment's header says where the one
// before it ends, so what a failed write has left there is cut off.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cluster/raft_io/guard.h"
#include "cluster/raft_io/identity.h"
#include "cluster/raft_io/log_recovery.h"
#include "cluster/raft_io/spare_segment.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

struct LogWrite {
  std::string records;  // none: a segment begins with a header alone
  std::optional<raft::SnapshotMeta> anew;
  // The end of the log before this write.
  raft::Position last;
  raft::LogIndex commit;
};

struct Written {
  std::uint32_t segment = 0;
  std::uint64_t segment_bytes = 0;  // of its file
  std::uint64_t used = 0;           // of these
  StreamPlace records_at = 0;
};

class SegmentWriter {
 public:
  struct Options {
    std::uint64_t segment_bytes = 0;
    std::chrono::microseconds retry_pause{0};
  };
  SegmentWriter(const World& world, std::string directory, const Identity& identity, Options options,
                std::function<void(const std::string& why)> on_trouble);

  // Once, before the first write, which begins a segment: where the log on the disk ends.
  void continue_behind(const LogEnd& end);
  // `done` when it is durable. One at a time.
  void write(LogWrite write, std::function<void(Written)> done);
  // How many bytes of records fit into the current segment, and into a fresh one.
  std::size_t room() const;
  std::size_t fresh_room() const;
  std::uint64_t spare_bytes() const { return spare_.ready() ? spare_.bytes() : 0; }
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  struct Current {
    std::unique_ptr<WritableFile> file;
    std::uint64_t bytes = 0;
  };

  void advance();
  void write_on();
  void begin_segment();
  void fill_segment(std::string sectors);
  void name_segment();
  void begun();
  void failed_to_begin(const std::string& why);
  void finish(StreamPlace records_at);
  std::string header_record() const;
  void write_at(WritableFile& file, std::uint64_t offset, std::string sectors, DiskDone done);

  World world_;
  std::string directory_;
  Identity identity_;
  Options options_;
  std::function<void(const std::string& why)> on_trouble_;
  SpareSegment spare_;
  std::optional<Current> current_;
  WritePlace end_;  // of what is durable
  std::optional<LogWrite> write_;
  std::function<void(Written)> done_;
  bool busy_ = false;  // an operation is under way
  // Of the segment that is being begun, and of the write that is under way.
  Current next_;
  WritePlace next_end_;
  StreamPlace next_records_at_ = 0;
  std::uint64_t syncs_ = 0;
  std::uint64_t bytes_written_ = 0;
  Guard guard_;
};

}  // namespace ringhold::raft_io

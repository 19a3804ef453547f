// Reads entries back from the log's files while the log is written: for replicas that are so far behind that
// the entries are in memory no more.
//
// A reading goes from mark to mark (log_index.h), a piece of a file at a time, and checks what it reads. It
// ends when it has enough, or at the end of the log, or where the log was cut off or removed meanwhile.
// Damage is told to on_damage; the reading then ends with what it has.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/raft/types.h"
#include "cluster/raft_io/guard.h"
#include "cluster/raft_io/log_index.h"
#include "cluster/raft_io/record.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

class LogReader {
 public:
  using Done = std::function<void(std::vector<raft::Entry>)>;

  LogReader(const World& world, std::string directory, const LogIndexMap& index,
            std::function<void(const std::string& text)> on_damage);

  // `done` in a later turn.
  void read(raft::LogIndex from, std::size_t bytes_max, Done done);
  // The index will have another entry there, and none of those behind it that it has now.
  void cut_off(raft::LogIndex from);

 private:
  struct Reading {
    raft::LogIndex next;
    raft::LogIndex limit;  // no entry from here on
    std::size_t bytes_left = 0;
    Done done;
    std::vector<raft::Entry> entries;
    // Where it is.
    LogIndexMap::Run run;
    bool in_run = false;
    std::uint32_t sector = 0;
    std::size_t skip = 0;  // bytes of the next sector that are before the mark
    std::uint64_t checksum = 0;
    RecordParser parser;
  };
  using ReadingPtr = std::shared_ptr<Reading>;  // shared with the operation under way

  void go_on(const ReadingPtr& reading);
  void take_piece(const ReadingPtr& reading, const std::string& piece);
  std::string take_sector(Reading& reading, std::string_view bytes, bool is_first_of_piece);
  std::string take_records(Reading& reading);
  void unreadable(const ReadingPtr& reading, const std::string& what);
  void end(const ReadingPtr& reading);
  std::string path(const Reading& reading) const;

  World world_;
  std::string directory_;
  const LogIndexMap& index_;
  std::function<void(const std::string& text)> on_damage_;
  std::vector<ReadingPtr> readings_;
  Guard guard_;
};

}  // namespace ringhold::raft_io

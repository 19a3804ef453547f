// What is done to a log's files that nobody waits for, one after the other: cutting segments to what they use
// and removing them.
//
// Segments go oldest first, and each is durably gone before the next, so that a crash never leaves a gap. A
// removal that fails is tried again; a file that could not be cut is left as it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cluster/raft_io/guard.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

class FileChores {
 public:
  FileChores(const World& world, std::string directory, std::chrono::microseconds retry_pause);

  void cut(const std::string& path, std::uint64_t bytes);
  void remove(const std::string& path);
  bool idle() const { return !busy_; }

 private:
  struct Chore {
    std::string path;
    std::optional<std::uint64_t> bytes;  // none: it is removed
  };

  void next();
  void end();
  void cut_file(std::unique_ptr<WritableFile> file, std::uint64_t bytes);
  void remove_file(const std::string& path);
  void removed(const Result<void>& outcome);

  World world_;
  std::string directory_;
  std::chrono::microseconds retry_pause_;
  std::deque<Chore> chores_;
  std::unique_ptr<WritableFile> file_;
  std::unique_ptr<Timer> retry_;
  bool busy_ = false;
  Guard guard_;
};

}  // namespace ringhold::raft_io

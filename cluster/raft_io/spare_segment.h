// The next segment's file, made ahead of time under the name spare.wal, with its room set aside: so a log
// whose disk is full can still be written to for a while, and going on in a new segment costs a rename.
//
// Making it is tried until it succeeds: after each failure there is a pause.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cluster/raft_io/guard.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

class SpareSegment {
 public:
  struct Options {
    std::uint64_t bytes = 0;
    std::chrono::microseconds retry_pause{0};
  };
  // `on_change` after every success and every failure.
  SpareSegment(const World& world, std::string path, Options options, std::function<void()> on_change);

  // Begins to make one. Precondition: the last one was taken, and has another name by now.
  void make();
  // The one that was taken has failed: after a pause, another takes its place.
  void failed(std::string why);

  bool ready() const { return file_ != nullptr && !making_; }
  // Why there is none; empty while the first attempt is under way, or when there is one.
  const std::string& why_not() const { return why_not_; }
  std::uint64_t bytes() const { return options_.bytes; }
  // Precondition: ready().
  std::unique_ptr<WritableFile> take() { return std::move(file_); }

 private:
  void made(const Result<void>& outcome);

  World world_;
  std::string path_;
  Options options_;
  std::function<void()> on_change_;
  std::unique_ptr<WritableFile> file_;
  std::unique_ptr<Timer> retry_;
  bool making_ = false;
  std::string why_not_;
  Guard guard_;
};

}  // namespace ringhold::raft_io

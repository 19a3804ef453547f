// SimDisk: what a loop of a simulated process sees of its disk.
//
// An operation takes effect a random while after it was asked for, and tells its end in a turn of its own
// (EventKind::kDisk). Operations on different files may overtake each other, as on the threads of a real
// pool.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/world/files.h"

namespace ringhold::sim {

class SimDisk final : public Disk {
 public:
  SimDisk(SimLoop& loop, SimFiles& files) : loop_(loop), files_(files) {}

  Result<LockAttempt> lock_file(const std::string& path) override { return files_.lock_file(path); }
  void create_file(const std::string& path,
                   std::function<void(Result<std::unique_ptr<WritableFile>>)> done) override;
  void open_for_update(const std::string& path,
                       std::function<void(Result<std::unique_ptr<WritableFile>>)> done) override;
  void read_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max,
                  std::function<void(Result<std::string>)> done) override;
  void sync_directory(const std::string& path, DiskDone done) override;
  Result<void> make_directory(const std::string& path) override { return files_.make_directory(path); }
  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    return files_.list_directory(path);
  }
  void rename_file(const std::string& from, const std::string& to, DiskDone done) override;
  void link_file(const std::string& from, const std::string& to, DiskDone done) override;
  void remove_file(const std::string& path, DiskDone done) override;
  Result<std::unique_ptr<ReadableFile>> open_file(const std::string& path) override;
  bool file_exists(const std::string& path) override { return files_.exists(path); }

  Result<std::string> read_file(const std::string& path, std::size_t bytes_max) override {
    return files_.read(path, bytes_max);
  }
  Result<std::unique_ptr<FileWatch>> watch_file(const std::string& path,
                                                std::function<void()> on_change) override {
    return files_.watch(loop_, path, std::move(on_change));
  }

  // For its files.
  SimLoop& loop() { return loop_; }
  SimFiles& files() { return files_; }
  void start(DiskOperation operation, DiskDone done);

 private:
  using Opened = Result<std::shared_ptr<SimFile>>;
  void start_opening(std::string what, std::string path, std::function<Opened()> open,
                     std::function<void(Result<std::unique_ptr<WritableFile>>)> done);

  SimLoop& loop_;
  SimFiles& files_;
};

}  // namespace ringhold::sim

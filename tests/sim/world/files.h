// The disk of one simulated process, in memory: files under names, watches, faults, and what a crash leaves.
// The scenario edits it as people and editors do; programs reach it through SimDisk (disk_file.h).
//
// A file knows how much of it has been synced. At a crash a random prefix of the rest survives, and its end
// may be torn. Names are settled once their operation has ended; at a crash, one that is under way may or may
// not have happened.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/reactor/disk.h"
#include "tests/sim/world/random.h"

namespace ringhold::sim {

class SimLoop;
class SimWorld;

// What is under a name, or under several.
struct SimFile {
  std::string content;
  std::size_t synced = 0;  // so many bytes survive a crash
};

// What goes wrong on this disk; the scenario switches it on and off.
struct DiskFaults {
  std::uint64_t failing_appends_percent = 0;  // with EIO, after a part of the bytes
  bool fail_next_sync = false;                // its file loses what was not synced; the next one succeeds
  std::chrono::microseconds slow{0};          // not zero: an operation takes up to this long
};

// What a program has asked of the disk and has not been told the end of.
struct DiskOperation {
  std::string what;          // for the trace, with all that matters: "append dump.rh.new 4096"
  std::uint64_t detail = 0;  // for the trace: a hash of what is written
  std::function<Result<void>()> carry_out;
  std::function<void(SimRng&)> crash;  // carries out as much of it as a crash may; empty: all or nothing
};

class SimFiles {
 public:
  SimFiles(SimWorld& world, const std::string& process_name);

  // What people and editors do; it is on the disk at once. Each tells the watchers of `path`, a little later.
  void write(const std::string& path, std::string content);
  void remove(const std::string& path);
  void rename(const std::string& from, const std::string& to);

  bool exists(const std::string& path) const { return names_.contains(path); }
  Result<std::string> read(const std::string& path, std::size_t bytes_max) const;
  std::unique_ptr<FileWatch> watch(SimLoop& loop, const std::string& path, std::function<void()> on_change);
  std::size_t watches() const;
  std::vector<std::string> names() const;

  // Faults.
  DiskFaults& faults() { return faults_; }
  // The disk is full after so many more bytes; nullopt: never. What is removed or emptied makes room.
  void set_room(std::optional<std::uint64_t> bytes);
  // One bit of what is at rest changes. False: the file is missing or empty.
  bool flip_bit(const std::string& path);

  // See Disk::lock_file; a lock goes with the program's objects, as in a kernel with its process.
  Result<LockAttempt> lock_file(const std::string& path);

  // The ends of operations, for SimDisk.
  Result<std::shared_ptr<SimFile>> create_file(const std::string& path);
  Result<void> append(const std::string& path, SimFile& file, std::string_view bytes);
  Result<void> sync(const std::string& path, SimFile& file);
  Result<void> rename_file(const std::string& from, const std::string& to);
  Result<void> link_file(const std::string& from, const std::string& to);
  Result<void> remove_file(const std::string& path);
  std::shared_ptr<const SimFile> find(const std::string& path) const;

  void begin(const std::shared_ptr<DiskOperation>& operation) { under_way_.push_back(operation); }
  void end(const std::shared_ptr<DiskOperation>& operation) { std::erase(under_way_, operation); }
  std::size_t operations() const { return under_way_.size(); }
  std::size_t open_files = 0;  // for writing; kept by SimDisk's files

  // Its process has crashed, and nothing of it runs any more.
  void crash();

 private:
  struct Watcher {
    SimLoop* loop = nullptr;
    std::string path;
    std::function<void()> on_change;
    bool ended = false;
  };
  class Watch;
  class Lock;

  void tell(const std::string& path);
  std::uint64_t used() const;
  // How many of `wanted` bytes still fit.
  std::size_t fitting(std::size_t wanted) const;
  void lose_unsynced(const std::string& path, SimFile& file);

  SimWorld& world_;
  std::string process_name_;
  SimRng chaos_;
  DiskFaults faults_;
  std::optional<std::uint64_t> capacity_;
  std::map<std::string, std::shared_ptr<SimFile>> names_;  // shared: by several names, and by who has it open
  std::vector<std::shared_ptr<DiskOperation>> under_way_;  // shared with the events that end them
  std::map<std::string, std::weak_ptr<const int>> locks_;  // each there as long as it is held
  std::vector<std::shared_ptr<Watcher>> watchers_;         // shared with the events that are under way
};

}  // namespace ringhold::sim

// The disk of one simulated process, in memory: files under names, watches, faults, and what a crash leaves.
// The scenario edits it as people and editors do; programs reach it through SimDisk (disk_file.h).
//
// What a crash does to a file: sim_file.h. An operation that is under way may or may not have happened; of a
// write, any of its sectors. Names that were created or removed may be as they were, each on its own, until
// their directory has been synced; a rename or a link, once it has ended, is such a sync.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/reactor/disk.h"
#include "tests/sim/world/random.h"
#include "tests/sim/world/sim_file.h"

namespace ringhold::sim {

class SimLoop;
class SimWorld;

// What goes wrong on this disk; the scenario switches it on and off.
struct DiskFaults {
  std::uint64_t failing_appends_percent = 0;  // all that writes: with EIO, after a part of the bytes
  bool fail_next_sync = false;                // with EIO: see SimFile::fail_sync; the next one succeeds
  std::uint64_t fail_syncs_percent = 0;       // ... again and again
  std::chrono::microseconds slow{0};          // not zero: an operation takes up to this long
};

// The process crashes at one of its writes or syncs.
struct CrashPoint {
  enum class When : std::uint8_t {
    kBefore,  // nothing of it has happened
    kDuring,  // as much as may have happened when a machine stops
    kAfter,   // it has happened; nobody has been told
  };
  std::uint64_t operation = 0;  // by SimFiles::changes_asked()
  When when = When::kBefore;
  std::function<void()> crash;
};

// What a program has asked of the disk and has not been told the end of.
struct DiskOperation {
  std::string what;          // for the trace, with all that matters: "append dump.rh.new 4096"
  std::uint64_t detail = 0;  // for the trace: a hash of what is written
  std::function<Result<void>()> carry_out;
  std::function<void(SimRng&)> crash;  // carries out as much of it as a crash may; empty: all or nothing
  std::function<void()> forget;        // nobody will be told of its end any more; may be empty
  bool reads = false;                  // it changes nothing
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
  // One bit of what is at rest changes, of the bytes from `first` up to, but without, `last`. False: there
  // are none.
  bool flip_bit(const std::string& path, std::size_t first, std::size_t last);
  bool flip_bit(const std::string& path) { return flip_bit(path, 0, std::string::npos); }

  // Operations so far that change something.
  std::uint64_t changes_asked() const { return changes_asked_; }
  // One at a time; a crash by other means forgets it.
  void set_crash_point(CrashPoint point) { crash_point_ = std::move(point); }
  void clear_crash_point() { crash_point_.reset(); }

  // See Disk::lock_file; a lock goes with the program's objects, as in a kernel with its process.
  Result<LockAttempt> lock_file(const std::string& path);

  // The ends of operations, for SimDisk.
  Result<std::shared_ptr<SimFile>> create_file(const std::string& path);
  Result<std::shared_ptr<SimFile>> open_for_update(const std::string& path);
  // `position` moves behind what was taken.
  Result<void> append(const std::string& path, SimFile& file, std::size_t& position, std::string_view bytes);
  Result<void> write_synced(const std::string& path, SimFile& file, std::size_t offset,
                            std::string_view bytes);
  Result<void> allocate(const std::string& path, SimFile& file, std::size_t size);
  Result<void> truncate(const std::string& path, SimFile& file, std::size_t size);
  Result<void> sync(const std::string& path, SimFile& file);
  // What a crash leaves of a write_synced that is under way.
  void crash_write(const std::string& path, SimFile& file, std::size_t offset, std::string_view bytes);
  Result<void> sync_directory(const std::string& path);
  Result<void> rename_file(const std::string& from, const std::string& to);
  Result<void> link_file(const std::string& from, const std::string& to);
  Result<void> remove_file(const std::string& path);
  std::shared_ptr<const SimFile> find(const std::string& path) const;
  Result<std::string> read_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max) const;
  Result<void> make_directory(const std::string& path);
  Result<std::vector<std::string>> list_directory(const std::string& path) const;

  // False: it never happens, because the process crashes before.
  bool begin(const std::shared_ptr<DiskOperation>& operation);
  // True: its process crashes now, and hears nothing.
  bool crash_after(const DiskOperation& operation);
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

  void make_parents(const std::string& path);
  void tell(const std::string& path);
  std::uint64_t used() const;
  // How many of `wanted` bytes still fit.
  std::size_t fitting(std::size_t wanted) const;
  // How many of `length` bytes at `offset` can be written without more room than there is.
  std::size_t writable(const SimFile& file, std::size_t offset, std::size_t length) const;
  bool write_fails();
  bool sync_fails();
  void tell_of(const std::string& path, const SimFile& file);
  // Both: the directory's names are on the disk as they are.
  void settle(const std::string& directory);
  void settle_directory_of(const std::string& path);
  // It has not been settled what is under the name `path`.
  void unsettle(const std::string& path, std::shared_ptr<SimFile> before);
  void lose_names();

  SimWorld& world_;
  std::string process_name_;
  SimRng chaos_;
  DiskFaults faults_;
  std::optional<std::uint64_t> capacity_;
  std::map<std::string, std::shared_ptr<SimFile>> names_;  // shared: by several names, and by who has it open
  std::map<std::string, std::shared_ptr<SimFile>> unsettled_;  // what a crash may bring back; null: nothing
  std::set<std::string> directories_;                          // without the one that all names begin in
  std::vector<std::shared_ptr<DiskOperation>> under_way_;      // shared with the events that end them
  std::shared_ptr<DiskOperation> never_begun_;                 // that of the crash point
  std::uint64_t changes_asked_ = 0;
  std::optional<CrashPoint> crash_point_;
  const DiskOperation* crash_after_ = nullptr;             // the operation of the crash point
  std::map<std::string, std::weak_ptr<const int>> locks_;  // each there as long as it is held
  std::vector<std::shared_ptr<Watcher>> watchers_;         // shared with the events that are under way
};

}  // namespace ringhold::sim

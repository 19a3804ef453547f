// Disk on the real file system.
//
// Files and names: common/net/uv_file.h, common/net/file_names.h. What is under way when the disk goes is
// carried out while the loop ends, which waits for it; those who asked have gone by then, and hear nothing.
//
// A watch consists of two libuv handles: one on the directory (inotify), because editors replace files, and
// one that looks at the file itself every second, for what the first cannot see: the directory was deleted
// and made again, a link further up was switched, the system ran out of inotify watches.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/net/loop.h"
#include "common/reactor/disk.h"

namespace ringhold {

// Those who wait for operations of the disk.
class DiskWaiters {
 public:
  DiskWaiters() = default;
  ~DiskWaiters() { forget_all(); }
  DiskWaiters(const DiskWaiters&) = delete;
  DiskWaiters& operator=(const DiskWaiters&) = delete;

  // Keeps `done`; what is returned calls it once, unless it was forgotten before.
  DiskDone add(DiskDone done);
  // Destroys them all, with what they own.
  void forget_all();

 private:
  using Waiting = std::map<std::uint64_t, DiskDone>;

  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();  // the operations only look at it
  std::uint64_t next_ = 0;
};

class UvDisk final : public Disk {
 public:
  explicit UvDisk(Loop& loop) : loop_(loop) {}

  Result<LockAttempt> lock_file(const std::string& path) override;
  void create_file(const std::string& path,
                   std::function<void(Result<std::unique_ptr<WritableFile>>)> done) override;
  void open_for_update(const std::string& path,
                       std::function<void(Result<std::unique_ptr<WritableFile>>)> done) override;
  void read_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max,
                  std::function<void(Result<std::string>)> done) override;
  void sync_directory(const std::string& path, DiskDone done) override;
  Result<void> make_directory(const std::string& path) override;
  Result<std::vector<std::string>> list_directory(const std::string& path) override;
  void rename_file(const std::string& from, const std::string& to, DiskDone done) override;
  void link_file(const std::string& from, const std::string& to, DiskDone done) override;
  void remove_file(const std::string& path, DiskDone done) override;
  Result<std::unique_ptr<ReadableFile>> open_file(const std::string& path) override;
  bool file_exists(const std::string& path) override;
  Result<std::string> read_file(const std::string& path, std::size_t bytes_max) override;
  Result<std::unique_ptr<FileWatch>> watch_file(const std::string& path,
                                                std::function<void()> on_change) override;

  // Whoever waits for an operation will hear nothing. What they own goes now, while all that it may hang on
  // is still there.
  void forget_waiters() { waiters_.forget_all(); }

 private:
  // `done` waits for a T, as the others wait for an end; without it, what comes is destroyed.
  template <typename T>
  std::function<void(Result<T>)> waiter(std::function<void(Result<T>)> done);

  Loop& loop_;
  DiskWaiters waiters_;
};

}  // namespace ringhold

// Disk on the real file system.
//
// A watch consists of two libuv handles: one on the directory (inotify), because editors replace files, and
// one that looks at the file itself every second, for what the first cannot see: the directory was deleted
// and made again, a link further up was switched, the system ran out of inotify watches.
#pragma once

#include "common/net/loop.h"
#include "common/reactor/disk.h"

namespace ringhold {

class UvDisk final : public Disk {
 public:
  explicit UvDisk(Loop& loop) : loop_(loop) {}

  Result<std::string> read_file(const std::string& path, std::size_t bytes_max) override;
  Result<std::unique_ptr<FileWatch>> watch_file(const std::string& path,
                                                std::function<void()> on_change) override;

 private:
  Loop& loop_;
};

}  // namespace ringhold

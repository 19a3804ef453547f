// Files, as far as the parts above the reactor use them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace ringhold {

// Destroying it ends the watch.
class FileWatch {
 public:
  virtual ~FileWatch() = default;
};

class Disk {
 public:
  virtual ~Disk() = default;
  // The whole file. Errors name the file and say why: missing, unreadable, larger than `bytes_max`.
  virtual Result<std::string> read_file(const std::string& path, std::size_t bytes_max) = 0;
  // Calls `on_change` after the file at `path` may have changed: written, replaced by a rename, deleted,
  // created again. The directory is watched, because editors replace files. Several changes may come as one
  // call, and a call may come without a change; the caller debounces and reads.
  virtual Result<std::unique_ptr<FileWatch>> watch_file(const std::string& path,
                                                        std::function<void()> on_change) = 0;
};

}  // namespace ringhold

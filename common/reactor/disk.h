// Files, as far as the parts above the reactor use them.
#pragma once

#include <cstdint>
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

// What became of an operation, called once, from a later turn. Errors name the file and say why.
using DiskDone = std::function<void(Result<void>)>;

// A new file that is appended to. At most one operation at a time: whoever gives work waits for its end.
// Destroying it closes the file; an operation under way then ends unheard.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // All of `bytes`, or an error; after an error nothing is known of what stands behind the last success.
  virtual void append(std::string bytes, DiskDone done) = 0;
  // What was appended survives a crash once this has succeeded. A failed sync is final: the kernel may have
  // dropped the bytes, and would call the next attempt a success.
  virtual void sync(DiskDone done) = 0;
};

// A file that is read from its beginning. It blocks: for start-up and for tools, while nobody is served.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  virtual std::uint64_t size() const = 0;
  // The next bytes, `bytes_max` of them unless the file ends before; empty at its end.
  virtual Result<std::string> read(std::size_t bytes_max) = 0;
};

// Held until it is destroyed, or its process ends, in whatever way.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct LockAttempt {
  std::unique_ptr<FileLock> lock;  // null: somebody else holds it
  std::string holder;              // who, as far as that is known: "pid 4711"; may be empty
};

class Disk {
 public:
  virtual ~Disk() = default;
  // Takes the lock that the file at `path` stands for, or says who has it; it does not wait. The file is made
  // if it is missing, and stays: only the lock comes and goes. An error says that there can be no lock here
  // (no such directory, a file system without locks).
  virtual Result<LockAttempt> lock_file(const std::string& path) = 0;
  // A new, empty file (mode 0600), in the place of what may be at `path`.
  virtual void create_file(const std::string& path,
                           std::function<void(Result<std::unique_ptr<WritableFile>>)> done) = 0;
  // Moves `from` over `to` as one step, and syncs the directory, so that it survives a crash. Both are in one
  // directory. Before the end, a crash may leave it as it was or as it is to be.
  virtual void rename_file(const std::string& from, const std::string& to, DiskDone done) = 0;
  // Makes `to` a second name of the file at `from` (in the place of what may be at `to`), as one step.
  virtual void link_file(const std::string& from, const std::string& to, DiskDone done) = 0;
  virtual void remove_file(const std::string& path, DiskDone done) = 0;
  // Missing is an error like others: ask file_exists first where that is no failure.
  virtual Result<std::unique_ptr<ReadableFile>> open_file(const std::string& path) = 0;
  virtual bool file_exists(const std::string& path) = 0;

  // The whole file. Errors name the file and say why: missing, unreadable, larger than `bytes_max`.
  virtual Result<std::string> read_file(const std::string& path, std::size_t bytes_max) = 0;
  // Calls `on_change` after the file at `path` may have changed: written, replaced by a rename, deleted,
  // created again. The directory is watched, because editors replace files. Several changes may come as one
  // call, and a call may come without a change; the caller debounces and reads.
  virtual Result<std::unique_ptr<FileWatch>> watch_file(const std::string& path,
                                                        std::function<void()> on_change) = 0;
};

}  // namespace ringhold

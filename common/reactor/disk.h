// Files, as far as the parts above the reactor use them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace ringhold {

// Destroying it ends the watch.
class FileWatch {
 public:
  virtual ~FileWatch() = default;
};

// What became of an operation, called once, from a later turn. Errors name the file and say why.
using DiskDone = std::function<void(Result<void>)>;

// An open file that is written: appended to, or changed in place. At most one operation at a time: whoever
// gives work waits for its end. Destroying it closes the file; an operation under way then ends unheard.
//
// What was written and not synced survives a crash sector by sector (512 bytes): each is as it was or as it
// was to be.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // All of `bytes` behind what was appended before (in a file that was opened for update: from its beginning
  // on), or an error; after an error nothing is known of what stands behind the last success.
  virtual void append(std::string bytes, DiskDone done) = 0;
  // All of `bytes` at `offset`, and then what sync() does, as one piece of work for the disk. The file grows
  // if it has to.
  virtual void write_synced(std::uint64_t offset, std::string bytes, DiskDone done) = 0;
  // The file has `size` bytes from now on, durably: what is new is zero, and the disk has set its room aside,
  // so that writing it cannot fail for want of room. Never makes a file shorter.
  virtual void allocate(std::uint64_t size, DiskDone done) = 0;
  // The file ends after `size` bytes, durably. Never makes it longer.
  virtual void truncate(std::uint64_t size, DiskDone done) = 0;
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
  // A new, empty file (mode 0600), in the place of what may be at `path`. Its name may be lost in a crash
  // before sync_directory, or a rename in that directory, has succeeded.
  virtual void create_file(const std::string& path,
                           std::function<void(Result<std::unique_ptr<WritableFile>>)> done) = 0;
  // An existing file, as it is. Missing is an error.
  virtual void open_for_update(const std::string& path,
                               std::function<void(Result<std::unique_ptr<WritableFile>>)> done) = 0;
  // The bytes of the file at `path` from `offset` on: `bytes_max` of them unless the file ends before. For
  // files that are being written, too.
  virtual void read_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max,
                          std::function<void(Result<std::string>)> done) = 0;
  // Names that were created or removed in the directory survive a crash once this has succeeded.
  virtual void sync_directory(const std::string& path, DiskDone done) = 0;
  // Makes the directory, mode 0700, with those above it; one that is there is fine. Durable when it returns.
  // It blocks, like what follows: for start-up.
  virtual Result<void> make_directory(const std::string& path) = 0;
  // The names (without the directory's) of the files in it, sorted.
  virtual Result<std::vector<std::string>> list_directory(const std::string& path) = 0;
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

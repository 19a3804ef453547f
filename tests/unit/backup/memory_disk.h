// A disk in memory for tests that only read: its files are whatever the test puts there.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/backup/memory_file.h"

namespace ringhold {

class MemoryDisk final : public Disk {
 public:
  std::map<std::string, std::string> files;

  Result<std::unique_ptr<ReadableFile>> open_file(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return Error{path + " does not exist"};
    return memory_file(found->second);
  }
  bool file_exists(const std::string& path) override { return files.contains(path); }
  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files) {
      if (name.starts_with(path + "/")) names.push_back(name.substr(path.size() + 1));
    }
    return names;
  }

  // Not needed.
  Result<LockAttempt> lock_file(const std::string& /*path*/) override { return Error{"no locks here"}; }
  void create_file(const std::string& /*path*/,
                   std::function<void(Result<std::unique_ptr<WritableFile>>)> /*done*/) override {}
  void open_for_update(const std::string& /*path*/,
                       std::function<void(Result<std::unique_ptr<WritableFile>>)> /*done*/) override {}
  void read_range(const std::string& /*path*/, std::uint64_t /*offset*/, std::size_t /*bytes_max*/,
                  std::function<void(Result<std::string>)> /*done*/) override {}
  void sync_directory(const std::string& /*path*/, DiskDone /*done*/) override {}
  Result<void> make_directory(const std::string& /*path*/) override { return Error{"no directories here"}; }
  void rename_file(const std::string& /*from*/, const std::string& /*to*/, DiskDone /*done*/) override {}
  void link_file(const std::string& /*from*/, const std::string& /*to*/, DiskDone /*done*/) override {}
  void remove_file(const std::string& /*path*/, DiskDone /*done*/) override {}
  Result<std::string> read_file(const std::string& path, std::size_t /*bytes_max*/) override {
    return files[path];
  }
  Result<std::unique_ptr<FileWatch>> watch_file(const std::string& /*path*/,
                                                std::function<void()> /*on_change*/) override {
    return Error{"no watches here"};
  }
};

}  // namespace ringhold

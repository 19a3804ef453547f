// The files of one simulated process, in memory, with watches. The scenario edits them as people and editors
// do.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/reactor/disk.h"

namespace ringhold::sim {

class SimLoop;
class SimWorld;

class SimFiles {
 public:
  explicit SimFiles(SimWorld& world) : world_(world) {}

  // Each tells the watchers of `path`, a little later.
  void write(const std::string& path, std::string content);
  void remove(const std::string& path);
  void rename(const std::string& from, const std::string& to);

  bool exists(const std::string& path) const { return content_.contains(path); }
  Result<std::string> read(const std::string& path, std::size_t bytes_max) const;
  std::unique_ptr<FileWatch> watch(SimLoop& loop, const std::string& path, std::function<void()> on_change);
  std::size_t watches() const;

 private:
  struct Watcher {
    SimLoop* loop = nullptr;
    std::string path;
    std::function<void()> on_change;
    bool ended = false;
  };
  class Watch;

  void tell(const std::string& path);

  SimWorld& world_;
  std::map<std::string, std::string> content_;
  std::vector<std::shared_ptr<Watcher>> watchers_;  // shared with the events that are under way
};

// What a loop of the process sees.
class SimDisk final : public Disk {
 public:
  SimDisk(SimLoop& loop, SimFiles& files) : loop_(loop), files_(files) {}
  Result<std::string> read_file(const std::string& path, std::size_t bytes_max) override {
    return files_.read(path, bytes_max);
  }
  Result<std::unique_ptr<FileWatch>> watch_file(const std::string& path,
                                                std::function<void()> on_change) override {
    return files_.watch(loop_, path, std::move(on_change));
  }

 private:
  SimLoop& loop_;
  SimFiles& files_;
};

}  // namespace ringhold::sim

#include "tests/sim/world/files.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

class SimFiles::Watch final : public FileWatch {
 public:
  explicit Watch(std::shared_ptr<Watcher> watcher) : watcher_(std::move(watcher)) {}
  ~Watch() override { watcher_->ended = true; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  std::shared_ptr<Watcher> watcher_;
};

class SimFiles::Lock final : public FileLock {
 public:
  std::weak_ptr<const int> held() const { return held_; }

 private:
  std::shared_ptr<const int> held_ = std::make_shared<const int>(0);  // nobody else owns it
};

SimFiles::SimFiles(SimWorld& world, const std::string& process_name)
    : world_(world), process_name_(process_name), chaos_(world.seed(), process_name + "/disk") {}

void SimFiles::write(const std::string& path, std::string content) {
  make_parents(path);
  names_[path] = std::make_shared<SimFile>(std::move(content));
  unsettled_.erase(path);
  tell(path);
}

void SimFiles::remove(const std::string& path) {
  names_.erase(path);
  unsettled_.erase(path);
  tell(path);
}

void SimFiles::rename(const std::string& from, const std::string& to) {
  make_parents(to);
  (void)rename_file(from, to).ok();
}

Result<std::string> SimFiles::read(const std::string& path, std::size_t bytes_max) const {
  const auto file = find(path);
  if (!file) return Error{path + ": no such file"};
  if (file->size() > bytes_max) return Error{path + ": larger than " + std::to_string(bytes_max) + " bytes"};
  return file->content();
}

std::shared_ptr<const SimFile> SimFiles::find(const std::string& path) const {
  const auto it = names_.find(path);
  return it == names_.end() ? nullptr : it->second;
}

std::vector<std::string> SimFiles::names() const {
  std::vector<std::string> all;
  for (const auto& [path, file] : names_) all.push_back(path);
  return all;
}

Result<LockAttempt> SimFiles::lock_file(const std::string& path) {
  if (!locks_[path].expired()) return LockAttempt{nullptr, process_name_};
  auto lock = std::make_unique<Lock>();
  locks_[path] = lock->held();
  if (!exists(path)) write(path, {});
  return LockAttempt{std::move(lock), {}};
}

Result<std::string> SimFiles::read_range(const std::string& path, std::uint64_t offset,
                                         std::size_t bytes_max) const {
  const auto file = find(path);
  if (!file) return Error{path + " does not exist"};
  if (offset >= file->size()) return std::string();
  return file->content().substr(static_cast<std::size_t>(offset), bytes_max);
}

std::unique_ptr<FileWatch> SimFiles::watch(SimLoop& loop, const std::string& path,
                                           std::function<void()> on_change) {
  auto watcher = std::make_shared<Watcher>(Watcher{&loop, path, std::move(on_change), false});
  watchers_.push_back(watcher);
  return std::make_unique<Watch>(std::move(watcher));
}

std::size_t SimFiles::watches() const {
  return static_cast<std::size_t>(
      std::count_if(watchers_.begin(), watchers_.end(), [](const auto& watcher) { return !watcher->ended; }));
}

void SimFiles::tell(const std::string& path) {
  std::erase_if(watchers_, [](const auto& watcher) { return watcher->ended; });
  for (const auto& watcher : watchers_) {
    if (watcher->path != path) continue;
    const auto delay = std::chrono::microseconds(watcher->loop->chaos().between(50, 5000));
    SimWorld& world = world_;
    world_.push(world_.now() + delay, watcher->loop, [&world, watcher] {
      if (watcher->ended) return;
      world.enter(*watcher->loop, EventKind::kFile, 0, watcher->path, [watcher] {
        if (!watcher->ended) watcher->on_change();
      });
    });
  }
}

}  // namespace ringhold::sim

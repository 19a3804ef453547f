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

void SimFiles::write(const std::string& path, std::string content) {
  content_[path] = std::move(content);
  tell(path);
}

void SimFiles::remove(const std::string& path) {
  content_.erase(path);
  tell(path);
}

void SimFiles::rename(const std::string& from, const std::string& to) {
  const auto it = content_.find(from);
  if (it == content_.end()) return;
  content_[to] = std::move(it->second);
  content_.erase(it);
  tell(from);
  tell(to);
}

Result<std::string> SimFiles::read(const std::string& path, std::size_t bytes_max) const {
  const auto it = content_.find(path);
  if (it == content_.end()) return Error{path + ": no such file"};
  if (it->second.size() > bytes_max)
    return Error{path + ": larger than " + std::to_string(bytes_max) + " bytes"};
  return it->second;
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

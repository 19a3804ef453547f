#include "tests/sim/world/files.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

namespace {
// The words of the kernel, as common/net says them.
constexpr const char* kMissing = "No such file or directory";
constexpr const char* kNoSpace = "No space left on device";
constexpr const char* kInputOutput = "Input/output error";
}  // namespace

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
  const std::size_t size = content.size();
  names_[path] = std::make_shared<SimFile>(SimFile{std::move(content), size});
  tell(path);
}

void SimFiles::remove(const std::string& path) {
  names_.erase(path);
  tell(path);
}

void SimFiles::rename(const std::string& from, const std::string& to) {
  (void)rename_file(from, to).ok();
}

Result<std::string> SimFiles::read(const std::string& path, std::size_t bytes_max) const {
  const auto file = find(path);
  if (!file) return Error{path + ": no such file"};
  if (file->content.size() > bytes_max)
    return Error{path + ": larger than " + std::to_string(bytes_max) + " bytes"};
  return file->content;
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

// As with O_TRUNC, other names of the file see it emptied.
Result<std::shared_ptr<SimFile>> SimFiles::create_file(const std::string& path) {
  auto& file = names_[path];
  if (!file) file = std::make_shared<SimFile>();
  *file = {};
  tell(path);
  return file;
}

Result<void> SimFiles::append(const std::string& path, SimFile& file, std::string_view bytes) {
  const char* why = nullptr;
  std::size_t taken = fitting(bytes.size());
  if (taken < bytes.size()) why = kNoSpace;
  if (faults_.failing_appends_percent > 0 && chaos_.percent(faults_.failing_appends_percent)) {
    why = kInputOutput;
    taken = static_cast<std::size_t>(chaos_.below(taken + 1));
  }
  file.content.append(bytes.substr(0, taken));
  if (const auto found = find(path); found.get() == &file) tell(path);
  if (why == nullptr) return {};
  return Error{path + " cannot be written: " + why};
}

Result<void> SimFiles::sync(const std::string& path, SimFile& file) {
  if (std::exchange(faults_.fail_next_sync, false)) {
    file.content.resize(file.synced);
    return Error{path + " cannot be synced to the disk: " + kInputOutput};
  }
  file.synced = file.content.size();
  return {};
}

Result<void> SimFiles::rename_file(const std::string& from, const std::string& to) {
  const auto it = names_.find(from);
  if (it == names_.end()) return Error{from + " cannot be renamed to " + to + ": " + kMissing};
  const auto file = it->second;
  if (from != to) names_.erase(it);
  names_[to] = file;
  tell(from);
  tell(to);
  return {};
}

Result<void> SimFiles::link_file(const std::string& from, const std::string& to) {
  const auto it = names_.find(from);
  if (it == names_.end()) return Error{from + " cannot be linked as " + to + ": " + kMissing};
  names_[to] = std::shared_ptr(it->second);
  tell(to);
  return {};
}

Result<void> SimFiles::remove_file(const std::string& path) {
  if (names_.erase(path) == 0) return Error{path + " cannot be removed: " + kMissing};
  tell(path);
  return {};
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

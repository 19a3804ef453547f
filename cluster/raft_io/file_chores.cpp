#include "cluster/raft_io/file_chores.h"

#include <utility>

#include "common/base/log.h"

namespace ringhold::raft_io {

FileChores::FileChores(const World& world, std::string directory, std::chrono::microseconds retry_pause)
    : world_(world),
      directory_(std::move(directory)),
      retry_pause_(retry_pause),
      retry_(world.scheduler.make_timer([this] { next(); })) {}

void FileChores::cut(const std::string& path, std::uint64_t bytes) {
  chores_.push_back({path, bytes});
  if (!busy_) next();
}

void FileChores::remove(const std::string& path) {
  chores_.push_back({path, std::nullopt});
  if (!busy_) next();
}

void FileChores::next() {
  busy_ = !chores_.empty();
  if (!busy_) return;
  const Chore chore = chores_.front();
  if (!chore.bytes) return remove_file(chore.path);
  const auto opened = [this, chore](Result<std::unique_ptr<WritableFile>> file) {
    if (file.ok()) return cut_file(std::move(*file), *chore.bytes);
    log::warn("{}: it keeps its room on the disk", file.error().message);
    end();
  };
  world_.disk.open_for_update(chore.path, guard_.wrap(opened));
}

void FileChores::end() {
  chores_.pop_front();
  next();
}

void FileChores::cut_file(std::unique_ptr<WritableFile> file, std::uint64_t bytes) {
  file_ = std::move(file);
  file_->truncate(bytes, guard_.wrap([this](const Result<void>& outcome) {
    if (!outcome.ok()) log::warn("{}: it keeps its room on the disk", outcome.error().message);
    file_.reset();
    end();
  }));
}

void FileChores::remove_file(const std::string& path) {
  const auto sync = [this] {
    world_.disk.sync_directory(directory_,
                               guard_.wrap([this](const Result<void>& outcome) { removed(outcome); }));
  };
  // It may be that it has gone and only the sync has failed.
  if (!world_.disk.file_exists(path)) return sync();
  world_.disk.remove_file(path, guard_.wrap([this, sync](const Result<void>& outcome) {
    if (outcome.ok()) return sync();
    removed(outcome);
  }));
}

void FileChores::removed(const Result<void>& outcome) {
  if (outcome.ok()) return end();
  log::warn("{}; it is tried again", outcome.error().message);
  retry_->start(retry_pause_);
}

}  // namespace ringhold::raft_io

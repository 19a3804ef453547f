#include "common/net/uv_disk.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "common/base/log.h"
#include "common/net/directories.h"
#include "common/net/file_lock.h"
#include "common/net/file_names.h"
#include "common/net/files.h"
#include "common/net/fs_request.h"
#include "common/net/uv_file.h"

namespace ringhold {

namespace {

constexpr unsigned kPollMs = 1000;

// The two handles of one watch. Deletes itself when both have closed.
class WatchHandles {
 public:
  WatchHandles(Loop& loop, const std::string& path, std::function<void()> on_change)
      : loop_(loop), path_(path), on_change_(std::make_shared<std::function<void()>>(std::move(on_change))) {
    const std::filesystem::path whole(path);
    base_name_ = whole.filename().string();
    directory_ = whole.has_parent_path() ? whole.parent_path().string() : ".";
    INVARIANT(uv_fs_event_init(loop.uv(), &event_) == 0);
    INVARIANT(uv_fs_poll_init(loop.uv(), &poll_) == 0);
    event_.data = poll_.data = this;
    watch_directory();
    uv_fs_poll_start(&poll_, &WatchHandles::on_poll, path_.c_str(), kPollMs);
  }

  void close() {
    on_change_.reset();
    const auto closed = [](uv_handle_t* handle) {
      auto* self = static_cast<WatchHandles*>(handle->data);
      if (--self->open_ == 0) delete self;
    };
    uv_close(reinterpret_cast<uv_handle_t*>(&event_), closed);
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_), closed);
  }

 private:
  // Also called when the directory may be another one by now.
  void watch_directory() {
    uv_fs_event_stop(&event_);
    const int code = uv_fs_event_start(&event_, &WatchHandles::on_event, directory_.c_str(), 0);
    if (code != 0) {
      log::debug("{}: watched once a second only ({}: {})", path_, directory_, uv_strerror(code));
    }
  }

  static void on_event(uv_fs_event_t* event, const char* name, int /*events*/, int status) {
    auto* self = static_cast<WatchHandles*>(event->data);
    if (status == 0 && name != nullptr && self->base_name_ != name) return;
    self->changed();
  }

  static void on_poll(uv_fs_poll_t* poll, int /*status*/, const uv_stat_t* /*old*/,
                      const uv_stat_t* /*now*/) {
    auto* self = static_cast<WatchHandles*>(poll->data);
    self->watch_directory();
    self->changed();
  }

  void changed() {
    const CallbackScope scope(loop_);
    const auto on_change = on_change_;
    if (on_change) (*on_change)();
  }

  Loop& loop_;
  std::string path_;
  std::string directory_;
  std::string base_name_;
  std::shared_ptr<std::function<void()>> on_change_;  // shared: a callback may end its own watch
  uv_fs_event_t event_{};
  uv_fs_poll_t poll_{};
  int open_ = 2;
};

class UvFileWatch final : public FileWatch {
 public:
  explicit UvFileWatch(WatchHandles* handles) : handles_(handles) {}
  ~UvFileWatch() override { handles_->close(); }
  UvFileWatch(const UvFileWatch&) = delete;
  UvFileWatch& operator=(const UvFileWatch&) = delete;

 private:
  WatchHandles* handles_;
};

}  // namespace

DiskDone DiskWaiters::add(DiskDone done) {
  const std::uint64_t number = next_++;
  waiting_->emplace(number, std::move(done));
  return [all = std::weak_ptr(waiting_), number](Result<void> outcome) {
    const auto waiting = all.lock();
    if (!waiting) return;
    const auto found = waiting->extract(number);
    if (!found.empty()) found.mapped()(std::move(outcome));
  };
}

void DiskWaiters::forget_all() {
  while (!waiting_->empty()) std::exchange(*waiting_, {});
}

Result<LockAttempt> UvDisk::lock_file(const std::string& path) {
  return ringhold::lock_file(path);
}

template <typename T>
std::function<void(Result<T>)> UvDisk::waiter(std::function<void(Result<T>)> done) {
  // It is laid down here on its way to the waiter.
  const auto made = std::make_shared<Result<T>>(Error{});
  const DiskDone heard =
      waiters_.add([made, done = std::move(done)](const Result<void>&) { done(std::move(*made)); });
  return [made, heard](Result<T> outcome) {
    *made = std::move(outcome);
    heard({});
  };
}

void UvDisk::create_file(const std::string& path,
                         std::function<void(Result<std::unique_ptr<WritableFile>>)> done) {
  create_writable_file(loop_, path, waiter(std::move(done)));
}

void UvDisk::open_for_update(const std::string& path,
                             std::function<void(Result<std::unique_ptr<WritableFile>>)> done) {
  open_file_for_update(loop_, path, waiter(std::move(done)));
}

void UvDisk::read_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max,
                        std::function<void(Result<std::string>)> done) {
  const auto heard = waiter(std::move(done));
  const auto read = std::make_shared<Result<std::string>>(std::string());
  start_job(
      loop_, [read, path, offset, bytes_max] { *read = read_file_range(path, offset, bytes_max); },
      [read, heard] { heard(std::move(*read)); });
}

void UvDisk::sync_directory(const std::string& path, DiskDone done) {
  ringhold::sync_directory(loop_, path, waiters_.add(std::move(done)));
}

Result<void> UvDisk::make_directory(const std::string& path) {
  return ringhold::make_directory(path);
}

Result<std::vector<std::string>> UvDisk::list_directory(const std::string& path) {
  return ringhold::list_directory(path);
}

void UvDisk::rename_file(const std::string& from, const std::string& to, DiskDone done) {
  ringhold::rename_file(loop_, from, to, waiters_.add(std::move(done)));
}

void UvDisk::link_file(const std::string& from, const std::string& to, DiskDone done) {
  ringhold::link_file(loop_, from, to, waiters_.add(std::move(done)));
}

void UvDisk::remove_file(const std::string& path, DiskDone done) {
  ringhold::remove_file(loop_, path, waiters_.add(std::move(done)));
}

Result<std::unique_ptr<ReadableFile>> UvDisk::open_file(const std::string& path) {
  return open_readable_file(path);
}

bool UvDisk::file_exists(const std::string& path) {
  // Where it cannot be told, it had better be looked for: open_file says what is wrong.
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

Result<std::string> UvDisk::read_file(const std::string& path, std::size_t bytes_max) {
  return read_whole_file(path, bytes_max);
}

Result<std::unique_ptr<FileWatch>> UvDisk::watch_file(const std::string& path,
                                                      std::function<void()> on_change) {
  if (std::filesystem::path(path).filename().empty()) {
    return Error{fmt::format("'{}' names no file that could be watched", path)};
  }
  return std::unique_ptr<FileWatch>(
      std::make_unique<UvFileWatch>(new WatchHandles(loop_, path, std::move(on_change))));
}

}  // namespace ringhold

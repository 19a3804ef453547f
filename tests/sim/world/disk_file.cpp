#include "tests/sim/world/disk_file.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

namespace {

using std::chrono::microseconds;

// Of an operation: the time of a fast disk, and of one that has more to do.
constexpr std::int64_t kDelayMinUs = 50;
constexpr std::int64_t kDelayMaxUs = 5000;

class SimWritableFile final : public WritableFile {
 public:
  SimWritableFile(SimDisk& disk, std::string path, std::shared_ptr<SimFile> file)
      : disk_(disk), path_(std::move(path)), file_(std::move(file)) {
    ++disk_.files().open_files;
  }
  ~SimWritableFile() override {
    --disk_.files().open_files;
    std::exchange(*done_, nullptr);
  }
  SimWritableFile(const SimWritableFile&) = delete;
  SimWritableFile& operator=(const SimWritableFile&) = delete;

  void append(std::string bytes, DiskDone done) override {
    DiskOperation operation;
    operation.what = fmt::format("append {} {}", path_, bytes.size());
    operation.detail = XXH3_64bits(bytes.data(), bytes.size());
    const auto shared = std::make_shared<const std::string>(std::move(bytes));
    SimFiles& files = disk_.files();
    operation.carry_out = [&files, path = path_, file = file_, position = position_, shared] {
      return files.append(path, *file, *position, *shared);
    };
    operation.crash = [&files, path = path_, file = file_, position = position_, shared](SimRng& chaos) {
      const auto taken = static_cast<std::size_t>(chaos.below(shared->size() + 1));
      (void)files.append(path, *file, *position, std::string_view(*shared).substr(0, taken)).ok();
    };
    start(std::move(operation), std::move(done));
  }

  void write_synced(std::uint64_t offset, std::string bytes, DiskDone done) override {
    DiskOperation operation;
    operation.what = fmt::format("write {} {} {}", path_, offset, bytes.size());
    operation.detail = XXH3_64bits(bytes.data(), bytes.size());
    const auto at = static_cast<std::size_t>(offset);
    const auto shared = std::make_shared<const std::string>(std::move(bytes));
    SimFiles& files = disk_.files();
    operation.carry_out = [&files, path = path_, file = file_, at, shared] {
      return files.write_synced(path, *file, at, *shared);
    };
    operation.crash = [&files, path = path_, file = file_, at, shared](SimRng& /*that of the files*/) {
      files.crash_write(path, *file, at, *shared);
    };
    start(std::move(operation), std::move(done));
  }

  void allocate(std::uint64_t size, DiskDone done) override {
    DiskOperation operation;
    operation.what = fmt::format("allocate {} {}", path_, size);
    SimFiles& files = disk_.files();
    operation.carry_out = [&files, path = path_, file = file_, size] {
      return files.allocate(path, *file, static_cast<std::size_t>(size));
    };
    start(std::move(operation), std::move(done));
  }

  void truncate(std::uint64_t size, DiskDone done) override {
    DiskOperation operation;
    operation.what = fmt::format("truncate {} {}", path_, size);
    SimFiles& files = disk_.files();
    operation.carry_out = [&files, path = path_, file = file_, size] {
      return files.truncate(path, *file, static_cast<std::size_t>(size));
    };
    start(std::move(operation), std::move(done));
  }

  void sync(DiskDone done) override {
    DiskOperation operation;
    operation.what = "sync " + path_;
    SimFiles& files = disk_.files();
    operation.carry_out = [&files, path = path_, file = file_] { return files.sync(path, *file); };
    start(std::move(operation), std::move(done));
  }

 private:
  void start(DiskOperation operation, DiskDone done) {
    INVARIANT(done != nullptr);
    INVARIANT(*done_ == nullptr);  // one at a time
    *done_ = std::move(done);
    // Who waits may own the file.
    operation.forget = [waiting = std::weak_ptr(done_)] {
      const auto strong = waiting.lock();
      const auto dropped = strong ? std::exchange(*strong, nullptr) : nullptr;
    };
    disk_.start(std::move(operation), [waiting = done_](Result<void> outcome) {
      // Out of here first: it may give the next operation, or destroy the file.
      if (const auto heard = std::exchange(*waiting, nullptr)) heard(std::move(outcome));
    });
  }

  SimDisk& disk_;
  std::string path_;
  std::shared_ptr<SimFile> file_;
  std::shared_ptr<std::size_t> position_ = std::make_shared<std::size_t>(0);  // of appends; shared like:
  // Of the operation under way, or null; shared with it, which may outlive the file.
  std::shared_ptr<DiskDone> done_ = std::make_shared<DiskDone>();
};

class SimReadableFile final : public ReadableFile {
 public:
  explicit SimReadableFile(std::shared_ptr<const SimFile> file)
      : file_(std::move(file)), size_(file_->size()) {}

  std::uint64_t size() const override { return size_; }
  Result<std::string> read(std::size_t bytes_max) override {
    const std::size_t end = std::min(size_, file_->size());
    const std::size_t length = at_ < end ? std::min(bytes_max, end - at_) : 0;
    std::string bytes = length > 0 ? file_->content().substr(at_, length) : std::string();
    at_ += length;
    return bytes;
  }

 private:
  std::shared_ptr<const SimFile> file_;
  std::size_t size_;
  std::size_t at_ = 0;
};

}  // namespace

void SimDisk::start(DiskOperation operation, DiskDone done) {
  INVARIANT(done != nullptr);
  if (!loop_.alive()) return;
  loop_.check_on_loop("a disk operation");
  const auto shared = std::make_shared<DiskOperation>(std::move(operation));
  if (!files_.begin(shared)) return;
  const std::int64_t slowest = std::max(kDelayMaxUs, std::int64_t{files_.faults().slow.count()});
  const auto delay = microseconds(loop_.chaos().between(kDelayMinUs, slowest));
  SimWorld& world = loop_.sim();
  world.push(world.now() + delay, &loop_, [this, &world, shared, done = std::move(done)] {
    files_.end(shared);
    const Result<void> outcome = shared->carry_out();  // whether or not the process is paused
    const std::string text = fmt::format("{} {}: {}", loop_.process().name(), shared->what,
                                         outcome.ok() ? "ok" : outcome.error().message);
    if (files_.crash_after(*shared)) return;
    world.enter(loop_, EventKind::kDisk, shared->detail, text, [done, outcome] { done(outcome); });
  });
}

void SimDisk::start_opening(std::string what, std::string path, std::function<Opened()> open,
                            std::function<void(Result<std::unique_ptr<WritableFile>>)> done) {
  DiskOperation operation;
  operation.what = std::move(what);
  const auto opened = std::make_shared<std::shared_ptr<SimFile>>();
  operation.carry_out = [opened, open = std::move(open)]() -> Result<void> {
    auto file = open();
    if (!file.ok()) return file.error();
    *opened = std::move(*file);
    return {};
  };
  start(std::move(operation), [this, path = std::move(path), opened,
                               done = std::move(done)](const Result<void>& outcome) {
    if (!outcome.ok()) return done(outcome.error());
    done(std::unique_ptr<WritableFile>(std::make_unique<SimWritableFile>(*this, path, std::move(*opened))));
  });
}

void SimDisk::create_file(const std::string& path,
                          std::function<void(Result<std::unique_ptr<WritableFile>>)> done) {
  start_opening(
      "create " + path, path, [this, path] { return files_.create_file(path); }, std::move(done));
}

void SimDisk::open_for_update(const std::string& path,
                              std::function<void(Result<std::unique_ptr<WritableFile>>)> done) {
  start_opening(
      "open " + path, path, [this, path] { return files_.open_for_update(path); }, std::move(done));
}

void SimDisk::read_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max,
                         std::function<void(Result<std::string>)> done) {
  DiskOperation operation;
  operation.what = fmt::format("read {} {} {}", path, offset, bytes_max);
  const auto read = std::make_shared<std::string>();
  operation.carry_out = [this, path, offset, bytes_max, read]() -> Result<void> {
    auto bytes = files_.read_range(path, offset, bytes_max);
    if (!bytes.ok()) return bytes.error();
    *read = std::move(*bytes);
    return {};
  };
  operation.crash = [](SimRng&) {};  // it leaves nothing behind
  operation.reads = true;
  start(std::move(operation), [read, done = std::move(done)](const Result<void>& outcome) {
    if (!outcome.ok()) return done(outcome.error());
    done(std::move(*read));
  });
}

void SimDisk::sync_directory(const std::string& path, DiskDone done) {
  DiskOperation operation;
  operation.what = fmt::format("sync directory {}", path);
  operation.carry_out = [this, path] { return files_.sync_directory(path); };
  start(std::move(operation), std::move(done));
}

void SimDisk::rename_file(const std::string& from, const std::string& to, DiskDone done) {
  DiskOperation operation;
  operation.what = fmt::format("rename {} to {}", from, to);
  operation.carry_out = [this, from, to] { return files_.rename_file(from, to); };
  start(std::move(operation), std::move(done));
}

void SimDisk::link_file(const std::string& from, const std::string& to, DiskDone done) {
  DiskOperation operation;
  operation.what = fmt::format("link {} as {}", from, to);
  operation.carry_out = [this, from, to] { return files_.link_file(from, to); };
  start(std::move(operation), std::move(done));
}

void SimDisk::remove_file(const std::string& path, DiskDone done) {
  DiskOperation operation;
  operation.what = "remove " + path;
  operation.carry_out = [this, path] { return files_.remove_file(path); };
  start(std::move(operation), std::move(done));
}

Result<std::unique_ptr<ReadableFile>> SimDisk::open_file(const std::string& path) {
  auto file = files_.find(path);
  if (!file) return Error{path + " does not exist"};
  return std::unique_ptr<ReadableFile>(std::make_unique<SimReadableFile>(std::move(file)));
}

}  // namespace ringhold::sim

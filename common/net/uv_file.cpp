#include "common/net/uv_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/net/file_update.h"
#include "common/net/files.h"
#include "common/net/fs_request.h"

namespace ringhold {

namespace {

constexpr int kMode = 0600;
constexpr std::int64_t kAtPosition = -1;  // of uv_fs_write: where the last one has ended

// An open descriptor and the operation on it. Shared by the file and by the request that is under way.
struct OpenFile {
  OpenFile(Loop& on, std::string at, uv_file fd) : loop(on), path(std::move(at)), descriptor(fd) {}
  ~OpenFile() { close_descriptor(loop, descriptor); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void finish(Result<void> outcome) {
    bytes = {};
    // Out of here first: it may give the next operation, or destroy the file.
    if (const auto heard = std::exchange(done, nullptr)) heard(std::move(outcome));
  }

  Loop& loop;
  std::string path;
  uv_file descriptor;
  DiskDone done;  // of the operation under way; null: there is none, or nobody waits for it any more
  std::string bytes;
  std::size_t written = 0;
};

void write_slice(const std::shared_ptr<OpenFile>& file);

void on_written(const std::shared_ptr<OpenFile>& file, ssize_t result) {
  if (!file->done) return;
  if (result < 0 && result != UV_EINTR) {
    return file->finish(file_error(file->path, "written", static_cast<int>(-result)));
  }
  if (result == 0 && file->written < file->bytes.size()) {
    return file->finish(
        file_error(file->path, "written", EIO));  // no kernel does that; else it would never end
  }
  if (result > 0) file->written += static_cast<std::size_t>(result);
  if (file->written == file->bytes.size()) return file->finish({});
  write_slice(file);
}

void write_slice(const std::shared_ptr<OpenFile>& file) {
  const std::size_t length = std::min(file->bytes.size() - file->written, limits::kFileWriteSliceBytes);
  start_fs(
      file->loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb done) {
        const uv_buf_t slice = uv_buf_init(file->bytes.data() + file->written, static_cast<unsigned>(length));
        return uv_fs_write(uv, request, file->descriptor, &slice, 1, kAtPosition, done);
      },
      [file](const uv_fs_t& request) { on_written(file, request.result); });
}

class UvWritableFile final : public WritableFile {
 public:
  explicit UvWritableFile(std::shared_ptr<OpenFile> file) : file_(std::move(file)) {}
  ~UvWritableFile() override { std::exchange(file_->done, nullptr); }
  UvWritableFile(const UvWritableFile&) = delete;
  UvWritableFile& operator=(const UvWritableFile&) = delete;

  void append(std::string bytes, DiskDone done) override {
    begin(std::move(done));
    file_->bytes = std::move(bytes);
    file_->written = 0;
    write_slice(file_);
  }

  void write_synced(std::uint64_t offset, std::string bytes, DiskDone done) override {
    file_->bytes = std::move(bytes);
    start_update(std::move(done), [offset](const OpenFile& file) {
      return write_and_sync(file.path, file.descriptor, offset, file.bytes);
    });
  }

  void allocate(std::uint64_t size, DiskDone done) override {
    start_update(std::move(done), [size](const OpenFile& file) {
      return allocate_and_sync(file.path, file.descriptor, size);
    });
  }

  void truncate(std::uint64_t size, DiskDone done) override {
    start_update(std::move(done), [size](const OpenFile& file) {
      return truncate_and_sync(file.path, file.descriptor, size);
    });
  }

  // The size is synced with the data; times are not.
  void sync(DiskDone done) override {
    begin(std::move(done));
    start_fs(
        file_->loop,
        [this](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb on_done) {
          return uv_fs_fdatasync(uv, request, file_->descriptor, on_done);
        },
        [file = file_](const uv_fs_t& request) {
          if (request.result == 0) return file->finish({});
          file->finish(file_error(file->path, "synced to the disk", static_cast<int>(-request.result)));
        });
  }

 private:
  void begin(DiskDone done) {
    INVARIANT(done != nullptr);
    INVARIANT(file_->done == nullptr);  // one at a time
    file_->done = std::move(done);
  }

  // `update` runs on a thread of the pool, where nobody else touches what it sees of the file: there is one
  // operation at a time.
  template <typename Update>
  void start_update(DiskDone done, Update update) {
    begin(std::move(done));
    const auto outcome = std::make_shared<Result<void>>();
    start_job(
        file_->loop, [file = file_, outcome, update] { *outcome = update(*file); },
        [file = file_, outcome] { file->finish(std::move(*outcome)); });
  }

  std::shared_ptr<OpenFile> file_;
};

using Opened = std::function<void(Result<std::unique_ptr<WritableFile>>)>;

// What differs between the two ways to get a file.
struct Opening {
  const char* cannot_be;
  int flags;
  bool restrict_mode;
};

// Not blocking, so that a fifo in the file's place cannot hold up a thread of the pool.
constexpr int kFlags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
constexpr Opening kCreate{"created", kFlags | O_CREAT | O_TRUNC, true};
constexpr Opening kUpdate{"opened", kFlags, false};

Error cannot(const Opening& how, const std::string& path, ssize_t result) {
  // Of a fifo without a reader (ENXIO) and of a symbolic link (ELOOP) the kernel's words would not help.
  if (result == UV_ENXIO || result == UV_ELOOP) return Error{fmt::format("{} is not a regular file", path)};
  return file_error(path, how.cannot_be, static_cast<int>(-result));
}

void hand_over(const std::shared_ptr<OpenFile>& file, const Opened& done) {
  done(std::unique_ptr<WritableFile>(std::make_unique<UvWritableFile>(file)));
}

// What was there before may have been readable for others.
void restrict_mode(const Opening& how, const std::shared_ptr<OpenFile>& file, const Opened& done) {
  start_fs(
      file->loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb on_done) {
        return uv_fs_fchmod(uv, request, file->descriptor, kMode, on_done);
      },
      [how, file, done](const uv_fs_t& request) {
        if (request.result < 0) return done(cannot(how, file->path, request.result));
        hand_over(file, done);
      });
}

void check_kind(const Opening& how, const std::shared_ptr<OpenFile>& file, const Opened& done) {
  start_fs(
      file->loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb on_done) {
        return uv_fs_fstat(uv, request, file->descriptor, on_done);
      },
      [how, file, done](const uv_fs_t& request) {
        if (request.result < 0) return done(cannot(how, file->path, request.result));
        if (!S_ISREG(request.statbuf.st_mode)) {
          return done(Error{fmt::format("{} is not a regular file", file->path)});
        }
        if (how.restrict_mode) return restrict_mode(how, file, done);
        hand_over(file, done);
      });
}

void open_writable(const Opening& how, Loop& loop, const std::string& path, Opened done) {
  start_fs(
      loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb on_done) {
        return uv_fs_open(uv, request, path.c_str(), how.flags, kMode, on_done);
      },
      [how, &loop, path, done = std::move(done)](const uv_fs_t& request) {
        if (request.result < 0) return done(cannot(how, path, request.result));
        check_kind(how, std::make_shared<OpenFile>(loop, path, static_cast<uv_file>(request.result)), done);
      });
}

}  // namespace

void create_writable_file(Loop& loop, const std::string& path, Opened done) {
  open_writable(kCreate, loop, path, std::move(done));
}

void open_file_for_update(Loop& loop, const std::string& path, Opened done) {
  open_writable(kUpdate, loop, path, std::move(done));
}

}  // namespace ringhold

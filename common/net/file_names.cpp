#include "common/net/file_names.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <filesystem>
#include <utility>

#include "common/net/files.h"
#include "common/net/fs_request.h"

namespace ringhold {

namespace {

using Code = int;  // of a request: an errno, or 0
using Then = std::function<void(Code)>;

FsThen code_to(Then then) {
  return [then = std::move(then)](const uv_fs_t& request) {
    then(request.result < 0 ? static_cast<Code>(-request.result) : 0);
  };
}

void start_rename(Loop& loop, const std::string& from, const std::string& to, Then then) {
  start_fs(
      loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb done) {
        return uv_fs_rename(uv, request, from.c_str(), to.c_str(), done);
      },
      code_to(std::move(then)));
}

void start_link(Loop& loop, const std::string& from, const std::string& to, Then then) {
  start_fs(
      loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb done) {
        return uv_fs_link(uv, request, from.c_str(), to.c_str(), done);
      },
      code_to(std::move(then)));
}

void start_unlink(Loop& loop, const std::string& path, Then then) {
  start_fs(
      loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb done) {
        return uv_fs_unlink(uv, request, path.c_str(), done);
      },
      code_to(std::move(then)));
}

void sync_opened(Loop& loop, const std::string& directory, uv_file descriptor, const DiskDone& done) {
  start_fs(
      loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb on_done) {
        return uv_fs_fsync(uv, request, descriptor, on_done);
      },
      code_to([&loop, directory, descriptor, done](Code code) {
        close_descriptor(loop, descriptor);
        // Some network file systems cannot sync a directory, and need not.
        if (code == 0 || code == EINVAL) return done({});
        done(file_error(directory, "synced to the disk", code));
      }));
}

void sync_directory_of(Loop& loop, const std::string& path, const DiskDone& done) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  sync_directory(loop, parent.empty() ? "." : parent.string(), done);
}

}  // namespace

void sync_directory(Loop& loop, const std::string& path, const DiskDone& done) {
  start_fs(
      loop,
      [&](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb on_done) {
        return uv_fs_open(uv, request, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, on_done);
      },
      [&loop, path, done](const uv_fs_t& request) {
        if (request.result < 0) {
          return done(file_error(path, "synced to the disk", static_cast<Code>(-request.result)));
        }
        sync_opened(loop, path, static_cast<uv_file>(request.result), done);
      });
}

void rename_file(Loop& loop, const std::string& from, const std::string& to, DiskDone done) {
  start_rename(loop, from, to, [&loop, from, to, done = std::move(done)](Code code) {
    if (code != 0) return done(file_error(from, fmt::format("renamed to {}", to), code));
    sync_directory_of(loop, to, done);
  });
}

void link_file(Loop& loop, const std::string& from, const std::string& to, const DiskDone& done) {
  const std::string aside = to + ".link";
  const auto fail = [from, to, done](Code code) {
    done(file_error(from, fmt::format("linked as {}", to), code));
  };
  // From the last step to the first.
  const auto renamed = [&loop, to, aside, done, fail](Code code) {
    // Where both are names of one file already, rename() succeeds and leaves both.
    start_unlink(loop, aside, [&loop, to, done, fail, code](Code /*mostly it has gone*/) {
      if (code != 0) return fail(code);
      sync_directory_of(loop, to, done);
    });
  };
  const auto linked = [&loop, to, aside, fail, renamed](Code code) {
    if (code != 0) return fail(code);
    start_rename(loop, aside, to, renamed);
  };
  // A crash may have left one behind; that there is none is the normal case.
  start_unlink(loop, aside, [&loop, from, aside, linked](Code) { start_link(loop, from, aside, linked); });
}

void remove_file(Loop& loop, const std::string& path, DiskDone done) {
  start_unlink(loop, path, [&loop, path, done = std::move(done)](Code code) {
    if (code != 0) return done(file_error(path, "removed", code));
    sync_directory_of(loop, path, done);
  });
}

}  // namespace ringhold

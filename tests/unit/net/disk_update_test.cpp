// Files on a real file system that are changed in place, and directories. The calls of the kernel that matter
// for what survives a crash go through here, to be counted, and to fail as a disk may.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "common/net/file_update.h"
#include "tests/unit/net/disk_fixture.h"

using namespace ringhold;
using namespace ringhold::test;
namespace fs = std::filesystem;

namespace {

struct Call {
  std::atomic<int> count{0};
  std::atomic<int> error{0};  // not zero: it fails with that
};

Call sync_calls, data_sync_calls, reserve_calls, write_calls;
std::atomic<std::size_t> write_bytes_max{0};  // not zero: a write takes no more

bool fails(Call& call) {
  ++call.count;
  if (call.error == 0) return false;
  errno = call.error;
  return true;
}

// Nothing is counted yet; at its end the kernel works again.
struct Kernel {
  Kernel() { reset(); }
  ~Kernel() { reset(); }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  static void reset() {
    for (Call* call : {&sync_calls, &data_sync_calls, &reserve_calls, &write_calls}) {
      call->count = 0;
      call->error = 0;
    }
    write_bytes_max = 0;
  }
};

}  // namespace

// In the place of those in the C library, for libuv too.
extern "C" {
int fsync(int fd) {
  return fails(sync_calls) ? -1 : static_cast<int>(::syscall(SYS_fsync, fd));
}
int fdatasync(int fd) {
  return fails(data_sync_calls) ? -1 : static_cast<int>(::syscall(SYS_fdatasync, fd));
}
int fallocate(int fd, int mode, off_t offset, off_t length) {
  return fails(reserve_calls) ? -1 : static_cast<int>(::syscall(SYS_fallocate, fd, mode, offset, length));
}
ssize_t pwrite(int fd, const void* bytes, size_t length, off_t offset) {
  if (fails(write_calls)) return -1;
  if (write_bytes_max > 0) length = std::min<std::size_t>(length, write_bytes_max);
  return ::syscall(SYS_pwrite64, fd, bytes, length, offset);
}
}

namespace {

struct stat info_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info;
}

std::size_t bytes_on_disk(const std::string& path) {
  return static_cast<std::size_t>(info_of(path).st_blocks) * 512;
}

}  // namespace

TEST_CASE("disk update: bytes are written in place and synced, and the file grows if it has to") {
  OnDisk d;
  auto file = d.file("log");
  CHECK(d.append(*file, "0123456789") == "ok");
  const Kernel kernel;
  CHECK(d.write_synced(*file, 3, "abc") == "ok");
  CHECK(data_sync_calls.count == 1);
  CHECK(d.content("log") == "012abc6789");
  CHECK(d.write_synced(*file, 8, "xyz") == "ok");
  CHECK(d.content("log") == "012abc67xyz");
  CHECK(d.write_synced(*file, 13, "!") == "ok");
  CHECK(d.content("log") == std::string("012abc67xyz\0\0!", 14));
  CHECK(d.write_synced(*file, 0, "") == "ok");
  CHECK(data_sync_calls.count == 4);
  CHECK(d.append(*file, "end") == "ok");  // behind what was appended, whatever else was written
  CHECK(d.content("log") == "012abc67xyend!");
}

TEST_CASE("disk update: a kernel that takes less than it is given gets the rest") {
  OnDisk d;
  auto file = d.file("log");
  const std::string bytes = pattern(100000);
  const Kernel kernel;
  write_bytes_max = 999;
  CHECK(d.write_synced(*file, 5, bytes) == "ok");
  CHECK((d.content("log") == std::string(5, '\0') + bytes));
  CHECK(write_calls.count == 101);
  CHECK(data_sync_calls.count == 1);
}

TEST_CASE("disk update: a write or a sync that fails says so") {
  OnDisk d;
  auto file = d.file("log");
  const Kernel kernel;
  write_calls.error = ENOSPC;
  CHECK(d.write_synced(*file, 0, "x") == d.path("log") + " cannot be written: No space left on device");
  CHECK(data_sync_calls.count == 0);
  write_calls.error = 0;
  data_sync_calls.error = EIO;
  CHECK(d.write_synced(*file, 0, "x") == d.path("log") + " cannot be synced to the disk: Input/output error");
  sync_calls.error = EIO;
  CHECK(d.allocate(*file, 10) == d.path("log") + " cannot be synced to the disk: Input/output error");
  CHECK(d.truncate(*file, 0) == d.path("log") + " cannot be synced to the disk: Input/output error");
  CHECK(d.sync_directory("") == d.path("") + " cannot be synced to the disk: Input/output error");
}

TEST_CASE("disk update: room is set aside, as zeros, and what is there stays") {
  OnDisk d;
  auto file = d.file("log");
  CHECK(d.append(*file, "before") == "ok");
  const Kernel kernel;
  SUBCASE("by the file system") {}
  SUBCASE("by writing, where the file system cannot") {
    reserve_calls.error = EOPNOTSUPP;
    write_bytes_max = 700001;
  }
  CHECK(d.allocate(*file, 3 * limits::kMiB + 5) == "ok");
  CHECK(sync_calls.count == 1);
  CHECK((d.content("log") == "before" + std::string(3 * limits::kMiB + 5 - 6, '\0')));
  CHECK(bytes_on_disk(d.path("log")) >= 3 * limits::kMiB);
  CHECK(d.allocate(*file, 100) == "ok");
  CHECK(d.allocate(*file, 0) == "ok");
  CHECK(info_of(d.path("log")).st_size == 3 * limits::kMiB + 5);
}

TEST_CASE("disk update: without room, the reason is told, and the file is as long as before") {
  OnDisk d;
  auto file = d.file("log");
  CHECK(d.append(*file, "before") == "ok");
  const Kernel kernel;
  SUBCASE("as a full disk says it") {
    reserve_calls.error = ENOSPC;
    CHECK(d.allocate(*file, 100000) == d.path("log") + " cannot be allocated: No space left on device");
  }
  SUBCASE("as the kernel says it") {
    const FileSizeLimit limit(70000);
    CHECK(d.allocate(*file, 100000) == d.path("log") + " cannot be allocated: File too large");
  }
  SUBCASE("in the middle of writing zeros") {
    reserve_calls.error = EOPNOTSUPP;
    const FileSizeLimit limit(70000);
    CHECK(d.allocate(*file, 100000) == d.path("log") + " cannot be written: File too large");
  }
  CHECK(d.content("log") == "before");
}

TEST_CASE("disk update: a file is made shorter, never longer") {
  OnDisk d;
  auto file = d.file("log");
  CHECK(d.append(*file, "0123456789") == "ok");
  const Kernel kernel;
  CHECK(d.truncate(*file, 4) == "ok");
  CHECK(sync_calls.count == 1);
  CHECK(d.content("log") == "0123");
  CHECK(d.truncate(*file, 100) == "ok");
  CHECK(d.content("log") == "0123");
  CHECK(d.truncate(*file, 0) == "ok");
  CHECK(d.content("log").empty());
}

TEST_CASE("disk update: a file is opened as it is, and appended to from its beginning") {
  OnDisk d;
  d.dir.write("log", "0123456789");
  fs::permissions(d.path("log"), fs::perms(0640));
  std::unique_ptr<WritableFile> file;
  REQUIRE(d.open_for_update("log", &file) == "ok");
  CHECK(d.content("log") == "0123456789");
  CHECK(mode_of(d.path("log")) == 0640);
  CHECK(d.append(*file, "ab") == "ok");
  CHECK(d.append(*file, "cd") == "ok");
  CHECK(d.write_synced(*file, 8, "xy") == "ok");
  CHECK(d.content("log") == "abcd4567xy");
}

TEST_CASE("disk update: only a regular file that is there can be opened") {
  OnDisk d;
  const std::size_t before = open_descriptors();
  CHECK(d.open_for_update("none") == d.path("none") + " cannot be opened: No such file or directory");
  CHECK_FALSE(fs::exists(d.path("none")));
  fs::create_directory(d.path("directory"));
  CHECK(d.open_for_update("directory") == d.path("directory") + " cannot be opened: Is a directory");
  REQUIRE(::mkfifo(d.path("fifo").c_str(), 0600) == 0);
  CHECK(d.open_for_update("fifo") == d.path("fifo") + " is not a regular file");
  fs::create_symlink("/dev/null", d.path("null"));
  CHECK(d.open_for_update("null") == d.path("null") + " is not a regular file");
  d.dir.write("victim", "precious");
  fs::create_symlink(d.path("victim"), d.path("link"));
  CHECK(d.open_for_update("link") == d.path("link") + " is not a regular file");
  CHECK(d.wait_until([&] { return open_descriptors() == before; }));
}

TEST_CASE("disk update: a range of a file is read, also while it is written") {
  OnDisk d;
  auto file = d.file("log");
  CHECK(d.append(*file, "0123456789") == "ok");
  CHECK(d.read_range("log", 0, 4) == "0123");
  CHECK(d.read_range("log", 8, 4) == "89");
  CHECK(d.read_range("log", 10, 4).empty());
  CHECK(d.read_range("log", 1U << 30U, 4).empty());
  CHECK(d.read_range("log", 3, 0).empty());
  CHECK(d.read_range("log", 2, SIZE_MAX) == "23456789");
  CHECK(d.append(*file, "more") == "ok");
  CHECK(d.read_range("log", 9, 100) == "9more");
  CHECK(d.read_range("none", 0, 1) == "error: " + d.path("none") + " does not exist");
  REQUIRE(::mkfifo(d.path("fifo").c_str(), 0600) == 0);
  CHECK(d.read_range("fifo", 0, 1) == "error: " + d.path("fifo") + " is not a regular file");
}

TEST_CASE("disk update: directories are made with those above them, and are durable") {
  OnDisk d;
  const Kernel kernel;
  CHECK(d.disk.make_directory(d.path("a/b/c/")).ok());
  for (const char* name : {"a", "a/b", "a/b/c"}) CHECK(mode_of(d.path(name)) == 0700);
  CHECK(sync_calls.count >= 3);
  fs::permissions(d.path("a"), fs::perms(0750));
  CHECK(d.disk.make_directory(d.path("a")).ok());
  CHECK(mode_of(d.path("a")) == 0750);
  fs::create_symlink(d.path("a"), d.path("link"));
  CHECK(d.disk.make_directory(d.path("link/b")).ok());
  const auto sync_fails = [&] {
    sync_calls.error = EIO;
    return d.disk.make_directory(d.path("d")).error().message;
  };
  const std::string root = fs::path(d.path("d")).parent_path().string();
  CHECK(sync_fails() == root + " cannot be synced to the disk: Input/output error");
}

TEST_CASE("disk update: a directory that cannot be made says why") {
  OnDisk d;
  d.dir.write("file", "x");
  CHECK(d.disk.make_directory(d.path("file")).error().message == d.path("file") + " is not a directory");
  CHECK(d.disk.make_directory(d.path("file/b")).error().message == d.path("file") + " is not a directory");
  CHECK(d.disk.make_directory("").error().message == "'' names no directory");
  CHECK(d.disk.make_directory("/proc/none").error().message ==
        "/proc/none cannot be created: No such file or directory");
}

TEST_CASE("disk update: a directory is synced, and its files are listed in order") {
  OnDisk d;
  for (const char* name : {"b", "a", "c.tmp", ".hidden"}) d.dir.write(name, "x");
  fs::create_directory(d.path("directory"));
  const Kernel kernel;
  CHECK(d.sync_directory("") == "ok");
  CHECK(sync_calls.count == 1);
  CHECK(d.sync_directory("none") ==
        d.path("none") + " cannot be synced to the disk: No such file or directory");
  CHECK(d.sync_directory("a") == d.path("a") + " cannot be synced to the disk: Not a directory");
  CHECK(d.disk.list_directory(d.path("")).value() == std::vector<std::string>{".hidden", "a", "b", "c.tmp"});
  CHECK(d.disk.list_directory(d.path("directory")).value().empty());
  CHECK(d.disk.list_directory(d.path("none")).error().message ==
        d.path("none") + " cannot be listed: No such file or directory");
}

TEST_CASE("disk update: a loop ends with all of it under way, and calls nobody") {
  const std::size_t before = open_descriptors();
  const TempDir dir;
  dir.write("a", "a");
  const auto owned = std::make_shared<int>(1);
  {
    Loop loop;
    UvDisk disk(loop);
    std::vector<std::unique_ptr<WritableFile>> files;
    for (const char* name : {"x", "y", "z"}) {
      disk.create_file(dir.path(name), [&](Result<std::unique_ptr<WritableFile>> made) {
        files.push_back(std::move(*made));
      });
    }
    while (files.size() < 3) loop.run_once();
    const auto unheard = [owned](const Result<void>&) { FAIL("nobody waits for this"); };
    files[0]->write_synced(0, pattern(limits::kMiB), unheard);
    files[1]->allocate(limits::kMiB, unheard);
    files[2]->truncate(0, unheard);
    disk.sync_directory(dir.path(""), unheard);
    disk.read_range(dir.path("a"), 0, 1,
                    [owned](const Result<std::string>&) { FAIL("nobody waits for this"); });
    disk.open_for_update(dir.path("a"), [owned](const Result<std::unique_ptr<WritableFile>>&) {
      FAIL("nobody waits for this");
    });
    disk.forget_waiters();
    files.clear();
    CHECK(owned.use_count() == 2);  // with `unheard`
  }
  CHECK(owned.use_count() == 1);
  CHECK(open_descriptors() == before);
}

// A directory of the real file system, and a disk to work on it.
#pragma once

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "common/base/limits.h"
#include "common/net/uv_disk.h"
#include "tests/unit/net/test_certificates.h"

namespace ringhold::test {

// A loop with its disk, and a directory. Each function waits for the end of its operation; the text is "ok",
// or the error.
struct OnDisk {
  std::string path(const std::string& name) const { return dir.path(name); }

  bool wait_until(const std::function<bool()>& done) {
    const MonoTime end = loop.now() + std::chrono::seconds(20);
    while (!done() && loop.now() < end) {
      loop.want_turn();  // it may be that nothing is ever going to happen
      loop.run_once();
    }
    return done();
  }
  void wait_for(const bool& done) {
    REQUIRE(wait_until([&] { return done; }));
  }
  std::string outcome(const std::function<void(DiskDone)>& operation) {
    bool done = false;
    std::string text = "ok";
    int calls = 0;
    operation([&](const Result<void>& result) {
      done = true;
      ++calls;
      if (!result.ok()) text = result.error().message;
    });
    CHECK_FALSE(done);  // never before the caller is ready for it
    wait_for(done);
    CHECK(calls == 1);
    return text;
  }
  std::string create(const std::string& name, std::unique_ptr<WritableFile>* file = nullptr) {
    bool done = false;
    std::string text = "ok";
    disk.create_file(path(name), [&](Result<std::unique_ptr<WritableFile>> created) {
      done = true;
      if (!created.ok()) text = created.error().message;
      if (created.ok() && file != nullptr) *file = std::move(*created);
    });
    CHECK_FALSE(done);
    wait_for(done);
    return text;
  }
  std::unique_ptr<WritableFile> file(const std::string& name) {
    std::unique_ptr<WritableFile> made;
    REQUIRE(create(name, &made) == "ok");
    return made;
  }
  std::string open_for_update(const std::string& name, std::unique_ptr<WritableFile>* file = nullptr) {
    bool done = false;
    std::string text = "ok";
    disk.open_for_update(path(name), [&](Result<std::unique_ptr<WritableFile>> opened) {
      done = true;
      if (!opened.ok()) text = opened.error().message;
      if (opened.ok() && file != nullptr) *file = std::move(*opened);
    });
    CHECK_FALSE(done);
    wait_for(done);
    return text;
  }
  std::string write_synced(WritableFile& file, std::uint64_t offset, std::string bytes) {
    return outcome([&](DiskDone done) { file.write_synced(offset, std::move(bytes), std::move(done)); });
  }
  std::string allocate(WritableFile& file, std::uint64_t size) {
    return outcome([&](DiskDone done) { file.allocate(size, std::move(done)); });
  }
  std::string truncate(WritableFile& file, std::uint64_t size) {
    return outcome([&](DiskDone done) { file.truncate(size, std::move(done)); });
  }
  std::string read_range(const std::string& name, std::uint64_t offset, std::size_t bytes_max) {
    bool done = false;
    std::string text;
    disk.read_range(path(name), offset, bytes_max, [&](Result<std::string> read) {
      done = true;
      text = read.ok() ? std::move(*read) : "error: " + read.error().message;
    });
    CHECK_FALSE(done);
    wait_for(done);
    return text;
  }
  std::string sync_directory(const std::string& name) {
    return outcome([&](DiskDone done) { disk.sync_directory(path(name), std::move(done)); });
  }
  std::string append(WritableFile& file, std::string bytes) {
    return outcome([&](DiskDone done) { file.append(std::move(bytes), std::move(done)); });
  }
  std::string sync(WritableFile& file) {
    return outcome([&](DiskDone done) { file.sync(std::move(done)); });
  }
  std::string rename(const std::string& from, const std::string& to) {
    return outcome([&](DiskDone done) { disk.rename_file(path(from), path(to), std::move(done)); });
  }
  std::string link(const std::string& from, const std::string& to) {
    return outcome([&](DiskDone done) { disk.link_file(path(from), path(to), std::move(done)); });
  }
  std::string remove(const std::string& name) {
    return outcome([&](DiskDone done) { disk.remove_file(path(name), std::move(done)); });
  }
  std::string content(const std::string& name) {
    auto read = disk.read_file(path(name), limits::kGiB);
    return read.ok() ? *read : "error: " + read.error().message;
  }
  std::size_t entries() const {
    const std::filesystem::directory_iterator all{std::filesystem::path(dir.path(""))};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  TempDir dir;
  Loop loop;
  UvDisk disk{loop};
};

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// Bytes of which no two slices are alike.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24U);
  return bytes;
}

inline unsigned mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

// No file may grow beyond `bytes`: the nearest thing to a full disk that a test can have.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::size_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace ringhold::test

// A simulated process with a disk.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/sim/world/sim_world.h"
#include "tests/unit/sim/world_fixture.h"

namespace ringhold::sim {

// The functions wait for the end of their operation; the text is "ok", or the error.
struct Disked {
  explicit Disked(std::uint64_t seed)
      : sim(seed),
        process(sim.add_process({.name = "server", .host = "10.0.0.1", .role = Role::kNode})),
        loop(&process.add_loop("main")) {}

  Disk& disk() { return loop->world().disk; }
  SimFiles& files() { return process.files(); }

  std::string outcome(const std::function<void(DiskDone)>& operation) {
    std::string text;
    bool inside = true;
    sim.run_on(*loop, [&] {
      operation([&](const Result<void>& result) {
        CHECK_FALSE(inside);
        CHECK(text.empty());
        text = result.ok() ? "ok" : result.error().message;
      });
      inside = false;
    });
    sim.run_until([&] { return !text.empty(); }, seconds(30));
    return text;
  }
  std::unique_ptr<WritableFile> create(const std::string& path) {
    std::unique_ptr<WritableFile> file;
    sim.run_on(*loop, [&] {
      disk().create_file(path, [&](Result<std::unique_ptr<WritableFile>> made) { file = std::move(*made); });
    });
    REQUIRE(sim.run_until([&] { return file != nullptr; }, seconds(30)));
    return file;
  }
  std::unique_ptr<WritableFile> open_for_update(const std::string& path) {
    std::unique_ptr<WritableFile> file;
    sim.run_on(*loop, [&] {
      disk().open_for_update(
          path, [&](Result<std::unique_ptr<WritableFile>> opened) { file = std::move(*opened); });
    });
    REQUIRE(sim.run_until([&] { return file != nullptr; }, seconds(30)));
    return file;
  }
  // A file that has been allocated, filled and synced, under a name that stays.
  std::unique_ptr<WritableFile> allocated(const std::string& path, const std::string& bytes) {
    auto file = create(path);
    REQUIRE(allocate(*file, bytes.size()) == "ok");
    REQUIRE(write_synced(*file, 0, bytes) == "ok");
    REQUIRE(sync_directory(".") == "ok");
    return file;
  }
  std::string write_synced(WritableFile& file, std::uint64_t offset, const std::string& bytes) {
    return outcome([&](DiskDone done) { file.write_synced(offset, bytes, std::move(done)); });
  }
  std::string allocate(WritableFile& file, std::uint64_t size) {
    return outcome([&](DiskDone done) { file.allocate(size, std::move(done)); });
  }
  std::string truncate(WritableFile& file, std::uint64_t size) {
    return outcome([&](DiskDone done) { file.truncate(size, std::move(done)); });
  }
  std::string read_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max) {
    std::string text;
    bool done = false;
    sim.run_on(*loop, [&] {
      disk().read_range(path, offset, bytes_max, [&](Result<std::string> read) {
        text = read.ok() ? std::move(*read) : "error: " + read.error().message;
        done = true;
      });
      CHECK_FALSE(done);
    });
    sim.run_until([&] { return done; }, seconds(30));
    return text;
  }
  std::string append(WritableFile& file, const std::string& bytes) {
    return outcome([&](DiskDone done) { file.append(bytes, std::move(done)); });
  }
  std::string sync(WritableFile& file) {
    return outcome([&](DiskDone done) { file.sync(std::move(done)); });
  }
  std::string sync_directory(const std::string& path) {
    return outcome([&](DiskDone done) { disk().sync_directory(path, std::move(done)); });
  }
  std::string rename(const std::string& from, const std::string& to) {
    return outcome([&](DiskDone done) { disk().rename_file(from, to, std::move(done)); });
  }
  std::string link(const std::string& from, const std::string& to) {
    return outcome([&](DiskDone done) { disk().link_file(from, to, std::move(done)); });
  }
  std::string remove(const std::string& path) {
    return outcome([&](DiskDone done) { disk().remove_file(path, std::move(done)); });
  }
  std::string content(const std::string& path) {
    const auto read = disk().read_file(path, 1U << 30U);
    return read.ok() ? *read : "error: " + read.error().message;
  }
  // Ends this life in the middle of what it does, and starts the next one. `destroy` as in a real crash.
  void crash(const std::function<void()>& destroy = [] {}) {
    process.crash(CrashMode::kReset, destroy);
    loop = &process.add_loop("main");
  }

  SimWorld sim;
  SimProcess& process;
  SimLoop* loop;
};

}  // namespace ringhold::sim

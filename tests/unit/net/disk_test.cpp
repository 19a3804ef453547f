// Files on a real file system.
#include "common/reactor/disk.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/limits.h"
#include "common/net/uv_disk.h"
#include "tests/unit/net/disk_fixture.h"

using namespace ringhold;
using namespace ringhold::test;
namespace fs = std::filesystem;

TEST_CASE("disk: a file is created, appended to, synced, and has its mode") {
  OnDisk d;
  auto file = d.file("dump.new");
  CHECK(mode_of(d.path("dump.new")) == 0600);
  CHECK(d.append(*file, "one ") == "ok");
  CHECK(d.append(*file, "") == "ok");
  CHECK(d.append(*file, "two") == "ok");
  CHECK(d.sync(*file) == "ok");
  CHECK(d.content("dump.new") == "one two");
}

TEST_CASE("disk: what was at the path of a new file is emptied, and is readable for its owner alone") {
  OnDisk d;
  d.dir.write("dump.new", "left over from before");
  fs::permissions(d.path("dump.new"), fs::perms(0666));
  auto file = d.file("dump.new");
  CHECK(d.content("dump.new").empty());
  CHECK(mode_of(d.path("dump.new")) == 0600);
}

TEST_CASE("disk: 50 MB go in one append, and more behind it") {
  OnDisk d;
  const std::string bytes = pattern(50 * limits::kMiB + 4711);
  auto file = d.file("large");
  CHECK(d.append(*file, bytes) == "ok");
  CHECK(d.append(*file, "end") == "ok");
  CHECK(d.sync(*file) == "ok");
  CHECK((d.content("large") == bytes + "end"));
}

TEST_CASE("disk: an operation may be given from the end of the one before; they take effect in order") {
  OnDisk d;
  auto file = d.file("chain");
  std::string expected;
  bool done = false;
  int left = 100;
  std::function<void(const Result<void>&)> next = [&](const Result<void>& outcome) {
    REQUIRE(outcome.ok());
    if (left == 0) {
      done = true;
      return;
    }
    const std::string part = std::to_string(--left) + " ";
    expected += part;
    if (left % 7 == 0)
      return file->sync([&, part](const Result<void>& synced) {
        REQUIRE(synced.ok());
        file->append(part, next);
      });
    file->append(part, next);
  };
  next({});
  d.wait_for(done);
  CHECK(d.content("chain") == expected);
}

TEST_CASE("disk: the loop turns while the disk works") {
  OnDisk d;
  auto file = d.file("large");
  bool done = false;
  int turns = 0;
  std::unique_ptr<Timer> timer;
  timer = d.loop.make_timer([&] {
    ++turns;
    timer->start(std::chrono::microseconds(100));
  });
  timer->start(std::chrono::microseconds(100));
  file->append(pattern(50 * limits::kMiB), [&](const Result<void>& outcome) {
    CHECK(outcome.ok());
    file->sync([&](const Result<void>&) { done = true; });
  });
  d.wait_for(done);
  CHECK(turns > 2);
}

TEST_CASE("disk: creating where that cannot be says why") {
  OnDisk d;
  CHECK(d.create("missing/dump") == d.path("missing/dump") + " cannot be created: No such file or directory");
  fs::create_directory(d.path("directory"));
  CHECK(d.create("directory") == d.path("directory") + " cannot be created: Is a directory");
  REQUIRE(::mkfifo(d.path("fifo").c_str(), 0600) == 0);
  CHECK(d.create("fifo") == d.path("fifo") + " is not a regular file");
  fs::create_symlink("/dev/null", d.path("null"));
  CHECK(d.create("null") == d.path("null") + " is not a regular file");
  d.dir.write("victim", "precious");
  fs::create_symlink(d.path("victim"), d.path("link"));
  CHECK(d.create("link") == d.path("link") + " is not a regular file");
  CHECK(d.content("victim") == "precious");
}

TEST_CASE("disk: a device is refused, and its descriptor closed") {
  OnDisk d;
  const std::size_t before = open_descriptors();
  bool done = false;
  d.disk.create_file("/dev/full", [&](const Result<std::unique_ptr<WritableFile>>& created) {
    done = true;
    REQUIRE_FALSE(created.ok());
    CHECK(created.error().message == "/dev/full is not a regular file");
  });
  d.wait_for(done);
  CHECK(d.wait_until([&] { return open_descriptors() == before; }));
}

TEST_CASE("disk: an append for which there is no room is an error, after what there was room for") {
  OnDisk d;
  auto file = d.file("dump.new");
  const std::string bytes = pattern(100000);
  {
    const FileSizeLimit limit(70000);
    CHECK(d.append(*file, bytes) == d.path("dump.new") + " cannot be written: File too large");
    CHECK(d.content("dump.new") == bytes.substr(0, 70000));  // taken in part, and continued
  }
  CHECK(d.append(*file, "there is room again") == "ok");
}

TEST_CASE("disk: a name is moved over another one") {
  OnDisk d;
  d.dir.write("new", "new");
  d.dir.write("old", "old");
  CHECK(d.rename("new", "old") == "ok");
  CHECK(d.content("old") == "new");
  CHECK_FALSE(d.disk.file_exists(d.path("new")));
  CHECK(d.rename("new", "old") ==
        d.path("new") + " cannot be renamed to " + d.path("old") + ": No such file or directory");
  fs::create_directory(d.path("directory"));
  CHECK(d.rename("old", "directory") ==
        d.path("old") + " cannot be renamed to " + d.path("directory") + ": Is a directory");
}

TEST_CASE("disk: names without a directory are in the current one") {
  OnDisk d;
  const fs::path before = fs::current_path();
  fs::current_path(d.path(""));
  d.dir.write("new", "new");
  const std::string renamed =
      d.outcome([&](DiskDone done) { d.disk.rename_file("new", "old", std::move(done)); });
  fs::current_path(before);
  CHECK(renamed == "ok");
  CHECK(d.content("old") == "new");
}

TEST_CASE("disk: a second name replaces what was there, and survives the first") {
  OnDisk d;
  d.dir.write("dump", "now");
  d.dir.write("dump.previous", "before");
  d.dir.write("dump.previous.link", "left by a crash");
  CHECK(d.link("dump", "dump.previous") == "ok");
  CHECK(d.content("dump.previous") == "now");
  SUBCASE("the temporary name has gone") {
    CHECK(d.entries() == 2);
  }
  SUBCASE("also when both were names of one file already") {
    CHECK(d.link("dump", "dump.previous") == "ok");
    CHECK(d.entries() == 2);
  }
  SUBCASE("the first may be replaced") {
    d.dir.write("dump.new", "next");
    CHECK(d.rename("dump.new", "dump") == "ok");
    CHECK(d.content("dump.previous") == "now");
    CHECK(d.content("dump") == "next");
  }
  SUBCASE("what is missing cannot be linked, and nothing is lost") {
    CHECK(d.link("none", "dump.previous") ==
          d.path("none") + " cannot be linked as " + d.path("dump.previous") + ": No such file or directory");
    CHECK(d.content("dump.previous") == "now");
  }
  SUBCASE("where something else is in the way, nothing is left behind") {
    fs::create_directory(d.path("directory"));
    CHECK(d.link("dump", "directory") ==
          d.path("dump") + " cannot be linked as " + d.path("directory") + ": Is a directory");
    CHECK(d.entries() == 3);
  }
}

TEST_CASE("disk: files are removed; a missing one is an error") {
  OnDisk d;
  d.dir.write("dump", "x");
  CHECK(d.disk.file_exists(d.path("dump")));
  CHECK(d.remove("dump") == "ok");
  CHECK_FALSE(d.disk.file_exists(d.path("dump")));
  CHECK(d.remove("dump") == d.path("dump") + " cannot be removed: No such file or directory");
  CHECK(d.remove("a/b") == d.path("a/b") + " cannot be removed: No such file or directory");
}

TEST_CASE("disk: a file is read piece by piece") {
  OnDisk d;
  const std::string bytes = pattern(100000);
  d.dir.write("dump", bytes);
  auto opened = d.disk.open_file(d.path("dump"));
  REQUIRE(opened.ok());
  ReadableFile& file = **opened;
  CHECK(file.size() == bytes.size());
  std::string whole;
  for (int i = 0; i < 12; ++i) whole += file.read(9999).value();
  CHECK((whole == bytes));
  CHECK(file.read(1).value().empty());
}

TEST_CASE("disk: a file that becomes shorter while it is read ends there") {
  OnDisk d;
  d.dir.write("dump", pattern(1000));
  auto opened = d.disk.open_file(d.path("dump"));
  REQUIRE(opened.ok());
  CHECK((*opened)->read(500).value().size() == 500);
  fs::resize_file(d.path("dump"), 700);
  CHECK((*opened)->read(500).value().size() == 200);
  CHECK((*opened)->read(500).value().empty());
}

TEST_CASE("disk: what cannot be read says why") {
  OnDisk d;
  CHECK(d.disk.open_file(d.path("none")).error().message == d.path("none") + " does not exist");
  CHECK(d.disk.open_file(d.path("")).error().message == d.path("") + " is not a regular file");
  REQUIRE(::mkfifo(d.path("fifo").c_str(), 0600) == 0);
  CHECK(d.disk.open_file(d.path("fifo")).error().message == d.path("fifo") + " is not a regular file");
  CHECK(d.disk.file_exists(d.path("fifo")));
  CHECK_FALSE(d.disk.file_exists(d.path("fifo/x")));
}

TEST_CASE("disk: a file that is destroyed is closed, and what is under way calls nobody") {
  OnDisk d;
  const std::size_t before = open_descriptors();
  for (int round = 0; round < 20; ++round) {
    auto file = d.file("dump");
    const auto owned = std::make_shared<int>(1);
    const auto unheard = [owned](const Result<void>&) { FAIL("nobody waits for this"); };
    if (round % 3 == 0) {
      file->append(pattern(6 * limits::kFileWriteSliceBytes), unheard);
      if (round > 10) d.loop.run_once();  // in the middle of it
    } else if (round % 3 == 1) {
      file->sync(unheard);
    }
    file.reset();
    CHECK(owned.use_count() == 2);  // with the `unheard` of this scope: the file has let go of its own
  }
  CHECK(d.wait_until([&] { return open_descriptors() == before; }));
}

TEST_CASE("disk: a file may be destroyed by the end of its own operation") {
  OnDisk d;
  auto file = d.file("dump");
  bool done = false;
  file->append("x", [&](const Result<void>& outcome) {
    CHECK(outcome.ok());
    file.reset();
    done = true;
  });
  d.wait_for(done);
  CHECK(d.content("dump") == "x");
}

TEST_CASE("disk: one lock for each file, and who comes second learns who has it") {
  const std::size_t before = open_descriptors();
  OnDisk d;
  const std::string path = d.path("dump.lock");
  Result<LockAttempt> first = d.disk.lock_file(path);
  REQUIRE(first.ok());
  CHECK(first->lock != nullptr);
  CHECK(mode_of(path) == 0600);
  const auto second = d.disk.lock_file(path);
  REQUIRE(second.ok());
  CHECK(second->lock == nullptr);
  CHECK(second->holder == "pid " + std::to_string(::getpid()));
  const auto other = d.disk.lock_file(d.path("other.lock"));
  CHECK((other.ok() && other->lock != nullptr));

  SUBCASE("what is in the file is no reason to fail") {
    for (const char* content : {"", "\n", "12", "no number\n", "123456789012345678901234567890\n"}) {
      d.dir.write("dump.lock", content);
      const auto third = d.disk.lock_file(path);
      REQUIRE(third.ok());
      CHECK(third->lock == nullptr);
      CHECK(third->holder.empty());
    }
  }
  SUBCASE("it can be had again, and the file stays") {
    first->lock.reset();
    CHECK(fs::exists(path));
    const auto third = d.disk.lock_file(path);
    REQUIRE(third.ok());
    CHECK(third->lock != nullptr);
  }
  SUBCASE("where there can be none, the reason is told") {
    CHECK(d.disk.lock_file(d.path("missing/dump.lock")).error().message ==
          d.path("missing/dump.lock") + " cannot be created: No such file or directory");
    CHECK(d.disk.lock_file(d.path("")).error().message.find("Is a directory") != std::string::npos);
  }
  CHECK(open_descriptors() > before);
}

TEST_CASE("disk: a process that is killed holds no lock any more") {
  const TempDir dir;
  Loop loop;
  UvDisk disk(loop);
  const std::string path = dir.path("dump.lock");
  std::array<int, 2> locked{};
  REQUIRE(::pipe(locked.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = disk.lock_file(path);
    const char said = held.ok() && held->lock != nullptr ? 'y' : 'n';
    if (::write(locked[1], &said, 1) == 1) ::pause();
    ::_exit(0);
  }
  char said = 0;
  REQUIRE(::read(locked[0], &said, 1) == 1);
  CHECK(said == 'y');
  const auto while_it_lives = disk.lock_file(path);
  ::kill(child, SIGKILL);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  const auto afterwards = disk.lock_file(path);
  ::close(locked[0]);
  ::close(locked[1]);
  REQUIRE(while_it_lives.ok());
  CHECK(while_it_lives->lock == nullptr);
  CHECK(while_it_lives->holder == "pid " + std::to_string(child));
  REQUIRE(afterwards.ok());
  CHECK(afterwards->lock != nullptr);
}

TEST_CASE("disk: a loop that ends carries out what is under way, and calls nobody") {
  const std::size_t before = open_descriptors();
  const TempDir dir;
  dir.write("a", "a");
  dir.write("b", "b");
  dir.write("c", "c");
  const auto owned = std::make_shared<int>(1);
  {
    Loop loop;
    auto disk = std::make_unique<UvDisk>(loop);
    const auto unheard = [owned](const Result<void>&) { FAIL("nobody waits for this"); };
    disk->rename_file(dir.path("a"), dir.path("moved"), unheard);
    disk->link_file(dir.path("b"), dir.path("second"), unheard);
    disk->remove_file(dir.path("c"), unheard);
    disk->create_file(dir.path("d"), [owned](const Result<std::unique_ptr<WritableFile>>&) {
      FAIL("nobody waits for this");
    });
    disk->forget_waiters();
    CHECK(owned.use_count() == 2);  // with `unheard`: those who wait have been let go at once
    disk.reset();
    loop.stop();
  }
  CHECK(owned.use_count() == 1);
  CHECK(open_descriptors() == before);
  CHECK(fs::exists(dir.path("moved")));
  CHECK(fs::exists(dir.path("second")));
  CHECK_FALSE(fs::exists(dir.path("second.link")));
  CHECK_FALSE(fs::exists(dir.path("c")));
  CHECK(fs::exists(dir.path("d")));
}

TEST_CASE("disk: a loop ends with a file open in the middle of an append") {
  const std::size_t before = open_descriptors();
  const TempDir dir;
  {
    Loop loop;
    UvDisk disk(loop);
    std::unique_ptr<WritableFile> file;
    disk.create_file(dir.path("d"),
                     [&](Result<std::unique_ptr<WritableFile>> made) { file = std::move(*made); });
    while (!file) loop.run_once();
    file->append(pattern(20 * limits::kMiB), [](const Result<void>&) { FAIL("nobody waits for this"); });
  }
  CHECK(open_descriptors() == before);
  CHECK(fs::file_size(dir.path("d")) < 20 * limits::kMiB);  // given up
}

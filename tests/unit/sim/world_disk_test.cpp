// The simulated disk: what programs see of it, what faults do, and what a crash leaves.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/unit/sim/disk_fixture.h"

using namespace ringhold;
using namespace ringhold::sim;

namespace {

const auto kNothing = [](const Result<void>&) {};

// Files are as long as several sectors, so that the last one can be told.
std::string bytes_of(std::size_t size, char first = 'a') {
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(first + static_cast<char>(bytes.size() / 100 % 26));
  return bytes;
}

std::size_t common_prefix(const std::string& a, const std::string& b) {
  std::size_t length = 0;
  while (length < a.size() && length < b.size() && a[length] == b[length]) ++length;
  return length;
}

}  // namespace

TEST_CASE("sim disk: one lock for each file, until it is given back or its process crashes") {
  Disked d(1);
  std::unique_ptr<FileLock> lock = std::move(d.disk().lock_file("dump.lock")->lock);
  CHECK(lock != nullptr);
  CHECK(d.disk().file_exists("dump.lock"));
  const auto second = d.disk().lock_file("dump.lock");
  CHECK(second->lock == nullptr);
  CHECK(second->holder == "server");
  CHECK(d.disk().lock_file("other.lock")->lock != nullptr);
  lock.reset();
  lock = std::move(d.disk().lock_file("dump.lock")->lock);
  CHECK(lock != nullptr);
  d.crash([&] { lock.reset(); });
  CHECK(d.disk().lock_file("dump.lock")->lock != nullptr);
}

TEST_CASE("sim disk: files are created, appended to, synced, renamed, linked, removed, and read") {
  Disked d(1);
  auto file = d.create("dump.new");
  CHECK(d.files().open_files == 1);
  CHECK(d.append(*file, "one ") == "ok");
  CHECK(d.append(*file, "two") == "ok");
  CHECK(d.sync(*file) == "ok");
  file.reset();
  CHECK(d.files().open_files == 0);
  CHECK(d.disk().file_exists("dump.new"));
  CHECK(d.rename("dump.new", "dump") == "ok");
  CHECK_FALSE(d.disk().file_exists("dump.new"));
  CHECK(d.link("dump", "dump.previous") == "ok");
  file = d.create("dump.new");
  CHECK(d.append(*file, "three") == "ok");
  CHECK(d.rename("dump.new", "dump") == "ok");
  CHECK(d.content("dump") == "three");
  CHECK(d.content("dump.previous") == "one two");
  auto opened = d.disk().open_file("dump.previous");
  REQUIRE(opened.ok());
  CHECK((*opened)->size() == 7);
  CHECK((*opened)->read(4).value() == "one ");
  CHECK((*opened)->read(4).value() == "two");
  CHECK((*opened)->read(4).value().empty());
  CHECK(d.remove("dump") == "ok");
  CHECK(d.files().names() == std::vector<std::string>{"dump.previous"});
  CHECK(d.files().operations() == 0);
}

TEST_CASE("sim disk: what is missing is an error in words") {
  Disked d(2);
  CHECK(d.rename("a", "b") == "a cannot be renamed to b: No such file or directory");
  CHECK(d.link("a", "b") == "a cannot be linked as b: No such file or directory");
  CHECK(d.remove("a") == "a cannot be removed: No such file or directory");
  CHECK(d.disk().open_file("a").error().message == "a does not exist");
}

TEST_CASE("sim disk: a new file in the place of another is empty; names are told to those who watch") {
  Disked d(3);
  d.files().write("servers.json", "old");
  int changes = 0;
  auto watch = d.disk().watch_file("servers.json", [&] { ++changes; });
  auto file = d.create("servers.json.new");
  CHECK(d.append(*file, "new") == "ok");
  CHECK(d.rename("servers.json.new", "servers.json") == "ok");
  d.sim.run_for(milliseconds(10));
  CHECK(changes == 1);
  CHECK(d.content("servers.json") == "new");
  file = d.create("servers.json");
  CHECK(d.content("servers.json").empty());
  d.sim.run_for(milliseconds(10));
  CHECK(changes == 2);
}

TEST_CASE("sim disk: operations take time and may overtake each other") {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Disked d(seed);
    d.files().write("a", "");
    d.files().write("b", "");
    std::string order;
    d.sim.run_on(*d.loop, [&] {
      d.disk().remove_file("a", [&](const Result<void>&) { order += 'a'; });
      d.disk().remove_file("b", [&](const Result<void>&) { order += 'b'; });
    });
    CHECK(order.empty());
    d.sim.run_for(milliseconds(10));
    orders.insert(order);
  }
  CHECK(orders == std::set<std::string>{"ab", "ba"});
}

TEST_CASE("sim disk: a file that is destroyed calls nobody; what it began takes effect") {
  Disked d(4);
  auto file = d.create("dump");
  const auto owned = std::make_shared<int>(1);
  d.sim.run_on(*d.loop, [&] {
    file->append("x", [owned](const Result<void>&) { FAIL("nobody waits for this"); });
    file.reset();
  });
  CHECK(owned.use_count() == 1);
  d.sim.run_for(milliseconds(10));
  CHECK(d.content("dump") == "x");
}

TEST_CASE("sim disk: a file may be destroyed by the end of its operation, or go on from there") {
  Disked d(5);
  auto file = d.create("dump");
  int ends = 0;
  d.sim.run_on(*d.loop, [&] {
    file->append("x", [&](const Result<void>&) {
      ++ends;
      file->sync([&](const Result<void>&) {
        ++ends;
        file.reset();
      });
    });
  });
  d.sim.run_for(milliseconds(20));
  CHECK(ends == 2);
  CHECK(file == nullptr);
}

TEST_CASE("sim disk: a paused process hears of its disk when it goes on") {
  Disked d(6);
  auto file = d.create("dump");
  bool done = false;
  d.sim.run_on(*d.loop, [&] { file->append("x", [&](const Result<void>&) { done = true; }); });
  d.process.pause();
  d.sim.run_for(milliseconds(100));
  CHECK_FALSE(done);
  CHECK(d.content("dump") == "x");
  d.process.resume();
  d.sim.run_for(milliseconds(1));
  CHECK(done);
}

TEST_CASE("sim disk: a crash keeps what was synced, and a prefix of the rest with a torn end") {
  const std::string safe = bytes_of(1000);
  const std::string unsafe = bytes_of(5000, 'A');
  int whole = 0, shorter = 0, torn = 0, zeros = 0, longer_than_a_sector = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Disked d(seed);
    auto file = d.create("dump.new");
    CHECK(d.append(*file, safe) == "ok");
    CHECK(d.sync(*file) == "ok");
    CHECK(d.sync_directory(".") == "ok");
    CHECK(d.append(*file, unsafe) == "ok");
    d.crash([&] { file.reset(); });
    const std::string written = safe + unsafe;
    const std::string left = d.content("dump.new");
    REQUIRE(left.size() >= safe.size());
    REQUIRE(left.size() <= written.size());
    const std::size_t good = common_prefix(left, written);
    REQUIRE(good >= safe.size());
    whole += left == written ? 1 : 0;
    shorter += good == left.size() && good < written.size() ? 1 : 0;
    if (good < left.size()) {
      ++torn;
      const std::string rest = left.substr(good);
      zeros += rest.find_first_not_of('\0') == std::string::npos ? 1 : 0;
      longer_than_a_sector += rest.size() > 512 ? 1 : 0;
    }
    d.crash();
    CHECK((d.content("dump.new") == left));  // what has survived one crash is on the disk
  }
  CHECK(whole < 20);
  CHECK(shorter > 40);
  CHECK(torn > 80);
  CHECK(zeros > 30);
  CHECK(torn - zeros > 30);
  CHECK(longer_than_a_sector > 20);
}

TEST_CASE(
    "sim disk: of an append and of a sync that a crash interrupts, nothing, a part or all has happened") {
  std::set<std::size_t> sizes;
  int kept = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Disked d(seed);
    auto file = d.create("dump");
    auto other = d.create("other");
    CHECK(d.append(*other, bytes_of(5000)) == "ok");
    d.sim.run_on(*d.loop, [&] {
      file->append(std::string(5000, 'x'), kNothing);
      other->sync(kNothing);
    });
    d.crash([&] {
      file.reset();
      other.reset();
    });
    sizes.insert(d.content("dump").size());
    kept += d.content("other") == bytes_of(5000) ? 1 : 0;
    CHECK(d.files().operations() == 0);
  }
  CHECK(sizes.size() > 20);
  CHECK(kept > 25);
  CHECK(kept < 75);
}

TEST_CASE("sim disk: names whose operation a crash interrupts may or may not have changed") {
  std::set<std::vector<std::string>> outcomes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Disked d(seed);
    d.files().write("from", "new");
    d.files().write("to", "old");
    d.files().write("gone", "");
    d.sim.run_on(*d.loop, [&] {
      d.disk().rename_file("from", "to", kNothing);
      d.disk().remove_file("gone", kNothing);
      d.disk().link_file("to", "second", kNothing);
      d.disk().create_file("created", [](const Result<std::unique_ptr<WritableFile>>&) {});
    });
    d.crash();
    const bool renamed = !d.files().exists("from");
    CHECK(d.content("to") == (renamed ? "new" : "old"));
    outcomes.insert(d.files().names());
  }
  CHECK(outcomes.size() == 16);
}

TEST_CASE(
    "sim disk: names that have been changed stay changed, and nobody hears of what the crash interrupted") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disked d(seed);
    auto file = d.create("dump.new");
    CHECK(d.append(*file, bytes_of(700)) == "ok");
    CHECK(d.sync(*file) == "ok");
    auto never_renamed = d.create("other.new");
    CHECK(d.append(*never_renamed, "x") == "ok");
    CHECK(d.sync(*never_renamed) == "ok");
    CHECK(d.rename("dump.new", "dump") == "ok");
    CHECK(d.link("dump", "dump.previous") == "ok");
    d.sim.run_on(*d.loop, [&] {
      d.disk().remove_file("none", [](const Result<void>&) { FAIL("this life is over"); });
    });
    d.crash([&] {
      file.reset();
      never_renamed.reset();
    });
    d.sim.run_for(seconds(1));
    CHECK((d.content("dump") == bytes_of(700)));
    CHECK((d.content("dump.previous") == bytes_of(700)));
    CHECK(d.content("other.new") == "x");
    CHECK(d.files().names() == std::vector<std::string>{"dump", "dump.previous", "other.new"});
  }
}

TEST_CASE("sim disk: a file that was renamed without having been synced may be lost in a crash") {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disked d(seed);
    auto file = d.create("dump.new");
    CHECK(d.append(*file, bytes_of(2000)) == "ok");
    CHECK(d.rename("dump.new", "dump") == "ok");
    d.crash([&] { file.reset(); });
    lost += d.content("dump") != bytes_of(2000) ? 1 : 0;
  }
  CHECK(lost > 40);
}

TEST_CASE("sim disk: on a full disk appends fail after what fits; there may be room again") {
  Disked d(7);
  d.files().write("old", std::string(500, 'o'));
  d.files().set_room(100);
  auto file = d.create("dump.new");
  CHECK(d.append(*file, std::string(60, 'x')) == "ok");
  CHECK(d.append(*file, std::string(60, 'y')) == "dump.new cannot be written: No space left on device");
  CHECK(d.content("dump.new") == std::string(60, 'x') + std::string(40, 'y'));
  CHECK(d.append(*file, "z") != "ok");
  SUBCASE("because the scenario gives it") {
    d.files().set_room(1000);
    CHECK(d.append(*file, std::string(1000, 'z')) == "ok");
    CHECK(d.append(*file, "z") != "ok");
    d.files().set_room(std::nullopt);
    CHECK(d.append(*file, std::string(100000, 'z')) == "ok");
  }
  SUBCASE("because a file goes, with its last name") {
    CHECK(d.link("old", "older") == "ok");
    CHECK(d.remove("old") == "ok");
    CHECK(d.append(*file, "z") != "ok");
    CHECK(d.remove("older") == "ok");
    CHECK(d.append(*file, std::string(500, 'z')) == "ok");
    CHECK(d.append(*file, "z") != "ok");
  }
}

TEST_CASE("sim disk: a failed sync may lose what was not synced, and the next one calls that a success") {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disked d(seed);
    auto file = d.create("dump");
    CHECK(d.append(*file, "safe") == "ok");
    CHECK(d.sync(*file) == "ok");
    CHECK(d.sync_directory(".") == "ok");
    CHECK(d.append(*file, "lost") == "ok");
    d.files().faults().fail_next_sync = true;
    CHECK(d.sync(*file) == "dump cannot be synced to the disk: Input/output error");
    CHECK(d.sync(*file) == "ok");
    const bool gone = d.content("dump") == std::string("safe") + std::string(4, '\0');
    CHECK((gone || d.content("dump") == "safelost"));
    lost += gone ? 1 : 0;
    const std::string left = d.content("dump");
    d.crash([&] { file.reset(); });
    CHECK(d.content("dump") == left);
  }
  CHECK(lost > 10);
  CHECK(lost < 40);
}

TEST_CASE("sim disk: appends fail as often as the scenario says") {
  Disked d(9);
  auto file = d.create("dump");
  d.files().faults().failing_appends_percent = 100;
  CHECK(d.append(*file, "0123456789") == "dump cannot be written: Input/output error");
  CHECK(common_prefix(d.content("dump"), "0123456789") == d.content("dump").size());
  d.files().faults().failing_appends_percent = 30;
  int failed = 0;
  for (int i = 0; i < 100; ++i) failed += d.append(*file, "x") == "ok" ? 0 : 1;
  CHECK(failed > 10);
  CHECK(failed < 60);
  d.files().faults() = {};
  CHECK(d.append(*file, "x") == "ok");
}

TEST_CASE("sim disk: a bit flips in a file at rest, under all its names") {
  Disked d(10);
  const std::string before = bytes_of(1000);
  d.files().write("dump", before);
  CHECK(d.link("dump", "second") == "ok");
  CHECK(d.files().flip_bit("dump"));
  const std::string after = d.content("dump");
  REQUIRE(after.size() == before.size());
  int bits = 0;
  for (std::size_t i = 0; i < after.size(); ++i)
    bits += __builtin_popcount(static_cast<unsigned char>(after[i]) ^ static_cast<unsigned char>(before[i]));
  CHECK(bits == 1);
  CHECK((d.content("second") == after));
  CHECK_FALSE(d.files().flip_bit("none"));
  d.files().write("empty", "");
  CHECK_FALSE(d.files().flip_bit("empty"));
}

TEST_CASE("sim disk: a slow disk takes seconds") {
  Disked d(11);
  auto file = d.create("dump");
  d.files().faults().slow = seconds(3);
  const MonoTime start = d.sim.now();
  for (int i = 0; i < 10; ++i) CHECK(d.append(*file, "x") == "ok");
  CHECK(d.sim.now() - start > seconds(5));
  CHECK(d.sim.now() - start < seconds(30));
}

TEST_CASE("sim disk: one seed is one run, crash and all; what is written is part of it") {
  const auto run = [](std::uint64_t seed, const std::string& bytes) {
    Disked d(seed);
    auto file = d.create("dump.new");
    CHECK(d.append(*file, bytes) == "ok");
    d.sim.run_on(*d.loop, [&] {
      file->append(bytes, kNothing);
      d.disk().rename_file("dump.new", "dump", kNothing);
    });
    d.crash([&] { file.reset(); });
    d.files().write("rest", bytes);
    CHECK(d.files().flip_bit("rest"));
    CHECK(d.remove("rest") == "ok");
    std::string all = std::to_string(d.sim.trace().hash());
    for (const std::string& name : d.files().names()) all += name + d.content(name);
    return all;
  };
  CHECK((run(1, bytes_of(3000)) == run(1, bytes_of(3000))));
  CHECK((run(1, bytes_of(3000)) != run(2, bytes_of(3000))));
  CHECK(run(1, "a").substr(0, 15) != run(1, "b").substr(0, 15));
}

// The simulated disk by its sectors: files that are changed in place, and what a crash, a failed sync and a
// full disk do to them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "tests/unit/sim/disk_fixture.h"

using namespace ringhold;
using namespace ringhold::sim;

namespace {

constexpr std::size_t kSector = 512;

const auto kNothing = [](const Result<void>&) {};

std::string sectors(std::size_t count, char byte) {
  return std::string(count * kSector, byte);
}

// One letter for each sector: that of its bytes, or '0' for zeros, or '?' where they differ.
std::string letters(const std::string& content) {
  std::string all;
  for (std::size_t at = 0; at < content.size(); at += kSector) {
    const std::string sector = content.substr(at, kSector);
    const bool alike = sector.find_first_not_of(sector[0]) == std::string::npos;
    all += !alike ? '?' : sector[0] == '\0' ? '0' : sector[0];
  }
  return all;
}

}  // namespace

TEST_CASE("sim sectors: what was written and synced survives every crash") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(4, 'a'));
    CHECK(d.write_synced(*file, 700, sectors(1, 'b')) == "ok");
    CHECK(d.write_synced(*file, 4 * kSector, "grown") == "ok");
    const std::string expected =
        std::string(700, 'a') + sectors(1, 'b') + std::string(4 * kSector - 700 - kSector, 'a') + "grown";
    CHECK((d.content("log") == expected));
    d.crash([&] { file.reset(); });
    CHECK((d.content("log") == expected));
  }
}

TEST_CASE("sim sectors: of a write that a crash interrupts, any of its sectors have been written") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(5, 'a'));
    d.sim.run_on(*d.loop, [&] { file->write_synced(kSector, sectors(3, 'b'), kNothing); });
    d.crash([&] { file.reset(); });
    const std::string left = letters(d.content("log"));
    REQUIRE(left.size() == 5);
    CHECK((left.front() == 'a' && left.back() == 'a'));
    CHECK(left.find_first_not_of("ab") == std::string::npos);
    seen.insert(left);
    d.crash();
    CHECK(letters(d.content("log")) == left);  // what has survived one crash is on the disk
  }
  CHECK(seen.size() == 8);
}

TEST_CASE("sim sectors: a write across a sector's border is torn there and nowhere else") {
  std::set<std::size_t> seen;
  const std::string before = sectors(2, 'a');
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", before);
    d.sim.run_on(*d.loop, [&] { file->write_synced(kSector - 10, std::string(30, 'b'), kNothing); });
    d.crash([&] { file.reset(); });
    const std::string left = d.content("log");
    const auto written = static_cast<std::size_t>(std::count(left.begin(), left.end(), 'b'));
    CHECK(left.size() == before.size());
    seen.insert(written);
    if (written == 10) CHECK(left.find('b') == kSector - 10);
    if (written == 20) CHECK(left.find('b') == kSector);
  }
  CHECK(seen == std::set<std::size_t>{0, 10, 20, 30});
}

TEST_CASE(
    "sim sectors: of a file that grew in a write that a crash interrupts, the size and the bytes go apart") {
  std::set<std::string> seen;
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(1, 'a'));
    d.sim.run_on(*d.loop, [&] { file->write_synced(kSector, sectors(2, 'b'), kNothing); });
    d.crash([&] { file.reset(); });
    const std::string left = d.content("log");
    CHECK(letters(left).find_first_not_of("ab0") == std::string::npos);  // no garbage
    CHECK(left.front() == 'a');
    sizes.insert(left.size());
    if (left.size() == 3 * kSector) seen.insert(letters(left));
  }
  CHECK(seen == std::set<std::string>{"abb", "ab0", "a0b", "a00"});
  CHECK(*sizes.begin() == kSector);
  CHECK(sizes.size() > 10);
}

TEST_CASE("sim sectors: what is appended in allocated room is lost by sectors, without garbage") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(3, 'a'));
    file = d.open_for_update("log");
    CHECK(d.append(*file, sectors(1, 'b')) == "ok");
    CHECK(d.append(*file, sectors(1, 'c')) == "ok");
    CHECK(letters(d.content("log")) == "bca");
    d.crash([&] { file.reset(); });
    seen.insert(letters(d.content("log")));
  }
  CHECK(seen == std::set<std::string>{"aaa", "baa", "aca", "bca"});
}

TEST_CASE("sim sectors: an allocation is durable, and counts at once") {
  Disked d(1);
  d.files().set_room(4000);
  auto file = d.create("log");
  CHECK(d.allocate(*file, 4001) == "log cannot be allocated: No space left on device");
  CHECK(d.content("log").empty());
  CHECK(d.allocate(*file, 3000) == "ok");
  CHECK((d.content("log") == std::string(3000, '\0')));
  CHECK(d.allocate(*file, 100) == "ok");
  CHECK(d.content("log").size() == 3000);
  auto other = d.create("other");
  CHECK(d.write_synced(*other, 0, std::string(1001, 'x')) ==
        "other cannot be written: No space left on device");
  CHECK(d.content("other").size() == 1000);
  CHECK(d.write_synced(*file, 0, std::string(3000, 'y')) == "ok");  // its room is its own
  CHECK(d.append(*file, std::string(3000, 'z')) == "ok");
  CHECK(d.append(*file, "z") != "ok");
  CHECK(d.sync_directory(".") == "ok");
  d.crash([&] {
    file.reset();
    other.reset();
  });
  CHECK(d.content("log").size() == 3000);
}

TEST_CASE("sim sectors: an allocation or a truncation that a crash interrupts has happened or not") {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(2, 'a'));
    d.sim.run_on(*d.loop, [&] {
      if (seed % 2 == 0) file->allocate(4 * kSector, kNothing);
      if (seed % 2 == 1) file->truncate(kSector, kNothing);
    });
    d.crash([&] { file.reset(); });
    sizes.insert(d.content("log").size());
  }
  CHECK(sizes == std::set<std::size_t>{kSector, 2 * kSector, 4 * kSector});
}

TEST_CASE("sim sectors: a file is made shorter, never longer, and stays so") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(3, 'a'));
    CHECK(d.truncate(*file, 700) == "ok");
    CHECK(d.truncate(*file, 5000) == "ok");
    CHECK((d.content("log") == std::string(700, 'a')));
    CHECK(d.write_synced(*file, 1000, "x") == "ok");
    CHECK((d.content("log") == std::string(700, 'a') + std::string(300, '\0') + "x"));
    CHECK(d.truncate(*file, 700) == "ok");
    d.crash([&] { file.reset(); });
    CHECK((d.content("log") == std::string(700, 'a')));
  }
}

TEST_CASE("sim sectors: a failed sync takes away some sectors, and the next one brings none of them back") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(3, 'a'));
    d.files().faults().fail_next_sync = true;
    CHECK(d.write_synced(*file, kSector, sectors(2, 'b')) ==
          "log cannot be synced to the disk: Input/output error");
    const std::string left = letters(d.content("log"));
    seen.insert(left);
    CHECK(d.sync(*file) == "ok");
    CHECK(letters(d.content("log")) == left);
    d.crash([&] { file.reset(); });
    CHECK(letters(d.content("log")) == left);
  }
  CHECK(seen == std::set<std::string>{"aaa", "aba", "aab", "abb"});
}

TEST_CASE("sim sectors: what a failed sync has left is in doubt until the next one") {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(1, 'a'));
    d.files().faults().fail_next_sync = true;
    CHECK(d.write_synced(*file, 0, sectors(1, 'b')) != "ok");
    const bool kept = letters(d.content("log")) == "b";
    d.crash([&] { file.reset(); });
    lost += kept && letters(d.content("log")) == "a" ? 1 : 0;
  }
  CHECK(lost > 10);
}

TEST_CASE("sim sectors: syncs fail as often as the scenario says, those of directories too") {
  Disked d(3);
  auto file = d.allocated("log", sectors(1, 'a'));
  d.files().faults().fail_syncs_percent = 100;
  const std::string why = " cannot be synced to the disk: Input/output error";
  CHECK(d.sync(*file) == "log" + why);
  CHECK(d.sync_directory(".") == "." + why);
  CHECK(d.allocate(*file, 2000) == "log" + why);
  CHECK(d.truncate(*file, 100) == "log" + why);
  d.files().faults().fail_syncs_percent = 30;
  int failed = 0;
  for (int i = 0; i < 100; ++i) failed += d.write_synced(*file, 0, "x") == "ok" ? 0 : 1;
  CHECK(failed > 10);
  CHECK(failed < 60);
}

TEST_CASE("sim sectors: of a write that fails, some sectors are written and none is synced") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(3, 'a'));
    d.files().faults().failing_appends_percent = 100;
    CHECK(d.write_synced(*file, 0, sectors(3, 'b')) == "log cannot be written: Input/output error");
    seen.insert(letters(d.content("log")));
  }
  CHECK(seen.size() == 8);
}

TEST_CASE("sim sectors: a new name is forgotten or kept, until it has been settled") {
  std::function<void(Disked&)> then = [](Disked&) {};
  SUBCASE("by nothing") {}
  SUBCASE("by what happens in another directory") {
    then = [](Disked& d) {
      d.files().write("elsewhere", "x");
      CHECK(d.rename("elsewhere", "there") == "ok");
      CHECK(d.sync_directory(".") == "ok");
    };
  }
  SUBCASE("by a sync that fails") {
    then = [](Disked& d) {
      d.files().faults().fail_next_sync = true;
      CHECK(d.sync_directory("data") != "ok");
    };
  }
  int forgotten = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Disked d(seed);
    CHECK(d.disk().make_directory("data").ok());
    auto file = d.create("data/log");
    CHECK(d.write_synced(*file, 0, "all of it") == "ok");
    then(d);
    d.crash([&] { file.reset(); });
    const bool there = d.files().exists("data/log");
    CHECK((!there || d.content("data/log") == "all of it"));
    forgotten += there ? 0 : 1;
    d.crash();
    CHECK(d.files().exists("data/log") == there);
  }
  CHECK(forgotten > 10);
  CHECK(forgotten < 50);
}

TEST_CASE("sim sectors: a name is settled by its directory's sync, or by a rename or a link in it") {
  std::function<std::string(Disked&)> settle;
  SUBCASE("a sync") {
    settle = [](Disked& d) { return d.sync_directory("data/"); };
  }
  SUBCASE("a rename") {
    settle = [](Disked& d) { return d.rename("data/old", "data/new"); };
  }
  SUBCASE("a link") {
    settle = [](Disked& d) { return d.link("data/old", "data/new"); };
  }
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Disked d(seed);
    CHECK(d.disk().make_directory("data").ok());
    d.files().write("data/old", "x");
    d.files().write("data/gone", "x");
    auto file = d.create("data/log");
    CHECK(d.remove("data/gone") == "ok");
    CHECK(settle(d) == "ok");
    d.crash([&] { file.reset(); });
    CHECK(d.files().exists("data/log"));
    CHECK_FALSE(d.files().exists("data/gone"));
  }
}

TEST_CASE("sim sectors: a file that was removed may come back, with what was synced of it") {
  bool another = false;
  SUBCASE("where there was nothing since") {}
  SUBCASE("also in the place of a new one of that name") {
    another = true;
  }
  int back = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(1, 'a'));
    CHECK(d.remove("log") == "ok");
    if (another) {
      const auto again = d.create("log");
      CHECK(d.write_synced(*again, 0, sectors(1, 'b')) == "ok");
    }
    d.crash([&] { file.reset(); });
    const bool there = d.files().exists("log");
    CHECK((there || !another));
    back += there && letters(d.content("log")) == "a" ? 1 : 0;
  }
  CHECK(back > 10);
  CHECK(back < 50);
}

TEST_CASE("sim sectors: directories are made and listed, and files are made where there is one") {
  Disked d(5);
  std::string why;
  d.sim.run_on(*d.loop, [&] {
    d.disk().create_file("a/b/log", [&](const Result<std::unique_ptr<WritableFile>>& made) {
      why = made.ok() ? "ok" : made.error().message;
    });
  });
  d.sim.run_for(milliseconds(20));
  CHECK(why == "a/b/log cannot be created: No such file or directory");
  CHECK(d.disk().list_directory("a/b").error().message == "a/b cannot be listed: No such file or directory");
  CHECK(d.sync_directory("a/b") == "a/b cannot be synced to the disk: No such file or directory");
  CHECK(d.disk().make_directory("a/b/").ok());
  CHECK(d.disk().make_directory("a/b").ok());
  for (const char* name : {"a/b/z", "a/b/x", "a/y", "top"}) d.create(name);
  CHECK(d.disk().list_directory("a/b").value() == std::vector<std::string>{"x", "z"});
  CHECK(d.disk().list_directory("a/").value() == std::vector<std::string>{"y"});
  CHECK(d.disk().list_directory(".").value() == std::vector<std::string>{"top"});
  CHECK(d.disk().make_directory("a/y/w").error().message == "a/y is not a directory");
  d.crash();
  CHECK(d.disk().list_directory("a/b").ok());
}

TEST_CASE("sim sectors: a range is read; a missing file cannot be opened") {
  Disked d(6);
  auto file = d.create("log");
  CHECK(d.append(*file, "0123456789") == "ok");
  CHECK(d.read_range("log", 8, 4) == "89");
  CHECK(d.read_range("log", 10, 4).empty());
  CHECK(d.read_range("log", 11, 4).empty());
  CHECK(d.read_range("none", 0, 4) == "error: none does not exist");
  std::string why;
  d.sim.run_on(*d.loop, [&] {
    d.disk().open_for_update("none", [&](const Result<std::unique_ptr<WritableFile>>& opened) {
      why = opened.ok() ? "ok" : opened.error().message;
    });
  });
  d.sim.run_for(milliseconds(20));
  CHECK(why == "none cannot be opened: No such file or directory");
}

TEST_CASE("sim sectors: a bit flips in the range that was asked for") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disked d(seed);
    d.files().write("log", sectors(3, 'a'));
    CHECK(d.files().flip_bit("log", 600, 603));
    const std::string after = d.content("log");
    const std::size_t at = after.find_first_not_of('a');
    CHECK(at >= 600);
    CHECK(at < 603);
    CHECK(after.find_first_not_of('a', at + 1) == std::string::npos);
    CHECK(d.files().flip_bit("log", 3 * kSector - 1, 1U << 30U));
    CHECK_FALSE(d.files().flip_bit("log", 3 * kSector, 1U << 30U));
    CHECK_FALSE(d.files().flip_bit("log", 5, 5));
  }
}

TEST_CASE("sim sectors: one seed is one run") {
  const auto run = [](std::uint64_t seed) {
    Disked d(seed);
    auto file = d.allocated("log", sectors(20, 'a'));
    auto fresh = d.create("fresh");
    d.files().faults().failing_appends_percent = 30;
    d.files().faults().fail_syncs_percent = 30;
    std::string all;
    for (std::size_t i = 0; i < 20; ++i) all += d.write_synced(*file, i * 700, sectors(2, 'b'));
    CHECK(d.remove("fresh") == "ok");
    d.sim.run_on(*d.loop, [&] { file->write_synced(0, sectors(9, 'c'), kNothing); });
    d.crash([&] {
      file.reset();
      fresh.reset();
    });
    return all + letters(d.content("log")) + std::to_string(d.sim.trace().hash());
  };
  for (std::uint64_t seed = 0; seed < 10; ++seed) CHECK(run(seed) == run(seed));
  CHECK(run(1) != run(2));
}

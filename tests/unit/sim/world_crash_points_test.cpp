// A process that crashes at one of its operations on the disk: before it, in it, after it.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/sim/disk_fixture.h"

namespace ringhold::sim {
namespace {

using When = CrashPoint::When;

// What is left of a file of `a`s of which two sectors were to become `b`s, and what its program has heard.
struct Crashed {
  Crashed(std::uint64_t seed, When when) : disked(seed) {
    auto file = disked.allocated("file", std::string(2 * kSectorBytes, 'a'));
    CrashPoint point{disked.files().changes_asked() + 1, when, [&] {
                       crashes += 1;
                       disked.process.crash(CrashMode::kReset, [&] { file.reset(); });
                     }};
    disked.files().set_crash_point(std::move(point));
    disked.sim.run_on(*disked.loop, [&] {
      file->write_synced(0, std::string(2 * kSectorBytes, 'b'),
                         [&](const Result<void>& /*outcome*/) { heard += 1; });
    });
    disked.sim.run_for(seconds(1));
    content = disked.files().find("file")->content();
  }

  Disked disked;
  std::string content;
  int crashes = 0;
  int heard = 0;
};

}  // namespace

TEST_CASE("simulated disk: a crash before an operation leaves nothing of it, one after it all") {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const Crashed before(seed, When::kBefore);
    CHECK(before.content == std::string(2 * kSectorBytes, 'a'));
    const Crashed after(seed, When::kAfter);
    CHECK(after.content == std::string(2 * kSectorBytes, 'b'));
    for (const Crashed* crashed : {&before, &after}) {
      CHECK(crashed->crashes == 1);
      CHECK(crashed->heard == 0);
      CHECK(crashed->disked.process.files().open_files == 0);
    }
  }
}

TEST_CASE("simulated disk: a crash in an operation leaves any of its sectors") {
  bool none = false;
  bool some = false;
  bool all = false;
  for (std::uint64_t seed = 1; seed < 60; ++seed) {
    const Crashed crashed(seed, When::kDuring);
    CHECK(crashed.crashes == 1);
    CHECK(crashed.heard == 0);
    const bool first = crashed.content.front() == 'b';
    const bool second = crashed.content.back() == 'b';
    none = none || (!first && !second);
    some = some || first != second;
    all = all || (first && second);
  }
  CHECK(none);
  CHECK(some);
  CHECK(all);
}

}  // namespace ringhold::sim

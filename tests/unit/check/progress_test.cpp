#include "tests/sim/check/progress.h"

#include <doctest/doctest.h>

namespace ringhold::sim {
namespace {

MonoTime at(std::int64_t ms) {
  return MonoTime(std::chrono::milliseconds(ms));
}
ProgressCheck check() {
  return ProgressCheck({.election_timeout = std::chrono::milliseconds(100), .timeouts_max = 10});
}

TEST_CASE("progress: nothing is owed while there are faults") {
  ProgressCheck progress = check();
  CHECK(progress.overdue(at(100000)).empty());
  CHECK(progress.longest_wait(at(100000)) == 0);
  progress.leader(at(100000), true);
  progress.leader(at(100001), false);
  CHECK(progress.overdue(at(200000)).empty());
  CHECK(progress.leaders_lost_in_calm() == 0);
}

TEST_CASE("progress: from the end of the faults on a leader is owed within the bound") {
  ProgressCheck progress = check();
  progress.faults(at(1000), false);
  CHECK(progress.overdue(at(2000)).empty());
  CHECK(progress.overdue(at(2001)).starts_with(
      "no progress: no leader with a committed entry of its term for 10.0"));
  ProgressCheck late = check();  // it counts also if nobody asked at the time
  late.faults(at(1000), false);
  late.leader(at(2500), true);
  CHECK_FALSE(late.overdue(at(2500)).empty());
  ProgressCheck good = check();
  good.faults(at(1000), false);
  good.leader(at(1350), true);
  CHECK(good.overdue(at(90000)).empty());
  CHECK(good.longest_wait(at(90000)) == doctest::Approx(3.5));
}

TEST_CASE("progress: new faults stop the clock, a leader lost in calm starts it") {
  ProgressCheck progress = check();
  progress.faults(at(1000), false);
  progress.faults(at(1900), true);
  progress.faults(at(5000), false);
  progress.leader(at(5900), true);
  CHECK(progress.overdue(at(6000)).empty());
  progress.leader(at(7000), false);
  CHECK(progress.leaders_lost_in_calm() == 1);
  CHECK(progress.overdue(at(8000)).empty());
  CHECK_FALSE(progress.overdue(at(8001)).empty());
}

}  // namespace
}  // namespace ringhold::sim

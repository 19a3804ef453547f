// The checker against histories of strings and counters that are known to be good, and known to be bad.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/sim/check/key_history.h"
#include "tests/unit/check/history.h"

namespace ringhold::sim {
namespace {

TEST_CASE("sequential histories") {
  CHECK(History().get_nil(1, 2).set(3, 4, "a").get(5, 6, "a").verdict() == kGood);
  CHECK(History().set(1, 2, "a").get_nil(3, 4).verdict() == kBad);
  CHECK(History().set(1, 2, "a").set(3, 4, "b").get(5, 6, "a").verdict() == kBad);
  CHECK(History().get(1, 2, "a").verdict() == kBad);
  CHECK(History().number(1, 2, OpKind::kIncr, 1).number(3, 4, OpKind::kIncr, 2).get(5, 6, "2").verdict() ==
        kGood);
  CHECK(History().number(1, 2, OpKind::kIncr, 1).number(3, 4, OpKind::kIncr, 3).verdict() == kBad);
  CHECK(History().number(1, 2, OpKind::kIncr, 1).number(3, 4, OpKind::kIncr, 1).verdict() == kBad);
  CHECK(History()
            .number(1, 2, OpKind::kAppend, 2, "xy")
            .number(3, 4, OpKind::kAppend, 3, "z")
            .get(5, 6, "xyz")
            .verdict() == kGood);
  CHECK(History().number(1, 2, OpKind::kAppend, 2, "xy").number(3, 4, OpKind::kAppend, 4, "z").verdict() ==
        kBad);
  CHECK(History()
            .set(1, 2, "a")
            .number(3, 4, OpKind::kDel, 1)
            .number(5, 6, OpKind::kDel, 0)
            .get_nil(7, 8)
            .verdict() == kGood);
  CHECK(History().number(1, 2, OpKind::kDel, 1).verdict() == kBad);
  CHECK(History()
            .number(1, 2, OpKind::kSetNx, 1, "a")
            .number(3, 4, OpKind::kSetNx, 0, "b")
            .get(5, 6, "a")
            .verdict() == kGood);
  CHECK(History().number(1, 2, OpKind::kSetNx, 1, "a").number(3, 4, OpKind::kSetNx, 1, "b").verdict() ==
        kBad);
  CHECK(History()
            .set(1, 2, "a")
            .op(3, 4, 1, OpKind::kGetSet, "b", {Observation::Kind::kText, "a", 0})
            .get(5, 6, "b")
            .verdict() == kGood);
  CHECK(History()
            .set(1, 2, "a")
            .op(3, 4, 1, OpKind::kGetSet, "b", {Observation::Kind::kNil, "", 0})
            .verdict() == kBad);
  CHECK(History()
            .set(1, 2, "a")
            .op(3, 4, 1, OpKind::kIncr, "", {Observation::Kind::kNotANumber, "", 0})
            .verdict() == kGood);
  CHECK(History()
            .set(1, 2, "5")
            .op(3, 4, 1, OpKind::kIncr, "", {Observation::Kind::kNotANumber, "", 0})
            .verdict() == kBad);
}

TEST_CASE("times to live that are far away") {
  CHECK(
      History().set(1, 2, "a").number(3, 4, OpKind::kExpire, 1).number(5, 6, OpKind::kPersist, 1).verdict() ==
      kGood);
  CHECK(History().set(1, 2, "a").number(3, 4, OpKind::kPersist, 1).verdict() == kBad);
  CHECK(History()
            .set(1, 2, "a")
            .number(3, 4, OpKind::kExpire, 1)
            .set(5, 6, "b")
            .number(7, 8, OpKind::kPersist, 1)
            .verdict() == kBad);
  CHECK(History().number(3, 4, OpKind::kExpire, 1).verdict() == kBad);
}

TEST_CASE("concurrent operations may take effect in any order, but one order for all") {
  CHECK(History().set(1, 10, "a").set(1, 10, "b", 3).get(11, 12, "a").verdict() == kGood);
  CHECK(History().set(1, 10, "a").set(1, 10, "b", 3).get(11, 12, "b").verdict() == kGood);
  CHECK(History().set(1, 10, "a").set(1, 10, "b", 3).get(2, 3, "a").get(4, 5, "b").verdict() == kGood);
  CHECK(History().set(1, 10, "a").set(1, 10, "b", 3).get(2, 3, "a").get(4, 5, "b").get(6, 7, "a").verdict() ==
        kBad);
  // New, then old again: the stale read.
  CHECK(History().set(1, 2, "a").set(3, 10, "b").get(4, 5, "b").get(6, 7, "a", 4).verdict() == kBad);
  CHECK(History().number(1, 9, OpKind::kIncr, 2).number(1, 9, OpKind::kIncr, 1, "", 2).verdict() == kGood);
  CHECK(History().number(1, 9, OpKind::kIncr, 2).number(1, 9, OpKind::kIncr, 2, "", 2).verdict() == kBad);
}

TEST_CASE("an operation whose outcome is unknown may take effect once, at any later time, or never") {
  CHECK(History().lost(1, OpKind::kSet, "a").get_nil(2, 3).verdict() == kGood);
  CHECK(History().lost(1, OpKind::kSet, "a").get_nil(2, 3).get(50, 51, "a").verdict() == kGood);
  CHECK(History().lost(1, OpKind::kSet, "a").get(2, 3, "a").get_nil(50, 51).verdict() == kBad);
  CHECK(History().lost(10, OpKind::kSet, "a").get(2, 3, "a").verdict() == kBad);
  // The write that was sent twice.
  CHECK(History()
            .number(1, 2, OpKind::kIncr, 1)
            .lost(3, OpKind::kIncr)
            .number(4, 5, OpKind::kIncr, 3)
            .verdict() == kGood);
  CHECK(History()
            .number(1, 2, OpKind::kIncr, 1)
            .lost(3, OpKind::kIncr)
            .number(4, 5, OpKind::kIncr, 4)
            .verdict() == kBad);
}

TEST_CASE("an unknown write is seen late, never, or once, and cannot undo what came after it was seen") {
  // Late: it waits in somebody's log until long after other writes.
  CHECK(History().lost(1, OpKind::kSet, "a").set(2, 3, "b").get(4, 5, "b").get(90, 91, "a").verdict() ==
        kGood);
  CHECK(History().lost(1, OpKind::kSet, "a").set(2, 3, "b").get(4, 5, "a").verdict() == kGood);
  // Twice: seen, overwritten, and there again.
  CHECK(History().lost(1, OpKind::kSet, "a").get(2, 3, "a").set(4, 5, "b").get(6, 7, "a").verdict() == kBad);
  CHECK(History()
            .number(1, 2, OpKind::kIncr, 1)
            .lost(3, OpKind::kIncr)
            .get(4, 5, "1")
            .get(9, 10, "2")
            .verdict() == kGood);
  CHECK(History().lost(3, OpKind::kIncr).get(4, 5, "2").verdict() == kBad);
  // Lost although it was acknowledged.
  CHECK(History().number(1, 2, OpKind::kIncr, 1).number(3, 4, OpKind::kIncr, 2).get(5, 6, "1").verdict() ==
        kBad);
  CHECK(History().set(1, 2, "a").lost(3, OpKind::kDel).get_nil(4, 5).get(6, 7, "a").verdict() == kBad);
}

TEST_CASE("operations of one connection take effect in the order sent") {
  // Pipelined: both are open at once, so linearizability alone would allow the swap.
  CHECK(History().set(1, 10, "a", 1).get(1, 10, "a", 1).verdict() == kGood);
  CHECK(History().set(1, 10, "a", 1).get_nil(1, 10, 1).verdict() == kBad);
  CHECK(History().set(1, 10, "a", 1).get_nil(1, 10, 2).verdict() == kGood);
  CHECK(History().set(1, 10, "a", 1).set(1, 10, "b", 1).get(11, 12, "a").verdict() == kBad);
}

TEST_CASE("disturbances: what came before a crash is gone after it; what overlaps it may be either") {
  const std::vector<Disturbance> crash = {{at(10), at(20), true, "a crash"}};
  const std::vector<Disturbance> move = {{at(10), at(20), false, "a move"}};
  const auto verdict = [](const History& h, const std::vector<Disturbance>& d) {
    return check_key_history(h.operations, d).verdict;
  };
  CHECK(verdict(History().set(1, 2, "a").get_nil(21, 22), crash) == kGood);
  CHECK(verdict(History().set(1, 2, "a").get(21, 22, "a"), crash) == kBad);
  CHECK(verdict(History().set(1, 2, "a").get(21, 22, "a"), move) == kGood);
  CHECK(verdict(History().set(1, 2, "a").get_nil(21, 22), move) == kGood);
  CHECK(verdict(History().set(9, 15, "a").get(21, 22, "a"), crash) == kGood);
  CHECK(verdict(History().set(9, 15, "a").get_nil(21, 22), crash) == kGood);
  CHECK(verdict(History().lost(5, OpKind::kSet, "a").get(21, 22, "a"), crash) == kGood);
  // Once the new interval has shown a value it is strict again.
  CHECK(verdict(History().set(1, 2, "a").get(21, 22, "a").get_nil(23, 24), move) == kBad);
  CHECK(verdict(History().get_nil(21, 22).get(23, 24, "a").set(1, 2, "a"), move) == kBad);
  // What happens within a disturbance proves nothing.
  CHECK(verdict(History().set(1, 2, "a").get_nil(12, 13).get(14, 15, "a"), move) == kGood);
}

TEST_CASE("values come from somewhere") {
  CHECK(check_origin_of_values(History().set(1, 2, "v1.").get(3, 4, "v1.").operations).verdict == kGood);
  CHECK(check_origin_of_values(History().set(1, 2, "v1.").get(3, 4, "v2.").operations).verdict == kBad);
  CHECK(check_origin_of_values(History().set(5, 6, "v1.").get(3, 4, "v1.").operations).verdict == kBad);
}

TEST_CASE("a history with too much concurrency is undecided, not an endless search") {
  History history;
  for (std::uint32_t i = 0; i < 40; ++i) history.set(1, 100, "v" + std::to_string(i), i);
  CHECK(history.verdict() == kGood);
  history.get(101, 102, "never written", 50);
  CHECK(history.verdict() == Verdict::kUndecided);
}

}  // namespace
}  // namespace ringhold::sim

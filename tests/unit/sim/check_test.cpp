// The checker against histories that are known to be good, and known to be bad.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim/check/key_history.h"
#include "tests/sim/world/random.h"

namespace ringhold::sim {
namespace {

MonoTime at(std::int64_t ms) {
  return MonoTime(std::chrono::milliseconds(ms));
}

// Builds a history line by line: when, who, what, what was seen.
class History {
 public:
  History& op(std::int64_t from, std::int64_t to, std::uint32_t connection, OpKind kind, std::string argument,
              Observation seen) {
    operations.push_back({++id_, connection, "", kind, "k", std::move(argument), at(from), at(to),
                          Outcome::kDone, std::move(seen)});
    return *this;
  }
  History& set(std::int64_t from, std::int64_t to, std::string value, std::uint32_t connection = 1) {
    return op(from, to, connection, OpKind::kSet, std::move(value), {});
  }
  History& get(std::int64_t from, std::int64_t to, std::string value, std::uint32_t connection = 2) {
    return op(from, to, connection, OpKind::kGet, "", {Observation::Kind::kText, std::move(value), 0});
  }
  History& get_nil(std::int64_t from, std::int64_t to, std::uint32_t connection = 2) {
    return op(from, to, connection, OpKind::kGet, "", {Observation::Kind::kNil, "", 0});
  }
  History& number(std::int64_t from, std::int64_t to, OpKind kind, std::int64_t n, std::string argument = "",
                  std::uint32_t connection = 1) {
    return op(from, to, connection, kind, std::move(argument), {Observation::Kind::kNumber, "", n});
  }
  History& lost(std::int64_t from, OpKind kind, std::string argument = "", std::uint32_t connection = 9) {
    op(from, 0, connection, kind, std::move(argument), {});
    operations.back().returned = MonoTime::max();
    operations.back().outcome = Outcome::kUnknown;
    return *this;
  }
  Verdict verdict() const { return check_linearizable(operations, KeyState::nil()).verdict; }

  std::vector<Operation> operations;

 private:
  std::uint64_t id_ = 0;
};

constexpr auto kGood = Verdict::kLinearizable;
constexpr auto kBad = Verdict::kViolated;

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

// Runs clients against a register that is correct by construction (each operation takes effect at a random
// moment between invocation and return); then spoils one reply.
History random_history(std::uint64_t seed) {
  SimRng rng(seed);
  struct Timed {
    std::int64_t effect;
    Operation op;
  };
  std::vector<Timed> list;
  for (std::uint32_t connection = 0; connection < 5; ++connection) {
    std::int64_t time = 0;
    for (int i = 0; i < 40; ++i) {
      const std::int64_t from = time + rng.between(1, 10);
      const std::int64_t effect = from + rng.between(0, 20);
      time = effect + rng.between(0, 20);
      const OpKind kind =
          rng.pick(std::vector{OpKind::kGet, OpKind::kGet, OpKind::kSet, OpKind::kIncr, OpKind::kAppend,
                               OpKind::kDel, OpKind::kSetNx, OpKind::kGetSet});
      Operation op{
          connection * 1000U + static_cast<unsigned>(i), connection, "", kind, "k", "", at(from), at(time)};
      op.argument = std::to_string(op.id) + ".";
      if (kind == OpKind::kGet || kind == OpKind::kIncr || kind == OpKind::kDel) op.argument.clear();
      list.push_back({effect, op});
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.effect < b.effect; });
  History history;
  std::string value;  // empty: nil
  for (Timed& timed : list) {
    Operation& op = timed.op;
    const auto number = [&](std::int64_t n) { op.seen = {Observation::Kind::kNumber, "", n}; };
    const auto text = [&] {
      op.seen = value.empty() ? Observation{Observation::Kind::kNil, "", 0}
                              : Observation{Observation::Kind::kText, value, 0};
    };
    op.outcome = Outcome::kDone;
    switch (op.kind) {
      case OpKind::kGet:
        text();
        break;
      case OpKind::kSet:
        value = op.argument;
        break;
      case OpKind::kGetSet:
        text();
        value = op.argument;
        break;
      case OpKind::kDel:
        number(value.empty() ? 0 : 1);
        value.clear();
        break;
      case OpKind::kAppend:
        value += op.argument;
        number(static_cast<std::int64_t>(value.size()));
        break;
      case OpKind::kSetNx:
        number(value.empty() ? 1 : 0);
        if (value.empty()) value = op.argument;
        break;
      case OpKind::kIncr:
        if (value.find('.') != std::string::npos) {
          op.seen.kind = Observation::Kind::kNotANumber;
        } else {
          value = std::to_string((value.empty() ? 0 : std::stoll(value)) + 1);
          number(std::stoll(value));
        }
        break;
      default:
        break;
    }
    history.operations.push_back(op);
  }
  return history;
}

TEST_CASE("random histories of a correct register are accepted; with one reply spoilt most are not") {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    History history = random_history(seed);
    const CheckResult good = check_linearizable(history.operations, KeyState::nil());
    CHECK_MESSAGE(good.verdict == kGood, good.explanation);
    SimRng rng(seed);
    for (int tries = 0; tries < 100; ++tries) {
      Operation& op = history.operations[rng.below(history.operations.size())];
      if (op.seen.kind != Observation::Kind::kText) continue;
      op.seen.text = "never written";
      break;
    }
    if (check_linearizable(history.operations, KeyState::nil()).verdict == kBad) ++found;
  }
  CHECK(found == 60);
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

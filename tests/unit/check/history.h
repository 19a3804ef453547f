// Histories of one key, written line by line: when, what, what was seen.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/check/linearizability.h"

namespace ringhold::sim {

inline MonoTime at(std::int64_t ms) {
  return MonoTime(std::chrono::milliseconds(ms));
}

inline constexpr auto kGood = Verdict::kLinearizable;
inline constexpr auto kBad = Verdict::kViolated;

inline Observation seen_number(std::int64_t n) {
  return {Observation::Kind::kNumber, "", n, {}};
}
inline Observation seen_text(std::string text) {
  return {Observation::Kind::kText, std::move(text), 0, {}};
}
inline Observation seen_nil() {
  return {Observation::Kind::kNil, "", 0, {}};
}
inline Observation seen_items(ItemList items) {
  return {Observation::Kind::kItems, "", 0, std::move(items)};
}

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
    return op(from, to, connection, OpKind::kGet, "", seen_text(std::move(value)));
  }
  History& get_nil(std::int64_t from, std::int64_t to, std::uint32_t connection = 2) {
    return op(from, to, connection, OpKind::kGet, "", seen_nil());
  }
  History& number(std::int64_t from, std::int64_t to, OpKind kind, std::int64_t n, std::string argument = "",
                  std::uint32_t connection = 1) {
    return op(from, to, connection, kind, std::move(argument), seen_number(n));
  }
  History& rpush(std::int64_t from, std::int64_t to, std::string item, std::int64_t n,
                 std::uint32_t connection = 1) {
    return number(from, to, OpKind::kRPush, n, std::move(item), connection);
  }
  History& lpush(std::int64_t from, std::int64_t to, std::string item, std::int64_t n,
                 std::uint32_t connection = 1) {
    return number(from, to, OpKind::kLPush, n, std::move(item), connection);
  }
  History& lpop(std::int64_t from, std::int64_t to, std::string item, std::uint32_t connection = 2) {
    return op(from, to, connection, OpKind::kLPop, "", seen_text(std::move(item)));
  }
  History& rpop(std::int64_t from, std::int64_t to, std::string item, std::uint32_t connection = 2) {
    return op(from, to, connection, OpKind::kRPop, "", seen_text(std::move(item)));
  }
  History& items(std::int64_t from, std::int64_t to, ItemList list, std::uint32_t connection = 3) {
    return op(from, to, connection, OpKind::kLRange, "", seen_items(std::move(list)));
  }
  // Its outcome is unknown.
  History& lost(std::int64_t from, OpKind kind, std::string argument = "", std::uint32_t connection = 9) {
    op(from, 0, connection, kind, std::move(argument), {});
    operations.back().returned = MonoTime::max();
    operations.back().outcome = Outcome::kUnknown;
    return *this;
  }
  CheckResult check(const CheckLimits& limits = {}) const {
    return check_linearizable(operations, KeyState::nil(), limits);
  }
  Verdict verdict() const { return check().verdict; }

  std::vector<Operation> operations;

 private:
  std::uint64_t id_ = 0;
};

// The same on every machine, which the distributions of <random> are not.
class TestRng {
 public:
  explicit TestRng(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  bool percent(std::uint64_t n) { return below(100) < n; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  template <typename Container>
  const auto& pick(const Container& container) {
    return container[static_cast<std::size_t>(below(container.size()))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace ringhold::sim

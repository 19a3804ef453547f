#include "tests/sim/check/key_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/text.h"

namespace ringhold::sim {

namespace {

// Ascending, none overlapping.
std::vector<Disturbance> merged(std::vector<Disturbance> list) {
  std::stable_sort(list.begin(), list.end(),
                   [](const Disturbance& a, const Disturbance& b) { return a.begin < b.begin; });
  std::vector<Disturbance> result;
  for (Disturbance& next : list) {
    if (result.empty() || next.begin > result.back().end) {
      result.push_back(std::move(next));
      continue;
    }
    Disturbance& last = result.back();
    last.end = std::max(last.end, next.end);
    last.leaves_nil = last.leaves_nil && next.leaves_nil;
    last.what += ", " + next.what;
  }
  return result;
}

// The operations as they count in the interval between two disturbances (null: the run's beginning or end).
// What overlaps one of them may have taken effect on either side of it.
std::vector<Operation> operations_between(const std::vector<Operation>& all, const Disturbance* before,
                                          const Disturbance* after) {
  const MonoTime begin = before == nullptr ? MonoTime::min() : before->end;
  const MonoTime end = after == nullptr ? MonoTime::max() : after->begin;
  std::vector<Operation> list;
  for (const Operation& op : all) {
    const bool done = op.outcome == Outcome::kDone;
    if (op.outcome == Outcome::kNot || op.invoked >= end) continue;
    if (done && before != nullptr && op.returned <= before->begin) continue;
    list.push_back(op);
    if (done && op.invoked >= begin && op.returned <= end) continue;
    list.back().outcome = Outcome::kUnknown;
    list.back().seen = {};
    list.back().invoked = std::max(op.invoked, begin);
  }
  return list;
}

}  // namespace

CheckResult check_key_history(const std::vector<Operation>& operations, std::vector<Disturbance> disturbances,
                              const CheckLimits& limits) {
  const std::vector<Disturbance> list = merged(std::move(disturbances));
  CheckResult undecided;
  KeyState initial = KeyState::nil();
  for (std::size_t i = 0; i <= list.size(); ++i) {
    const Disturbance* before = i == 0 ? nullptr : &list[i - 1];
    const Disturbance* after = i == list.size() ? nullptr : &list[i];
    CheckResult result = check_linearizable(operations_between(operations, before, after), initial, limits);
    if (result.verdict == Verdict::kViolated) {
      const std::string since = before == nullptr ? "the beginning" : before->what;
      result.explanation +=
          fmt::format("\n(In the interval since {}; the key was {} then.)", since, describe(initial));
      return result;
    }
    if (result.verdict == Verdict::kUndecided) undecided = result;
    if (after != nullptr) initial = after->leaves_nil ? KeyState::nil() : KeyState::unknown();
  }
  return undecided;
}

CheckResult check_origin_of_values(const std::vector<Operation>& operations) {
  const bool incremented = std::any_of(operations.begin(), operations.end(),
                                       [](const Operation& op) { return op.kind == OpKind::kIncr; });
  const auto has_origin = [&](std::string_view text, MonoTime returned) {
    if (incremented && !text.empty() && (parse_int64(text) || (text[0] >= '0' && text[0] <= '9')))
      return true;
    return std::any_of(operations.begin(), operations.end(), [&](const Operation& write) {
      return !write.argument.empty() && write.invoked <= returned && text.starts_with(write.argument);
    });
  };
  for (const Operation& read : operations) {
    if (read.outcome != Outcome::kDone) continue;
    bool fine = read.seen.kind != Observation::Kind::kText || has_origin(read.seen.text, read.returned);
    for (ItemList rest = read.seen.items; fine && !rest.empty(); rest.pop_back()) {
      fine = has_origin(rest.back(), read.returned);
    }
    if (fine) continue;
    return {Verdict::kViolated,
            fmt::format("a value from nowhere: nobody wrote what this read of key '{}' saw:\n  {}", read.key,
                        describe(read))};
  }
  return {};
}

}  // namespace ringhold::sim

#include "tests/sim/check/linearizability.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bitset>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace ringhold::sim {

namespace {

constexpr std::size_t kOpenMax = 256;
using OpenSet = std::bitset<kOpenMax>;

struct Configuration {
  KeyState state;
  OpenSet done;  // open operations, by place, that have taken effect
  bool operator==(const Configuration&) const = default;
};

struct ConfigurationHash {
  std::size_t operator()(const Configuration& c) const {
    return hash_of(c.state) ^ (std::hash<OpenSet>{}(c.done) * 0x9E3779B97F4A7C15U);
  }
};

// One point of the search: everything before `event` is explained by `configuration`.
struct SearchNode {
  std::size_t event = 0;
  Configuration configuration;
  bool operator==(const SearchNode&) const = default;
};
struct SearchNodeHash {
  std::size_t operator()(const SearchNode& n) const {
    return ConfigurationHash{}(n.configuration) + n.event * 0xC2B2AE3D27D4EB4FU;
  }
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class Checker {
 public:
  Checker(std::vector<Operation> operations, const KeyState& initial, const CheckLimits& limits)
      : operations_(std::move(operations)), initial_(initial), limits_(limits) {
    std::erase_if(operations_, [](const Operation& op) {
      return op.outcome == Outcome::kNot || (op.outcome == Outcome::kUnknown && is_read(op.kind));
    });
    std::sort(operations_.begin(), operations_.end(),
              [](const Operation& a, const Operation& b) { return a.id < b.id; });
    find_predecessors();
    list_events();
  }

  CheckResult run() {
    if (!find_places()) return {Verdict::kUndecided, "too many operations are open at once"};
    std::vector<SearchNode> stack = {{0, {initial_, {}}}};
    std::unordered_set<SearchNode, SearchNodeHash> seen;
    while (!stack.empty()) {
      SearchNode node = std::move(stack.back());
      stack.pop_back();
      if (advance(node)) return {};
      if (!seen.insert(node).second) continue;
      if (seen.size() > limits_.configurations_max)
        return {Verdict::kUndecided, "too many orders are possible"};
      remember(node);
      expand(node, stack);
    }
    return {Verdict::kViolated, explain()};
  }

 private:
  struct When {
    MonoTime time;
    bool is_return;
    std::size_t index;
    std::vector<std::size_t>
        open;  // of a return: the operations that are open then, the earliest to return first
    bool operator<(const When& other) const {
      return std::tie(time, is_return, index) < std::tie(other.time, other.is_return, other.index);
    }
  };

  // What is invoked at the very moment when another returns is concurrent with it: invocations come first.
  void list_events() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      events_.push_back({operations_[i].invoked, false, i, {}});
      if (operations_[i].outcome == Outcome::kDone) events_.push_back({operations_[i].returned, true, i, {}});
    }
    std::sort(events_.begin(), events_.end());
  }

  // The operation that must have taken effect first: the last one before it on its connection that surely
  // did.
  void find_predecessors() {
    std::map<std::uint32_t, std::size_t> last;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const auto it = last.find(operations_[i].connection);
      predecessor_.push_back(it == last.end() ? kNone : it->second);
      if (operations_[i].outcome == Outcome::kDone) last[operations_[i].connection] = i;
    }
  }

  // Each operation has a place in the set of open ones for as long as it is open. False if there are too
  // many.
  bool find_places() {
    place_.assign(operations_.size(), kNone);
    std::vector<std::size_t> open(kOpenMax, kNone);
    for (When& when : events_) {
      if (!when.is_return) {
        const auto free = std::find(open.begin(), open.end(), kNone);
        if (free == open.end()) return false;
        *free = when.index;
        place_[when.index] = static_cast<std::size_t>(free - open.begin());
        continue;
      }
      std::copy_if(open.begin(), open.end(), std::back_inserter(when.open),
                   [](std::size_t i) { return i != kNone; });
      std::sort(when.open.begin(), when.open.end(), [this](std::size_t a, std::size_t b) {
        return std::tie(operations_[a].returned, a) < std::tie(operations_[b].returned, b);
      });
      open[place_[when.index]] = kNone;
    }
    return true;
  }

  // Goes on to the next return of an operation that has not taken effect yet; true if there is none.
  bool advance(SearchNode& node) const {
    for (; node.event < events_.size(); ++node.event) {
      const When& when = events_[node.event];
      if (!when.is_return) continue;
      settle_reads(node.configuration, when);
      if (!node.configuration.done[place_[when.index]]) return false;
      node.configuration.done.reset(place_[when.index]);
    }
    return true;
  }

  // Open reads that fit and change nothing may as well take effect now: whatever explains the rest of the
  // history with them later also does with them here.
  void settle_reads(Configuration& c, const When& when) const {
    for (bool again = true; std::exchange(again, false);) {
      for (const std::size_t index : when.open) {
        const Operation& op = operations_[index];
        if (c.done[place_[index]] || op.outcome != Outcome::kDone || !is_read(op.kind)) continue;
        if (!may_follow(c, index, when)) continue;
        const auto after = apply(c.state, op);
        if (!after || !(*after == c.state)) continue;
        c.done.set(place_[index]);
        again = true;
      }
    }
  }

  bool may_follow(const Configuration& c, std::size_t index, const When& when) const {
    const std::size_t before = predecessor_[index];
    if (before == kNone) return true;
    const bool is_open = std::find(when.open.begin(), when.open.end(), before) != when.open.end();
    return !is_open || c.done[place_[before]];
  }

  static std::optional<KeyState> take_effect(const KeyState& state, const Operation& op) {
    if (op.outcome == Outcome::kDone) return apply(state, op);
    Operation blind = op;
    blind.seen = {};
    auto after = apply(state, blind);
    if (after && *after == state) return std::nullopt;  // as if it had not happened: nothing to explore
    return after;
  }

  // Each open operation that can take effect next. What is pushed last is tried first: the one that returns.
  void expand(const SearchNode& node, std::vector<SearchNode>& stack) const {
    const When& when = events_[node.event];
    for (auto it = when.open.rbegin(); it != when.open.rend(); ++it) {
      const Configuration& c = node.configuration;
      if (c.done[place_[*it]] || !may_follow(c, *it, when)) continue;
      auto after = take_effect(c.state, operations_[*it]);
      if (!after) continue;
      SearchNode next{node.event, {std::move(*after), c.done}};
      next.configuration.done.set(place_[*it]);
      stack.push_back(std::move(next));
    }
  }

  // For the explanation: how far any order of the operations gets, and what the key may be then.
  void remember(const SearchNode& node) {
    if (node.event > furthest_) {
      furthest_ = node.event;
      states_.clear();
    }
    const std::string state = describe(node.configuration.state);
    if (node.event < furthest_ || states_.size() >= 8) return;
    if (std::find(states_.begin(), states_.end(), state) == states_.end()) states_.push_back(state);
  }

  std::string explain() const {
    const Operation& bad = operations_[events_[furthest_].index];
    std::string text =
        fmt::format("the history of key '{}' cannot be explained: no order lets\n  {}\nsee that.", bad.key,
                    describe(bad));
    text += "\nPossible values at its return, without it:";
    for (const std::string& state : states_) text += "\n  " + state;
    text += "\nWhat happened to the key until then (the last 40 operations):";
    std::vector<const Operation*> shown;
    for (const Operation& op : operations_) {
      if (op.invoked <= bad.returned) shown.push_back(&op);
    }
    const std::size_t skip = shown.size() > 40 ? shown.size() - 40 : 0;
    for (std::size_t i = skip; i < shown.size(); ++i) {
      text += fmt::format("\n{} {}", shown[i]->id == bad.id ? '>' : ' ', describe(*shown[i]));
    }
    return text;
  }

  std::vector<Operation> operations_;
  KeyState initial_;
  CheckLimits limits_;
  std::vector<std::size_t> predecessor_;
  std::vector<std::size_t> place_;
  std::vector<When> events_;
  std::size_t furthest_ = 0;
  std::vector<std::string> states_;
};

}  // namespace

CheckResult check_linearizable(std::vector<Operation> operations, const KeyState& initial,
                               const CheckLimits& limits) {
  return Checker(std::move(operations), initial, limits).run();
}

}  // namespace ringhold::sim

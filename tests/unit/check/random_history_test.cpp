// Random executions that are correct by construction are accepted, and a single reply that has been spoilt so
// that it is provably wrong is found.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>

#include "common/base/text.h"
#include "tests/unit/check/history.h"

namespace ringhold::sim {
namespace {

// What a key really is: written without a look at the model that is tested.
struct TrueKey {
  std::optional<std::string> text;
  std::deque<std::string> list;

  Observation do_string(OpKind kind, const std::string& argument) {
    const Observation before = text ? seen_text(*text) : seen_nil();
    const bool present = text.has_value();
    switch (kind) {
      case OpKind::kSet:
        text = argument;
        return {};
      case OpKind::kGetSet:
        text = argument;
        return before;
      case OpKind::kSetNx:
        if (!present) text = argument;
        return seen_number(present ? 0 : 1);
      case OpKind::kAppend:
        text = text.value_or("") + argument;
        return seen_number(static_cast<std::int64_t>(text->size()));
      case OpKind::kDel:
        text.reset();
        return seen_number(present ? 1 : 0);
      case OpKind::kIncr: {
        const auto number = parse_int64(text.value_or("0"));
        if (!number) return {Observation::Kind::kNotANumber, "", 0, {}};
        text = std::to_string(*number + 1);
        return seen_number(*number + 1);
      }
      default:
        return before;
    }
  }

  Observation do_list(OpKind kind, const std::string& argument) {
    const auto size = [this] { return static_cast<std::int64_t>(list.size()); };
    std::string popped;
    switch (kind) {
      case OpKind::kRPush:
        list.push_back(argument);
        return seen_number(size());
      case OpKind::kLPush:
        list.push_front(argument);
        return seen_number(size());
      case OpKind::kLPop:
        if (list.empty()) return seen_nil();
        popped = list.front();
        list.pop_front();
        return seen_text(popped);
      case OpKind::kRPop:
        if (list.empty()) return seen_nil();
        popped = list.back();
        list.pop_back();
        return seen_text(popped);
      case OpKind::kDel: {
        const bool there = !list.empty();
        list.clear();
        return seen_number(there ? 1 : 0);
      }
      case OpKind::kLLen:
        return seen_number(size());
      default: {
        ItemList all;
        for (const std::string& item : list) all.push_back(item);
        return seen_items(std::move(all));
      }
    }
  }
};

struct Mix {
  std::vector<OpKind> kinds;
  bool lists = false;
  int operations_each = 30;
  std::uint64_t lost_percent = 0;
  bool pipelined = false;
};

struct Planned {
  std::int64_t effect = 0;
  bool takes_effect = true;
  Operation op;
};

// The operations of one connection: sent in order, taking effect in order, returning in order.
void plan_connection(TestRng& rng, const Mix& mix, std::uint32_t connection, std::vector<Planned>& plan) {
  std::int64_t sent = 0;
  std::int64_t effect = 0;
  std::int64_t returned = 0;
  for (int i = 0; i < mix.operations_each; ++i) {
    sent = (mix.pipelined && rng.percent(60) ? sent : std::max(sent, returned)) + rng.between(1, 8);
    effect = std::max(effect, sent) + rng.between(0, 12);
    returned = std::max(returned, effect) + rng.between(0, 12);
    Planned next;
    Operation& op = next.op;
    op.id = connection * 1000ULL + static_cast<std::uint64_t>(i);
    op.connection = connection;
    op.kind = rng.pick(mix.kinds);
    op.key = "k";
    op.argument = std::to_string(op.id) + ".";
    op.invoked = at(sent);
    op.returned = at(returned);
    op.outcome = Outcome::kDone;
    next.effect = effect;
    if (rng.percent(mix.lost_percent)) {
      op.outcome = Outcome::kUnknown;
      op.returned = MonoTime::max();
      next.takes_effect = rng.percent(60);
      next.effect = sent + rng.between(0, 200);  // long after: later ones of its connection may overtake it
    }
    plan.push_back(std::move(next));
  }
}

History random_history(std::uint64_t seed, const Mix& mix) {
  TestRng rng(seed);
  std::vector<Planned> plan;
  for (std::uint32_t connection = 0; connection < 5; ++connection)
    plan_connection(rng, mix, connection, plan);
  std::stable_sort(plan.begin(), plan.end(),
                   [](const Planned& a, const Planned& b) { return a.effect < b.effect; });
  History history;
  TrueKey key;
  for (Planned& next : plan) {
    Operation& op = next.op;
    if (next.takes_effect) {
      Observation seen = mix.lists ? key.do_list(op.kind, op.argument) : key.do_string(op.kind, op.argument);
      if (op.outcome == Outcome::kDone) op.seen = std::move(seen);
    }
    history.operations.push_back(op);
  }
  return history;
}

const std::vector<OpKind> kStringKinds = {OpKind::kGet,    OpKind::kGet, OpKind::kSet,   OpKind::kIncr,
                                          OpKind::kAppend, OpKind::kDel, OpKind::kSetNx, OpKind::kGetSet};
const std::vector<OpKind> kCounterKinds = {OpKind::kIncr, OpKind::kIncr, OpKind::kGet};
const std::vector<OpKind> kListKinds = {OpKind::kRPush, OpKind::kRPush, OpKind::kLPush, OpKind::kLPop,
                                        OpKind::kRPop,  OpKind::kLLen,  OpKind::kLRange};
const std::vector<OpKind> kListWithDel = {OpKind::kRPush, OpKind::kRPush, OpKind::kLPush,  OpKind::kLPop,
                                          OpKind::kRPop,  OpKind::kLLen,  OpKind::kLRange, OpKind::kDel};
const std::vector<OpKind> kPushesOnly = {OpKind::kRPush, OpKind::kLRange};

void all_accepted(const Mix& mix, std::uint64_t seeds, std::uint64_t undecided_max = 0) {
  std::uint64_t undecided = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const CheckResult result = random_history(seed, mix).check();
    if (result.verdict == Verdict::kUndecided) ++undecided;
    CHECK_MESSAGE(result.verdict != kBad, "seed ", seed, ": ", result.explanation);
  }
  CHECK(undecided <= undecided_max);
}

TEST_CASE("random histories of a correct key are accepted") {
  SUBCASE("registers") {
    all_accepted({kStringKinds}, 1500);
  }
  SUBCASE("counters") {
    all_accepted({kCounterKinds}, 1500);
  }
  SUBCASE("lists") {
    all_accepted({kListKinds, true}, 1500);
  }
  SUBCASE("lists that are deleted") {
    all_accepted({kListWithDel, true}, 1500);
  }
  SUBCASE("pipelined registers") {
    all_accepted({kStringKinds, false, 30, 0, true}, 1000);
  }
  SUBCASE("pipelined lists") {
    all_accepted({kListKinds, true, 30, 0, true}, 1000);
  }
  SUBCASE("lost replies, registers") {
    all_accepted({kStringKinds, false, 15, 8}, 1000, 20);
  }
  SUBCASE("lost replies, lists") {
    all_accepted({kListKinds, true, 15, 8}, 1000, 20);
  }
}

using Spoil = std::function<bool(TestRng&, std::vector<Operation>&)>;

// Spoils one reply of each of many histories; how many of those that could be spoilt were found out.
void all_found(const Mix& mix, const Spoil& spoil, int at_least) {
  int spoilt = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    History history = random_history(seed, mix);
    TestRng rng(seed);
    if (!spoil(rng, history.operations)) continue;
    ++spoilt;
    CHECK_MESSAGE(history.check({.configurations_max = 2'000'000}).verdict == kBad, "seed ", seed);
  }
  CHECK(spoilt >= at_least);
}

// A random operation for which `fits`, or null.
Operation* choose(TestRng& rng, std::vector<Operation>& all, const std::function<bool(Operation&)>& fits) {
  std::vector<Operation*> fitting;
  for (Operation& op : all) {
    if (op.outcome == Outcome::kDone && fits(op)) fitting.push_back(&op);
  }
  return fitting.empty() ? nullptr : rng.pick(fitting);
}

bool shows_text(Operation& op) {
  return op.seen.kind == Observation::Kind::kText;
}

std::vector<std::string> items_of(const Operation& op) {
  std::vector<std::string> items;
  for (ItemList rest = op.seen.items; !rest.empty(); rest.pop_front()) items.emplace_back(rest.front());
  return items;
}
ItemList list_of(const std::vector<std::string>& items) {
  ItemList list;
  for (const std::string& item : items) list.push_back(item);
  return list;
}

const Operation& push_of(const std::vector<Operation>& all, const std::string& item) {
  return *std::find_if(all.begin(), all.end(), [&](const Operation& op) { return op.argument == item; });
}

TEST_CASE("a reply spoilt so that it is provably wrong is found: registers and counters") {
  SUBCASE("a value that nobody wrote") {
    all_found(
        {kStringKinds},
        [](TestRng& rng, std::vector<Operation>& all) {
          Operation* read = choose(rng, all, shows_text);
          if (read != nullptr) read->seen.text = "never written";
          return read != nullptr;
        },
        190);
  }
  SUBCASE("a value from the future") {
    all_found(
        {{OpKind::kSet, OpKind::kGet}},
        [](TestRng& rng, std::vector<Operation>& all) {
          Operation* read = choose(rng, all, shows_text);
          Operation* write = read == nullptr ? nullptr : choose(rng, all, [&](Operation& op) {
            return op.kind == OpKind::kSet && op.invoked > read->returned;
          });
          if (write != nullptr) read->seen.text = write->argument;
          return write != nullptr;
        },
        100);
  }
  SUBCASE("a stale read: two later writes had been acknowledged, one after the other") {
    all_found(
        {{OpKind::kSet, OpKind::kGet}},
        [](TestRng& rng, std::vector<Operation>& all) {
          Operation* read = choose(rng, all, shows_text);
          if (read == nullptr) return false;
          for (const Operation& old : all) {
            const bool overwritten = std::any_of(all.begin(), all.end(), [&](const Operation& op) {
              return op.kind == OpKind::kSet && op.invoked > old.returned && op.returned < read->invoked;
            });
            if (old.kind != OpKind::kSet || !overwritten) continue;
            read->seen.text = old.argument;
            return true;
          }
          return false;
        },
        100);
  }
  SUBCASE("an increment applied twice: all later replies are one more") {
    all_found(
        {{OpKind::kIncr}},
        [](TestRng& rng, std::vector<Operation>& all) {
          const Operation* twice = choose(rng, all, [](Operation&) { return true; });
          const std::int64_t number = twice->seen.number;
          for (Operation& op : all) op.seen.number += op.seen.number > number ? 1 : 0;
          return number < static_cast<std::int64_t>(all.size());
        },
        190);
  }
  SUBCASE("a lost increment: two replies are the same") {
    all_found(
        {kCounterKinds},
        [](TestRng& rng, std::vector<Operation>& all) {
          Operation* incr =
              choose(rng, all, [](Operation& op) { return op.kind == OpKind::kIncr && op.seen.number > 1; });
          if (incr != nullptr) --incr->seen.number;
          return incr != nullptr;
        },
        190);
  }
}

TEST_CASE("a reply spoilt so that it is provably wrong is found: lists") {
  const auto long_enough = [](Operation& op) { return op.seen.items.size() >= 2; };
  SUBCASE("an element that has vanished") {
    all_found(
        {kPushesOnly, true},
        [&](TestRng& rng, std::vector<Operation>& all) {
          Operation* read = choose(rng, all, long_enough);
          if (read == nullptr) return false;
          std::vector<std::string> items = items_of(*read);
          if (push_of(all, items[0]).returned >= read->invoked) return false;
          items.erase(items.begin());
          read->seen.items = list_of(items);
          return true;
        },
        190);
  }
  SUBCASE("a push applied twice") {
    all_found(
        {kListKinds, true},
        [&](TestRng& rng, std::vector<Operation>& all) {
          Operation* read = choose(rng, all, long_enough);
          if (read == nullptr) return false;
          std::vector<std::string> items = items_of(*read);
          items.push_back(items[rng.below(items.size())]);
          read->seen.items = list_of(items);
          return true;
        },
        150);
  }
  SUBCASE("two pushes that came one after the other, swapped") {
    all_found(
        {kPushesOnly, true},
        [&](TestRng& rng, std::vector<Operation>& all) {
          Operation* read = choose(rng, all, long_enough);
          if (read == nullptr) return false;
          std::vector<std::string> items = items_of(*read);
          const std::size_t last = items.size() - 1;
          if (push_of(all, items[0]).returned >= push_of(all, items[last]).invoked) return false;
          std::swap(items[0], items[last]);
          read->seen.items = list_of(items);
          return true;
        },
        150);
  }
  SUBCASE("a value popped twice") {
    all_found(
        {kListKinds, true},
        [](TestRng& rng, std::vector<Operation>& all) {
          Operation* first = choose(rng, all, shows_text);
          Operation* second = first == nullptr ? nullptr : choose(rng, all, [&](Operation& op) {
            return shows_text(op) && &op != first;
          });
          if (second != nullptr) second->seen.text = first->seen.text;
          return second != nullptr;
        },
        190);
  }
  SUBCASE("a list read from the future") {
    all_found(
        {kListKinds, true},
        [](TestRng& rng, std::vector<Operation>& all) {
          Operation* read = choose(rng, all, [](Operation& op) { return op.kind == OpKind::kLRange; });
          Operation* push = read == nullptr ? nullptr : choose(rng, all, [&](Operation& op) {
            return op.kind == OpKind::kRPush && op.invoked > read->returned;
          });
          if (push != nullptr) read->seen.items.push_back(push->argument);
          return push != nullptr;
        },
        150);
  }
}

}  // namespace
}  // namespace ringhold::sim

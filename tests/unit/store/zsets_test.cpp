// Sorted sets, packed and large, against a plain map; and the books that must balance.
#include "dataserver/store/zsets.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

using zsets::AddOutcome;
using zsets::Zset;

constexpr UnixMs kNow = 1700000000000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class ZsetModel {
 public:
  ZsetModel(std::uint64_t seed, EncodingLimits limits, std::size_t names)
      : random_(seed), names_(names), store_({.seed = seed, .encoding = limits}) {}

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      step(i);
      if (i % 400 == 0) check_all();
    }
    check_all();
    while (!model_.empty()) {
      Zset zset = open(model_.begin()->first);
      zset.remove_ranks({0, zset.view().size()});
      model_.erase(model_.begin());
      if (random_.one_in(2)) store_.free_slice(100);
    }
    while (store_.free_slice(50)) check_bytes();
    CHECK(store_.used_bytes() == 0);
  }

 private:
  using Scores = std::map<std::string, double>;
  using Order = std::set<std::pair<double, std::string>>;

  std::string key() { return "zset:" + std::to_string(random_.below(4)); }
  std::string name() {
    const std::string number = std::to_string(random_.below(names_));
    switch (random_.below(8)) {
      case 0:
        return number + std::string(random_.below(100), 'x');
      case 1:
        return std::string("\0\xff", 2) + number;
      default:
        return number;
    }
  }
  double score() {
    switch (random_.below(10)) {
      case 0:
        return random_.one_in(2) ? kInfinity : -kInfinity;
      case 1:
        return static_cast<double>(static_cast<std::int64_t>(random_.next()));
      case 2:
        return static_cast<double>(random_.next()) / 1e15;
      case 3:
        return -0.0;
      default:
        return static_cast<double>(random_.below(20)) / 2 - 5;
    }
  }
  Zset open(const std::string& key) { return {store_, key, kNow}; }
  static Order order_of(const Scores& scores) {
    Order order;
    for (const auto& [name, score] : scores) order.emplace(score, name);
    return order;
  }

  void step(std::size_t number) {
    // Grows for a while, then shrinks.
    const bool grows = number / 3000 % 2 == 0;
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        return grows ? add() : remove();
      case 3:
        return add();
      case 4:
        return remove();
      case 5:
        return check_reads();
      case 6:
        return random_.one_in(20) ? remove_ranks() : add();
      default:
        return random_.one_in(40) ? copy_or_replace() : check_reads();
    }
  }

  void add() {
    const std::string k = key();
    const std::string n = name();
    const double s = score();
    const zsets::AddOptions options{.only_new = random_.one_in(6),
                                    .only_existing = random_.one_in(6),
                                    .only_greater = random_.one_in(6),
                                    .only_less = random_.one_in(6),
                                    .increment = random_.one_in(4)};
    Scores& scores = model_[k];
    const auto old = scores.find(n);
    auto expected = AddOutcome::kAdded;
    double after = s;
    if (old == scores.end()) {
      if (options.only_existing) expected = AddOutcome::kSkipped;
    } else {
      if (options.increment) after += old->second;
      expected = options.only_new                               ? AddOutcome::kSkipped
                 : std::isnan(after)                            ? AddOutcome::kNotANumber
                 : options.only_less && after >= old->second    ? AddOutcome::kSkipped
                 : options.only_greater && after <= old->second ? AddOutcome::kSkipped
                 : after == old->second                         ? AddOutcome::kUnchanged
                                                                : AddOutcome::kUpdated;
    }
    const auto result = open(k).add(n, s, options);
    CHECK(result.outcome == expected);
    if (expected == AddOutcome::kAdded || expected == AddOutcome::kUpdated) {
      CHECK(result.score == after);
      scores[n] = after;
    }
    if (scores.empty()) model_.erase(k);
  }
  void remove() {
    const std::string k = key();
    const std::string n = name();
    const bool there = model_.count(k) != 0 && model_[k].erase(n) != 0;
    if (model_.count(k) != 0 && model_[k].empty()) model_.erase(k);
    CHECK(open(k).remove(n) == there);
  }
  void remove_ranks() {
    const std::string k = key();
    if (model_.count(k) == 0) return;
    Scores& scores = model_[k];
    const Order order = order_of(scores);
    const std::size_t first = random_.below(order.size());
    const std::size_t count = 1 + random_.below(std::min<std::size_t>(order.size() - first, 600));
    auto at = std::next(order.begin(), static_cast<std::ptrdiff_t>(first));
    for (std::size_t i = 0; i < count; ++i) scores.erase((at++)->second);
    if (scores.empty()) model_.erase(k);
    open(k).remove_ranks({first, count});
  }
  void copy_or_replace() {
    const std::string from = key();
    const std::string to = key();
    if (model_.count(from) == 0 || from == to) return;
    const Scores scores = model_[from];
    model_[to] = scores;
    if (random_.one_in(2)) return store_.copy(store_.hash(from), store_.hash(to), kNow);
    std::vector<zsets::Member> members;
    for (const auto& [name, score] : scores) members.push_back({name, score});
    zsets::replace(store_, to, members, kNow);
  }

  void check_reads() {
    const std::string k = key();
    Zset zset = open(k);
    REQUIRE(zset.exists() == (model_.count(k) != 0));
    if (!zset.exists()) return;
    const ZsetView view = zset.view();
    const Scores& scores = model_[k];
    REQUIRE(view.size() == scores.size());
    const std::string n = name();
    const auto expected = scores.find(n);
    const auto found = view.score(n);
    REQUIRE(found.has_value() == (expected != scores.end()));
    CHECK(view.rank(n).has_value() == found.has_value());
    if (found) {
      CHECK(*found == expected->second);
      CHECK(!(*found == 0 && std::signbit(*found)));
      const Order order = order_of(scores);
      const auto rank = std::distance(order.begin(), order.find({expected->second, n}));
      CHECK(*view.rank(n) == static_cast<std::size_t>(rank));
    }
    check_range(view, scores);
  }
  void check_range(const ZsetView& view, const Scores& scores) {
    const ScoreRange range{score(), score(), random_.one_in(2), random_.one_in(2)};
    std::size_t inside = 0;
    std::size_t below = 0;
    for (const auto& [name, s] : scores) {
      const bool above_min = range.min_open ? s > range.min : s >= range.min;
      const bool below_max = range.max_open ? s < range.max : s <= range.max;
      if (above_min && below_max) ++inside;
      if (!above_min) ++below;
    }
    const RankRange ranks = view.score_range(range);
    CHECK(ranks.count == inside);
    if (inside > 0) CHECK(ranks.first == below);
  }

  void check_bytes() const { CHECK(store_.recount_bytes() == store_.used_bytes()); }
  void check_all() {
    check_bytes();
    for (const auto& [key, scores] : model_) {
      const ZsetView view = open(key).view();
      const Order expected = order_of(scores);
      Order found;
      std::vector<std::string> up;
      std::vector<std::string> down;
      view.walk(0, view.size(), Direction::kForward, [&](std::string_view name, double score) {
        found.emplace(score, name);
        up.emplace_back(name);
      });
      view.walk(view.size() - 1, view.size(), Direction::kBackward,
                [&](std::string_view name, double) { down.emplace_back(name); });
      CHECK(found == expected);
      REQUIRE(up.size() == expected.size());
      std::size_t i = 0;
      for (const auto& [score, name] : expected) CHECK(up[i++] == name);
      CHECK(std::vector<std::string>(down.rbegin(), down.rend()) == up);
    }
  }

  TestRandom random_;
  std::size_t names_;
  Store store_;
  std::map<std::string, Scores> model_;
};

TEST_CASE("sorted sets: do what a map does, and count their bytes exactly") {
  SUBCASE("default limits, mostly packed") {
    ZsetModel(1, {}, 150).run(15000);
  }
  SUBCASE("default limits, mostly large") {
    ZsetModel(2, {}, 4000).run(15000);
  }
  SUBCASE("low limits") {
    ZsetModel(3, {.zset_entries = 4, .zset_value_bytes = 8}, 12).run(15000);
  }
  SUBCASE("never packed") {
    ZsetModel(4, {.zset_entries = 0}, 300).run(15000);
  }
}

TEST_CASE("sorted sets: outgrow the packed form where Redis's do, and not before") {
  Store store({});
  const auto is_packed = [&store](std::string_view key) { return Zset(store, key, kNow).view().is_packed(); };
  for (int i = 0; i < 128; ++i) Zset(store, "many", kNow).add("m" + std::to_string(i), i);
  CHECK(is_packed("many"));
  Zset(store, "many", kNow).add("m7", 1000);
  CHECK(is_packed("many"));
  Zset(store, "many", kNow).add("one more", 0);
  CHECK_FALSE(is_packed("many"));
  Zset(store, "many", kNow).remove("one more");
  CHECK_FALSE(is_packed("many"));

  Zset(store, "long", kNow).add(std::string(64, 'x'), 0);
  CHECK(is_packed("long"));
  Zset(store, "long", kNow).add(std::string(65, 'x'), 0);
  CHECK_FALSE(is_packed("long"));

  std::vector<zsets::Member> members = {{"b", 2}, {"a", 2}, {std::string(64, 'x'), 1}};
  zsets::replace(store, "long", members, kNow);
  CHECK(is_packed("long"));
  members.push_back({std::string(65, 'x'), 1});
  zsets::replace(store, "long", members, kNow);
  CHECK_FALSE(is_packed("long"));
  members.clear();
  zsets::replace(store, "long", members, kNow);
  CHECK_FALSE(Zset(store, "long", kNow).exists());
}

TEST_CASE("sorted sets: a large one is freed in slices") {
  Store store({});
  for (int i = 0; i < 20000; ++i) Zset(store, "z", kNow).add("member:" + std::to_string(i), i);
  CHECK(store.used_bytes() == store.recount_bytes());
  const HashedKey key = store.hash("z");
  store.erase(key, store.find(key, kNow, Use::kWrite));
  int slices = 0;
  while (store.free_slice(1000)) {
    ++slices;
    CHECK(store.used_bytes() == store.recount_bytes());
  }
  CHECK(slices >= 20);
  CHECK(store.used_bytes() == 0);
}

// --- ranges by name ---

NameBound bound(std::string_view text) {
  using Kind = NameBound::Kind;
  if (text == "-") return {Kind::kLowest, {}};
  if (text == "+") return {Kind::kHighest, {}};
  return {text[0] == '[' ? Kind::kIncluded : Kind::kExcluded, text.substr(1)};
}

std::string names_in(const ZsetView& view, std::string_view min, std::string_view max) {
  const RankRange range = view.name_range({bound(min), bound(max)});
  std::string names;
  view.walk(range.first, range.count, Direction::kForward,
            [&names](std::string_view name, double) { names += name; });
  return names;
}

TEST_CASE("sorted sets: ranges by name, packed and large") {
  EncodingLimits limits;
  SUBCASE("packed") {}
  SUBCASE("large") {
    limits.zset_entries = 0;
  }
  Store store({.encoding = limits});
  Zset zset(store, "z", kNow);
  for (const char* name : {"c", "a", "d", "b"}) zset.add(name, 1);
  const ZsetView view = zset.view();
  CHECK(names_in(view, "-", "+") == "abcd");
  CHECK(names_in(view, "+", "-").empty());
  CHECK(names_in(view, "-", "-").empty());
  CHECK(names_in(view, "+", "+").empty());
  CHECK(names_in(view, "[b", "[c") == "bc");
  CHECK(names_in(view, "(b", "[c") == "c");
  CHECK(names_in(view, "[b", "(c") == "b");
  CHECK(names_in(view, "(b", "(c").empty());
  CHECK(names_in(view, "[c", "[b").empty());
  CHECK(names_in(view, "[b", "[b") == "b");
  CHECK(names_in(view, "(b", "[b").empty());
  CHECK(names_in(view, "[aa", "+") == "bcd");
  CHECK(names_in(view, "-", "[").empty());
  CHECK(names_in(view, "[", "+") == "abcd");
}

TEST_CASE("sorted sets: ranges by name among different scores do not depend on the form") {
  TestRandom random(5);
  for (int round = 0; round < 300; ++round) {
    Store packed({});
    Store large({.encoding = {.zset_entries = 0}});
    const std::size_t members = 1 + random.below(12);
    for (std::size_t i = 0; i < members; ++i) {
      const std::string name(1, static_cast<char>('a' + random.below(16)));
      const double score = static_cast<double>(random.below(3));
      Zset(packed, "z", kNow).add(name, score);
      Zset(large, "z", kNow).add(name, score);
    }
    const ZsetView a = Zset(packed, "z", kNow).view();
    const ZsetView b = Zset(large, "z", kNow).view();
    for (int i = 0; i < 10; ++i) {
      const std::string min =
          (random.one_in(2) ? "[" : "(") + std::string(1, static_cast<char>('a' + random.below(16)));
      const std::string max =
          (random.one_in(2) ? "[" : "(") + std::string(1, static_cast<char>('a' + random.below(16)));
      const auto direction = random.one_in(2) ? Direction::kForward : Direction::kBackward;
      const std::size_t skip = random.below(3);
      const RankRange x = a.name_range({bound(min), bound(max)}, direction, skip);
      const RankRange y = b.name_range({bound(min), bound(max)}, direction, skip);
      CHECK(x.count == y.count);
      if (x.count > 0) CHECK(x.first == y.first);
      CHECK(x.first + x.count <= a.size());
    }
  }
}

TEST_CASE("sorted sets: ranges by name among different scores, upwards and downwards") {
  Store store({});
  Zset zset(store, "z", kNow);
  zset.add("b", 0);
  zset.add("a", 1);
  zset.add("c", 2);
  zset.add("a2", 3);
  const auto ranks = [&zset](std::string_view min, std::string_view max, Direction direction,
                             std::size_t skip = 0) {
    const RankRange range = zset.view().name_range({bound(min), bound(max)}, direction, skip);
    return std::pair(range.first, range.count);
  };
  using Ranks = std::pair<std::size_t, std::size_t>;
  CHECK(ranks("[a", "[b", Direction::kForward) == Ranks{0, 2});
  CHECK(ranks("[a", "[b", Direction::kForward, 1) == Ranks{1, 1});
  CHECK(ranks("[a", "[b", Direction::kForward, 3) == Ranks{3, 1});  // as Redis: the skipped are not looked at
  CHECK(ranks("[a2", "[b", Direction::kBackward) == Ranks{2, 2});
  CHECK(ranks("[a2", "[c", Direction::kBackward) == Ranks{2, 2});
  CHECK(ranks("[a2", "[c", Direction::kBackward, 1) == Ranks{2, 1});
}

}  // namespace
}  // namespace ringhold

// Sets against a plain set, through random operations and all three forms: the same answers, and books that
// balance. Intersections, unions and differences against the standard library's.
#include "dataserver/store/sets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "dataserver/store/set_algebra.h"
#include "dataserver/store/strings.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;

using Texts = std::set<std::string>;
using Form = SetMembers::Form;

std::string text_of(const StringValue& value) {
  IntText scratch;
  return std::string(value.text(scratch));
}

Texts texts_of(const std::vector<StringValue>& members) {
  Texts texts;
  for (const StringValue& member : members) CHECK(texts.insert(text_of(member)).second);
  return texts;
}

Texts texts_of(const SetMembers& set) {
  std::vector<StringValue> members;
  set.for_each([&members](const StringValue& member) { members.push_back(member); });
  CHECK(members.size() == set.size());
  return texts_of(members);
}

std::size_t add(Store& store, std::string_view key, const std::vector<std::string>& members) {
  const std::vector<std::string_view> views(members.begin(), members.end());
  return sets::add(store, key, views, kNow).value();
}

Form form_of(Store& store, std::string_view key) {
  return sets::read(store, key, kNow)->form();
}

class SetModelTest {
 public:
  SetModelTest(std::uint64_t seed, const EncodingLimits& limits, std::size_t members, bool only_integers)
      : random_(seed),
        members_(members),
        only_integers_(only_integers),
        store_({.seed = seed, .encoding = limits}) {}

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      step(i * 2 < steps ? 5 : 2);
      if (i % 200 == 0) check_all();
    }
    check_all();
    store_.flush();
    while (store_.free_slice(50)) CHECK(store_.recount_bytes() == store_.used_bytes());
    CHECK(store_.used_bytes() == 0);
  }

 private:
  std::string key() { return "key:" + std::to_string(random_.below(4)); }
  // Integers of all widths, others now and then.
  std::string member() {
    const std::uint64_t number = random_.below(members_);
    if (!only_integers_ && random_.one_in(20)) return "member " + std::to_string(number);
    if (!only_integers_ && random_.one_in(100)) return std::string(64 + random_.below(2), 'x');
    return std::to_string(static_cast<std::int64_t>(number * 0x9E3779B97F4A7C15U) >> (number % 4 * 16));
  }
  std::vector<std::string> some_members() {
    std::vector<std::string> members;
    for (std::uint64_t i = 0; i <= random_.below(3); ++i) members.push_back(member());
    return members;
  }

  // Of six steps, `adds` add something.
  void step(std::uint64_t adds) {
    const std::string k = key();
    if (random_.below(6) < adds) {
      const auto members = some_members();
      std::size_t added = 0;
      for (const std::string& m : members) added += model_[k].insert(m).second ? 1 : 0;
      CHECK(add(store_, k, members) == added);
      return;
    }
    if (random_.one_in(100)) return replace(k);
    if (random_.one_in(10)) return move(k);
    const auto members = some_members();
    std::size_t removed = 0;
    for (const std::string& m : members) removed += model_[k].erase(m);
    const std::vector<std::string_view> views(members.begin(), members.end());
    CHECK(sets::remove(store_, k, views, kNow) == removed);
  }
  void move(const std::string& from) {
    const std::string to = key();
    const std::string m = member();
    const bool found = model_[from].contains(m);
    if (found && from != to) {
      model_[from].erase(m);
      model_[to].insert(m);
    }
    CHECK(sets::move(store_, from, to, m, kNow) == found);
  }
  // With the members of another set, or of the same one.
  void replace(const std::string& to) {
    const std::string from = key();
    std::vector<StringValue> members;
    sets::read(store_, from, kNow)->for_each([&](const StringValue& m) { members.push_back(m); });
    if (random_.one_in(5)) members.clear();
    const Texts texts = texts_of(members);
    sets::replace(store_, to, {.members = members, .may_be_integers = random_.one_in(2)}, kNow);
    model_[to] = texts;
  }

  void check_all() {
    CHECK(store_.recount_bytes() == store_.used_bytes());
    for (const auto& [k, members] : model_) {
      const Place place = store_.find(store_.hash(k), kNow, Use::kLook);
      REQUIRE(static_cast<bool>(place) == !members.empty());
      const auto set = sets::read(store_, k, kNow);
      CHECK(texts_of(*set) == members);
      for (const std::string& m : members) CHECK(set->contains(m));
      CHECK(!set->contains("absent"));
      CHECK(!set->contains("01"));
      if (set->form() == Form::kIntegers) CHECK(is_sorted(*set));
    }
  }
  static bool is_sorted(const SetMembers& set) {
    for (std::size_t i = 1; i < set.size(); ++i) {
      if (set.integers().at(i - 1) >= set.integers().at(i)) return false;
    }
    return true;
  }

  TestRandom random_;
  std::size_t members_;
  bool only_integers_;
  Store store_;
  std::map<std::string, Texts> model_;
};

TEST_CASE("sets: do what a set does, and count their bytes exactly") {
  SUBCASE("few integers") {
    SetModelTest(1, {}, 40, true).run(5000);
  }
  SUBCASE("integers on both sides of the border") {
    SetModelTest(2, {.set_integers = 10}, 30, true).run(8000);
  }
  SUBCASE("few members of all kinds") {
    SetModelTest(3, {}, 60, false).run(5000);
  }
  SUBCASE("all kinds, small limits") {
    SetModelTest(4, {.set_integers = 8, .set_entries = 6, .set_value_bytes = 9}, 25, false).run(8000);
  }
  SUBCASE("tables") {
    SetModelTest(5, {.set_integers = 0, .set_entries = 0}, 6000, false).run(20000);
  }
}

TEST_CASE("sets: change their form where Redis does") {
  Store store({.encoding = {.set_integers = 3, .set_entries = 4, .set_value_bytes = 8}});
  add(store, "s", {"1", "2", "70000"});
  CHECK(form_of(store, "s") == Form::kIntegers);
  CHECK(add(store, "s", {"2"}) == 0);
  SUBCASE("too many integers") {
    add(store, "s", {"3"});
    CHECK(form_of(store, "s") == Form::kTable);
  }
  SUBCASE("a string among them, then too many, too") {
    add(store, "s", {"x"});
    CHECK(form_of(store, "s") == Form::kStrings);
    CHECK(add(store, "s", {"x", "70000"}) == 0);
    const std::string_view gone[] = {"x"};
    sets::remove(store, "s", gone, kNow);
    CHECK(form_of(store, "s") == Form::kStrings);
    add(store, "s", {"x"});
    add(store, "s", {"y"});
    CHECK(form_of(store, "s") == Form::kTable);
  }
  SUBCASE("a long string, also where it is known already") {
    add(store, "s", {"123456789x"});
    CHECK(form_of(store, "s") == Form::kTable);
    add(store, "t", {"123456789x"});
    CHECK(form_of(store, "t") == Form::kTable);
  }
  SUBCASE("text that only looks like a number is a string") {
    add(store, "s", {"01"});
    CHECK(form_of(store, "s") == Form::kStrings);
    CHECK(sets::read(store, "s", kNow)->contains("1"));
  }
}

TEST_CASE("packed integers: widen and stay sorted at every edge") {
  std::vector<std::int64_t> edges;
  for (const unsigned bits : {0U, 15U, 16U, 31U, 32U, 62U}) {
    const auto power = static_cast<std::int64_t>(std::uint64_t{1} << bits);
    for (const std::int64_t near : {-1, 0, 1}) {
      edges.push_back(power + near);
      edges.push_back(-power + near);
    }
  }
  edges.push_back(std::numeric_limits<std::int64_t>::min());
  edges.push_back(std::numeric_limits<std::int64_t>::max());
  for (const std::int64_t last : edges) {
    Store store({});
    std::set<std::int64_t> model;
    for (const std::int64_t value : {std::int64_t{5}, std::int64_t{-3}, last}) {
      CHECK(add(store, "s", {std::to_string(value)}) == (model.insert(value).second ? 1U : 0U));
    }
    const PackedIntegers integers = sets::read(store, "s", kNow)->integers();
    REQUIRE(integers.count() == model.size());
    std::size_t index = 0;
    std::size_t width = 2;
    for (const std::int64_t value : model) {
      CHECK(integers.at(index++) == value);
      CHECK(integers.contains(value));
      width = std::max(width, PackedIntegers::width_of(value));
    }
    CHECK(integers.width() == width);
  }
}

TEST_CASE("set algebra: as the standard library has it, in any mixture of forms") {
  TestRandom random(9);
  for (int round = 0; round < 200; ++round) {
    Store store({.seed = random.next(), .encoding = {.set_integers = 30, .set_entries = 20}});
    std::vector<Texts> models(1 + random.below(5));
    std::vector<SetMembers> found;
    for (std::size_t i = 0; i < models.size(); ++i) {
      const std::string key = "s" + std::to_string(i);
      const bool strings = random.one_in(2);
      for (std::uint64_t n = random.below(random.one_in(3) ? 3 : 60); n > 0; --n) {
        models[i].insert((strings && n % 3 == 0 ? "m" : "") + std::to_string(random.below(50)));
      }
      add(store, key, {models[i].begin(), models[i].end()});
    }
    for (std::size_t i = 0; i < models.size(); ++i) {
      found.push_back(*sets::read(store, "s" + std::to_string(i), kNow));
    }
    Texts all;
    Texts common = models[0];
    Texts rest = models[0];
    for (std::size_t i = 0; i < models.size(); ++i) {
      const Texts& model = models[i];
      all.insert(model.begin(), model.end());
      std::erase_if(common, [&model](const std::string& text) { return !model.contains(text); });
      if (i > 0) std::erase_if(rest, [&model](const std::string& text) { return model.contains(text); });
    }
    const std::size_t no_limit = std::numeric_limits<std::size_t>::max();
    CHECK(texts_of(sets::union_of(found).members) == all);
    CHECK(texts_of(sets::intersection(found, no_limit).members) == common);
    CHECK(sets::intersection(found, 2).members.size() == std::min<std::size_t>(2, common.size()));
    CHECK(texts_of(sets::difference(found, 30).members) == rest);
  }
}

TEST_CASE("sets: refuse other types and change nothing") {
  Store store({});
  strings::set(store, "text", "x", {}, kNow);
  add(store, "s", {"a"});
  const std::string_view one[] = {"a"};
  CHECK(!sets::read(store, "text", kNow));
  CHECK(!sets::add(store, "text", one, kNow));
  CHECK(!sets::remove(store, "text", one, kNow));
  CHECK(!sets::move(store, "text", "s", "a", kNow));
  CHECK(!sets::move(store, "s", "text", "a", kNow));
  CHECK(sets::move(store, "none", "text", "a", kNow) == false);
  CHECK(texts_of(*sets::read(store, "s", kNow)) == Texts{"a"});
}

TEST_CASE("sets: a set in another's place takes its deadline only if it is told to") {
  Store store({});
  const StringValue members[] = {StringValue::number(1), StringValue::raw("x")};
  for (const bool keeps : {false, true}) {
    add(store, "s", {"a"});
    const HashedKey key = store.hash("s");
    Place place = store.find(key, kNow, Use::kWrite);
    store.set_deadline(key, place, kNow + 1000);
    sets::replace(store, "s", {.members = members, .keeps_deadline = keeps}, kNow);
    CHECK(store.find(key, kNow, Use::kLook).entry->deadline() == (keeps ? kNow + 1000 : kNoDeadline));
    CHECK(store.recount_bytes() == store.used_bytes());
    sets::replace(store, "s", {}, kNow);
    CHECK(store.used_bytes() == 0);
    CHECK(store.deadlines() == 0);
  }
}

}  // namespace
}  // namespace ringhold

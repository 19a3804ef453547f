// Random picks: uniform, a function of members and seed alone, and different where they have to be.
#include "dataserver/store/random_pick.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "dataserver/store/member_scan.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

constexpr std::uint64_t kSeed = 77;

std::string name_of(const Element* element) {
  return std::string(element->name());
}
std::string name_of(const HashedItems::Item* item) {
  IntText scratch;
  return std::string(item->name.text(scratch));
}

// The same members as a table and as hashed items.
class PickTest {
 public:
  explicit PickTest(std::size_t size) : table_(kSeed), items_(kSeed) {
    for (std::size_t i = 0; i < size; ++i) {
      names_.push_back(i % 2 == 0 ? std::to_string(i) : "m" + std::to_string(i));
      table_.insert(heap_, names_.back(), 0);
    }
    for (std::size_t i = 0; i < size; ++i) items_.add(StringValue::encode(names_[i]), i);
    items_.arrange();
  }
  ~PickTest() {
    std::size_t steps = std::numeric_limits<std::size_t>::max();
    table_.free_some(heap_, steps);
    CHECK(heap_.used_bytes() == 0);
  }
  PickTest(const PickTest&) = delete;
  PickTest& operator=(const PickTest&) = delete;

  const MemberTable& table() const { return table_; }
  TableItems source() const { return TableItems(table_); }
  const HashedItems& items() const { return items_; }

 private:
  CountedHeap heap_;
  MemberTable table_;
  std::vector<std::string> names_;
  HashedItems items_;
};

template <typename Source>
std::vector<std::string> distinct(const Source& source, std::size_t count, std::uint64_t seed) {
  RandomSequence random(seed);
  std::vector<std::string> names;
  pick_distinct(source, count, random, [&names](const auto* item) { names.push_back(name_of(item)); });
  return names;
}

TEST_CASE("random picks: the same from a table and from packed members") {
  for (const std::size_t size : {1U, 2U, 3U, 10U, 64U, 65U, 500U}) {
    const PickTest test(size);
    RandomSequence from_table(size);
    RandomSequence from_items(size);
    for (int i = 0; i < 100; ++i) {
      CHECK(name_of(pick_one(test.source(), from_table)) == name_of(pick_one(test.items(), from_items)));
    }
    for (const std::size_t count : {std::size_t{1}, size / 4, size / 2, size - 1, size, size + 5}) {
      const auto names = distinct(test.source(), count, size);
      CHECK(names == distinct(test.items(), count, size));
      CHECK(names.size() == std::min(count, size));
      CHECK(std::set(names.begin(), names.end()).size() == names.size());
    }
  }
}

// Each of n members should be met draws/n times; the sum of squared deviations over that is chi-squared with
// n - 1 degrees of freedom: mean n - 1, deviation sqrt(2(n - 1)). Six deviations never happen by chance, and
// the seed is fixed.
template <typename Draw>
void check_uniform(std::size_t size, std::size_t draws, double picked_each, Draw&& draw) {
  std::map<std::string, double> met;
  for (std::size_t i = 0; i < draws; ++i) {
    for (const std::string& name : draw(i)) met[name] += 1;
  }
  REQUIRE(met.size() == size);
  const double expected = static_cast<double>(draws) * picked_each / static_cast<double>(size);
  double chi_squared = 0;
  for (const auto& [name, count] : met) chi_squared += (count - expected) * (count - expected) / expected;
  const double freedom = static_cast<double>(size - 1);
  CHECK(chi_squared < freedom + 6 * std::sqrt(2 * freedom));
}

TEST_CASE("random picks: every member is as likely as any other") {
  for (const std::size_t size : {2U, 3U, 7U, 40U, 129U, 5000U}) {
    const PickTest test(size);
    RandomSequence random(5);
    check_uniform(size, 60 * size, 1,
                  [&](std::size_t) { return std::vector{name_of(pick_one(test.source(), random))}; });
  }
  const PickTest test(40);
  // Both ways of picking several.
  check_uniform(40, 2000, 5, [&](std::size_t seed) { return distinct(test.items(), 5, seed); });
  check_uniform(40, 2000, 20, [&](std::size_t seed) { return distinct(test.items(), 20, seed); });
}

TEST_CASE("hashed items: in the order of a table") {
  const PickTest test(700);
  std::vector<std::string> from_table;
  std::vector<std::string> from_items;
  test.source().for_each([&](const Element* element) { from_table.push_back(name_of(element)); });
  test.items().for_each([&](const HashedItems::Item* item) { from_items.push_back(name_of(item)); });
  CHECK(from_table == from_items);
  TestRandom random(1);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t hash = random.next();
    const auto* item = test.items().first_from(hash);
    const auto* element = test.source().first_from(hash);
    REQUIRE((item == nullptr) == (element == nullptr));
    if (item != nullptr) CHECK(name_of(item) == name_of(element));
  }
}

TEST_CASE("member scan: meets every member once, COUNT at a time, with cursors that JavaScript can hold") {
  const PickTest test(3000);
  for (const std::size_t count : {1U, 10U, 999U, 5000U}) {
    std::set<std::string> met;
    std::uint64_t cursor = 0;
    std::size_t calls = 0;
    do {
      std::size_t visited = 0;
      cursor = scan_members(test.table(), cursor, count, [&](const Element& element) {
        CHECK(met.insert(std::string(element.name())).second);
        ++visited;
      });
      CHECK(cursor < (std::uint64_t{1} << 53U));
      CHECK(visited <= count);
      ++calls;
    } while (cursor != 0);
    CHECK(met.size() == 3000);
    CHECK(calls == (3000 + count - 1) / count);
  }
  CHECK(scan_members(test.table(), ~std::uint64_t{0}, 10, [](const Element&) { CHECK(false); }) == 0);
}

TEST_CASE("member scan: what stays through growth is met, by the same cursor") {
  CountedHeap heap;
  MemberTable table(kSeed);
  for (int i = 0; i < 500; ++i) table.insert(heap, "old:" + std::to_string(i), 0);
  std::set<std::string> met;
  std::uint64_t cursor = 0;
  int next = 0;
  do {
    cursor = scan_members(table, cursor, 10,
                          [&](const Element& element) { met.insert(std::string(element.name())); });
    for (int i = 0; i < 300 && next < 9000; ++i) table.insert(heap, "new:" + std::to_string(next++), 0);
  } while (cursor != 0);
  for (int i = 0; i < 500; ++i) CHECK(met.contains("old:" + std::to_string(i)));
  std::size_t steps = std::numeric_limits<std::size_t>::max();
  table.free_some(heap, steps);
}

}  // namespace
}  // namespace ringhold

#include "dataserver/store/entry_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

// A table with entries of chosen hashes.
class TableTest {
 public:
  ~TableTest() {
    while (!table_.empty()) erase_bucket(table_.first());
    CHECK(heap_.used_bytes() == 0);
  }
  void insert(std::uint64_t order, const std::string& key) {
    Entry* entry = Entry::create_string(heap_, {.key = key, .order = {order}}, StringValue::raw("v"));
    table_.insert(heap_, {order}, entry);
  }
  bool erase(std::uint64_t order, const std::string& key) {
    auto* bucket = table_.find({order}, key);
    if (bucket == nullptr) return false;
    erase_bucket(bucket);
    return true;
  }
  bool contains(std::uint64_t order, const std::string& key) const {
    const auto* bucket = table_.find({order}, key);
    return bucket != nullptr && EntryTable::entry_of(*bucket)->key() == key;
  }
  using Item = std::pair<std::uint64_t, std::string>;
  std::vector<Item> items() const {
    std::vector<Item> items;
    for (auto* bucket = table_.first(); bucket != nullptr; bucket = table_.next(bucket)) {
      items.emplace_back(EntryTable::order_of(*bucket).value, EntryTable::entry_of(*bucket)->key());
    }
    return items;
  }
  const EntryTable& table() const { return table_; }

 private:
  void erase_bucket(EntryTable::Bucket* bucket) {
    Entry* entry = EntryTable::entry_of(*bucket);
    table_.erase(heap_, bucket);
    Entry::destroy(heap_, entry);
  }
  CountedHeap heap_;
  EntryTable table_;
};

constexpr std::uint64_t kOrders = std::uint64_t{1} << HashOrder::kBits;

// Random inserts and erases of hashes from the last `range` ones, against a set.
void check_against_set(std::uint64_t range) {
  TestRandom random(range);
  TableTest test;
  std::set<TableTest::Item> model;
  for (int i = 0; i < 6000; ++i) {
    const std::uint64_t order = kOrders - 1 - random.below(range);
    const std::string key = std::to_string(random.below(3));
    // Grows for a while, then shrinks.
    if (random.below(6000) > static_cast<std::uint64_t>(i)) {
      if (model.emplace(order, key).second) test.insert(order, key);
    } else if (!model.empty()) {
      const auto victim = std::next(model.begin(), static_cast<std::ptrdiff_t>(random.below(model.size())));
      CHECK(test.erase(victim->first, victim->second));
      model.erase(victim);
    }
    CHECK(test.contains(order, key) == model.contains({order, key}));
    if (i % 100 == 0) CHECK(test.items() == std::vector(model.begin(), model.end()));
  }
  CHECK(test.items() == std::vector(model.begin(), model.end()));
}

TEST_CASE("entry table: in hash order after any inserts and erases") {
  SUBCASE("hashes from everywhere") {
    check_against_set(kOrders);
  }
  SUBCASE("all in the last hundredth: one long run that ends at the table's end") {
    check_against_set(kOrders / 100);
  }
  SUBCASE("equal tags") {
    check_against_set(1U << 20U);
  }
  SUBCASE("equal hashes") {
    check_against_set(5);
  }
}

TEST_CASE("entry table: first_from finds the first at or after a hash") {
  TableTest test;
  TestRandom random(1);
  std::set<std::uint64_t> orders;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t order = random.below(kOrders);
    if (orders.insert(order).second) test.insert(order, "key");
  }
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t from = random.below(kOrders);
    const auto expected = orders.lower_bound(from);
    const auto* bucket = test.table().first_from({from});
    REQUIRE((bucket != nullptr) == (expected != orders.end()));
    if (bucket != nullptr) CHECK(EntryTable::order_of(*bucket).value == *expected);
  }
}

TEST_CASE("entry table: small when it holds little, and never much emptier than half") {
  CHECK(EntryTable().bytes() == 0);
  TableTest test;
  TestRandom random(1);
  test.insert(random.below(kOrders), "key");
  CHECK(test.table().bytes() == 16);
  std::vector<std::uint64_t> orders;
  for (int i = 1; i < 5000; ++i) {
    orders.push_back(random.below(kOrders));
    test.insert(orders.back(), "k" + std::to_string(i));
    const std::size_t share = test.table().bytes() / test.table().count();
    CHECK(share <= (i < 16 ? 16 : 15));
  }
  for (int i = 1; i < 5000; ++i) {
    CHECK(test.erase(orders[static_cast<std::size_t>(i - 1)], "k" + std::to_string(i)));
    CHECK(test.table().bytes() <= 64 + test.table().count() * std::size_t{3 * 8 + 8});
  }
}

}  // namespace
}  // namespace ringhold

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;

void set(Store& store, const std::string& key) {
  strings::set(store, key, "v", {}, kNow);
}

void erase(Store& store, const std::string& key) {
  const HashedKey hashed = store.hash(key);
  if (const Place place = store.find(hashed, kNow, Use::kWrite)) store.erase(hashed, place);
}

std::vector<std::string> scan_all(const Store& store, std::size_t count) {
  std::vector<std::string> keys;
  std::uint64_t cursor = 0;
  do {
    const auto next = store.scan(ScanPosition::from_cursor(cursor), count,
                                 [&keys](const Entry& entry) { keys.emplace_back(entry.key()); });
    cursor = next.cursor();
  } while (cursor != 0);
  return keys;
}

TEST_CASE("scan: every key once, in the same order, whatever the count and the history") {
  Store store({.seed = 7});
  for (int i = 0; i < 2000; ++i) set(store, "key:" + std::to_string(i));
  const auto all = scan_all(store, std::numeric_limits<std::size_t>::max());
  CHECK(all.size() == 2000);
  CHECK(std::set(all.begin(), all.end()).size() == 2000);
  for (const std::size_t count : {1U, 7U, 100U, 5000U}) CHECK(scan_all(store, count) == all);

  Store other({.seed = 7});
  for (int i = 3000; i-- > 0;) set(other, "key:" + std::to_string(i));
  for (int i = 2000; i < 3000; ++i) erase(other, "key:" + std::to_string(i));
  CHECK(scan_all(other, 10) == all);
}

TEST_CASE("scan: cursors stay below 2^53 and ascend") {
  Store store({});
  for (int i = 0; i < 1000; ++i) set(store, "key:" + std::to_string(i));
  std::uint64_t last = 0;
  for (;;) {
    const auto next = store.scan(ScanPosition::from_cursor(last), 1, [](const Entry&) {}).cursor();
    if (next == 0) break;
    CHECK(next > last);
    CHECK(next < std::uint64_t{1} << 53U);
    last = next;
  }
}

TEST_CASE("scan: any number is a cursor") {
  Store store({});
  set(store, "key");
  for (const std::uint64_t cursor :
       {~std::uint64_t{0}, std::uint64_t{1} << 53U, (std::uint64_t{1} << 53U) - 1}) {
    CHECK(store.scan(ScanPosition::from_cursor(cursor), 10, [](const Entry&) {}).cursor() == 0);
  }
}

// Redis's guarantee: what is there from the first to the last call is returned at least once.
void check_guarantee(const std::string& prefix, std::uint64_t seed) {
  Store store({.seed = seed});
  TestRandom random(seed);
  std::set<std::string> staying;
  for (int i = 0; i < 500; ++i) {
    staying.insert(prefix + "stay" + std::to_string(i));
    set(store, prefix + "stay" + std::to_string(i));
  }
  std::set<std::string> seen;
  std::uint64_t cursor = 0;
  do {
    const auto next = store.scan(ScanPosition::from_cursor(cursor), 5,
                                 [&seen](const Entry& entry) { seen.emplace(entry.key()); });
    cursor = next.cursor();
    // Growth and shrinking, by far more keys than stay.
    const bool grow = seen.size() % 200 < 100;
    for (int i = 0; i < 50; ++i) {
      const std::string key = prefix + "other" + std::to_string(random.below(5000));
      grow ? set(store, key) : erase(store, key);
    }
  } while (cursor != 0);
  for (const std::string& key : staying) {
    CAPTURE(key);
    CHECK(seen.contains(key));
  }
}

TEST_CASE("scan: no key that stays is missed while others come and go") {
  SUBCASE("many slots") {
    check_guarantee("", 1);
  }
  SUBCASE("one slot") {
    check_guarantee("{t}", 2);
  }
}

TEST_CASE("random key: from what is there, by the seed alone") {
  Store store({});
  CHECK(store.random_entry(1, kNow) == nullptr);
  for (int i = 0; i < 10; ++i) set(store, "key:" + std::to_string(i));
  std::set<std::string> picked;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Entry* entry = store.random_entry(seed, kNow);
    REQUIRE(entry != nullptr);
    CHECK(store.random_entry(seed, kNow) == entry);
    picked.emplace(entry->key());
  }
  CHECK(picked.size() == 10);
}

TEST_CASE("random key: never one that is due, even if nearly all are") {
  Store store({});
  for (int i = 0; i < 2000; ++i) {
    strings::set(store, "due:" + std::to_string(i), "v", {.deadline = kNow + 1}, kNow);
  }
  set(store, "alive");
  const Entry* entry = store.random_entry(5, kNow + 1);
  REQUIRE(entry != nullptr);
  CHECK(entry->key() == "alive");
  erase(store, "alive");
  CHECK(store.random_entry(5, kNow + 1) == nullptr);
}

TEST_CASE("keys of a slot") {
  Store store({});
  for (int i = 0; i < 20; ++i) set(store, "{t}" + std::to_string(i));
  set(store, "elsewhere");
  const Slot slot = store.hash("{t}").slot;
  CHECK(store.slot_size(slot) == 20);
  CHECK(store.keys_in_slot(slot, 5).size() == 5);
  const auto keys = store.keys_in_slot(slot, 100);
  CHECK(std::set(keys.begin(), keys.end()).size() == 20);
  store.drop_slot(slot);
  CHECK(store.slot_size(slot) == 0);
  CHECK(store.slot_bytes(slot) == 0);
  CHECK(store.size() == 1);
}

}  // namespace
}  // namespace ringhold

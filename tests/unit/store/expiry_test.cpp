#include <doctest/doctest.h>

#include <string>

#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"

namespace ringhold {
namespace {

constexpr UnixMs kStart = 1700000000000;

void set(Store& store, const std::string& key, UnixMs deadline) {
  CHECK(strings::set(store, key, "v", {.deadline = deadline}, kStart) == strings::Status::kOk);
}

bool exists(Store& store, const std::string& key, UnixMs now) {
  return static_cast<bool>(store.find(store.hash(key), now, Use::kLook));
}

TEST_CASE("expiry: a key is absent from its deadline on") {
  Store store({});
  set(store, "key", kStart + 100);
  CHECK(exists(store, "key", kStart + 99));
  CHECK_FALSE(exists(store, "key", kStart + 100));
  // It was removed when it was met: it does not come back with an earlier time.
  CHECK_FALSE(exists(store, "key", kStart + 99));
  CHECK(store.size() == 0);
  CHECK(store.deadlines() == 0);
  CHECK(store.stats().expired == 1);
}

TEST_CASE("expiry: slices find all due keys and no other, within their budget") {
  constexpr int kKeys = 3000;
  Store store({});
  for (int i = 0; i < kKeys; ++i) {
    const std::string number = std::to_string(i);
    set(store, "due:" + number, kStart + i % 50);
    set(store, "later:" + number, kStart + 1000);
    set(store, "never:" + number, kNoDeadline);
  }
  // Before the first deadline there is nothing to look at.
  CHECK(store.expire_slice(kStart - 1, 1000).examined == 0);

  std::size_t expired = 0;
  std::size_t slices = 0;
  for (bool more = true; more; ++slices) {
    const ExpirySlice slice = store.expire_slice(kStart + 50, 100);
    CHECK(slice.examined <= 100);
    expired += slice.expired;
    more = slice.more;
    REQUIRE(slices < 1000);
  }
  CHECK(expired == kKeys);
  CHECK(store.size() == 2 * kKeys);
  CHECK(store.stats().expired == kKeys);
  // Every bound is exact now, so a second round costs nothing until the next deadline.
  CHECK(store.expire_slice(kStart + 999, 100000).examined == 0);
  CHECK(store.expire_slice(kStart + 1000, 100000).expired == kKeys);
}

TEST_CASE("expiry: a budget of nothing does nothing, and says that there is more") {
  Store store({});
  set(store, "key", kStart);
  const ExpirySlice slice = store.expire_slice(kStart, 0);
  CHECK(slice.examined == 0);
  CHECK(slice.more);
  CHECK(store.size() == 1);
}

TEST_CASE("expiry: keys and deadlines that change in the middle of a sweep") {
  // All in one slot, swept one key at a time.
  Store store({});
  for (int i = 0; i < 200; ++i) set(store, "{t}" + std::to_string(i), kStart + i);
  for (int i = 0; i < 50; ++i) store.expire_slice(kStart + 150, 1);
  for (int i = 200; i < 260; ++i) set(store, "{t}" + std::to_string(i), kStart + 10);
  for (int i = 160; i < 180; ++i) {
    const std::string text = "{t}" + std::to_string(i);
    const HashedKey key = store.hash(text);
    Place place = store.find(key, kStart, Use::kWrite);
    REQUIRE(place);
    store.set_deadline(key, place, kStart + 20);
  }
  while (store.expire_slice(kStart + 150, 1).more) {
  }
  CHECK(store.size() == 29);  // 151..159 and 180..199
  SUBCASE("the slot is dropped") {
    store.drop_slot(store.hash("{t}").slot);
    CHECK(store.deadlines() == 0);
    CHECK_FALSE(store.expire_slice(kStart + 5000, 10).more);
  }
  SUBCASE("the rest becomes due") {
    CHECK(store.expire_slice(kStart + 200, 1000).expired == 29);
    CHECK(store.size() == 0);
  }
}

TEST_CASE("expiry: no slot is starved by one that always has due keys") {
  Store store({});
  constexpr int kVictims = 50;  // in slots below and above the busy one
  for (int i = 0; i < kVictims; ++i) set(store, "victim:" + std::to_string(i), kStart);
  for (int i = 0; i < 1000; ++i) {
    set(store, "{busy}" + std::to_string(i), kStart);
    store.expire_slice(kStart + 1, 1);
  }
  int left = 0;
  store.scan({}, 1000, [&left](const Entry& entry) { left += entry.key().starts_with("victim") ? 1 : 0; });
  CHECK(left == 0);
}

TEST_CASE("expiry: the average of what is left") {
  Store store({});
  CHECK(store.average_ttl_ms(kStart) == 0);
  set(store, "a", kStart + 100);
  set(store, "b", kStart + 300);
  set(store, "c", kNoDeadline);
  CHECK(store.average_ttl_ms(kStart) == 200);
  CHECK(store.average_ttl_ms(kStart + 1000) == 0);
  set(store, "far", std::numeric_limits<UnixMs>::max());
  CHECK(store.average_ttl_ms(kStart) > 0);
  set(store, "far", kNoDeadline);
  CHECK(store.average_ttl_ms(kStart) == 200);
}

}  // namespace
}  // namespace ringhold

// Where strings change their shape; what commands answer is in tests/golden.
#include "dataserver/store/strings.h"

#include <doctest/doctest.h>

#include <string>

#include "dataserver/store/lcs.h"
#include "dataserver/store/long_double.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;

const Entry& entry_of(Store& store, const std::string& key) {
  const Place place = store.find(store.hash(key), kNow, Use::kLook);
  REQUIRE(place);
  return *place.entry;
}

std::string value_of(Store& store, const std::string& key) {
  IntText scratch;
  return std::string(entry_of(store, key).text(scratch));
}

TEST_CASE("strings: integers, short and long values each have their payload") {
  Store store({});
  strings::set(store, "key", "-42", {}, kNow);
  CHECK(entry_of(store, "key").payload() == Payload::kInt);
  strings::set(store, "key", std::string(limits::kInlineValueBytesMax, 'x'), {}, kNow);
  CHECK(entry_of(store, "key").payload() == Payload::kInline);
  strings::set(store, "key", std::string(limits::kInlineValueBytesMax + 1, 'x'), {}, kNow);
  CHECK(entry_of(store, "key").payload() == Payload::kHeap);
  CHECK(value_of(store, "key") == std::string(limits::kInlineValueBytesMax + 1, 'x'));
  strings::set(store, "key", "7", {}, kNow);
  CHECK(entry_of(store, "key").payload() == Payload::kInt);
  CHECK(store.recount_bytes() == store.used_bytes());
}

TEST_CASE("strings: every change of shape keeps value and deadline") {
  const std::string values[] = {
      "", "12", "abc", std::string(900, 'i'), std::string(1024, 'j'), std::string(5000, 'h')};
  for (const std::string& value : values) {
    for (const std::size_t more : {0U, 1U, 20U, 200U, 3000U}) {
      CAPTURE(value.size());
      CAPTURE(more);
      Store store({});
      strings::set(store, "key", value, {.deadline = kNow + 5}, kNow);
      strings::append(store, "key", std::string(more, '+'), kNow);
      CHECK(value_of(store, "key") == value + std::string(more, '+'));
      CHECK(entry_of(store, "key").deadline() == kNow + 5);
      const std::string text = "key";
      const HashedKey key = store.hash(text);
      Place place = store.find(key, kNow, Use::kWrite);
      store.set_deadline(key, place, kNoDeadline);
      CHECK(value_of(store, "key") == value + std::string(more, '+'));
      place = store.find(key, kNow, Use::kWrite);
      store.set_deadline(key, place, kNow + 9);
      store.rename(key, store.hash("a name that is a good deal longer"), kNow);
      CHECK(value_of(store, "a name that is a good deal longer") == value + std::string(more, '+'));
      CHECK(entry_of(store, "a name that is a good deal longer").deadline() == kNow + 9);
      CHECK(store.recount_bytes() == store.used_bytes());
    }
  }
}

TEST_CASE("strings: limits are met before anything is changed or allocated") {
  Store store({.value_bytes_max = 100});
  const std::string fits(100, 'x');
  CHECK(strings::set(store, "key", fits + "x", {}, kNow) == strings::Status::kTooLong);
  CHECK(strings::append(store, "key", fits + "x", kNow).status == strings::Status::kTooLong);
  CHECK(strings::set_range(store, "key", 100, "x", kNow).status == strings::Status::kTooLong);
  CHECK(strings::set_range(store, "key", std::numeric_limits<std::int64_t>::max(), "x", kNow).status ==
        strings::Status::kTooLong);
  CHECK(store.used_bytes() == 0);
  CHECK(strings::set_range(store, "key", 99, "x", kNow).length == 100);
  CHECK(strings::append(store, "key", "x", kNow).status == strings::Status::kTooLong);
  CHECK(value_of(store, "key") == std::string(99, '\0') + "x");
}

TEST_CASE("strings: hits and misses are counted by reads alone") {
  Store store({});
  strings::set(store, "key", "v", {}, kNow);
  IntText scratch;
  strings::get(store, "key", kNow, scratch);
  strings::get(store, "missing", kNow, scratch);
  strings::append(store, "key", "w", kNow);
  strings::increment(store, "n", 1, kNow);
  CHECK(store.stats().hits == 1);
  CHECK(store.stats().misses == 1);
}

TEST_CASE("long doubles: as Redis writes them") {
  char buffer[5 * 1024];
  CHECK(format_long_double(3.0L, buffer) == "3");
  CHECK(format_long_double(-0.0L, buffer) == "0");
  CHECK(format_long_double(0.1L, buffer) == "0.1");
  CHECK(format_long_double(1e18L, buffer) == "1000000000000000000");
  CHECK(format_long_double(1e4932L, buffer).size() == 4933);
  CHECK(parse_long_double("1e2") == 100.0L);
  for (const char* bad : {"", " 1", "1 ", "nan", "1e9999", "abc", "1x"}) CHECK_FALSE(parse_long_double(bad));
}

TEST_CASE("longest common subsequence") {
  const Lcs lcs = longest_common_subsequence("ohmytext", "mynewtext");
  CHECK(lcs.text == "mytext");
  CHECK(lcs.length == 6);
  REQUIRE(lcs.matches.size() == 2);
  CHECK(lcs.matches[0].a.first == 4);
  CHECK(lcs.matches[0].b.last == 8);
  CHECK(lcs.matches[1].length() == 2);
  CHECK(longest_common_subsequence("", "abc").text.empty());
  CHECK(lcs_table_bytes(limits::kStringBytesMax, limits::kStringBytesMax) > limits::kLcsTableBytesMax);
}

}  // namespace
}  // namespace ringhold

// The packed form of items: what goes in comes out, both ways, in the fewest bytes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "dataserver/store/packed.h"
#include "dataserver/store/store.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

using Values = std::vector<std::string>;

std::string pack_all(const Values& values) {
  std::string bytes;
  for (const std::string& value : values) {
    const StringValue item = StringValue::encode(value);
    const std::size_t at = bytes.size();
    bytes.resize(at + packed_size(item));
    CHECK(pack(bytes.data() + at, item) == bytes.data() + bytes.size());
  }
  return bytes;
}

std::string text_of(const StringValue& item) {
  IntText scratch;
  return std::string(item.text(scratch));
}

Values forwards(const PackedItems& items) {
  Values values;
  for (std::size_t at = 0; at < items.size(); at = items.next(at)) values.push_back(text_of(items.at(at)));
  return values;
}

Values backwards(const PackedItems& items) {
  Values values;
  for (std::size_t at = items.size(); at > 0;) {
    at = items.previous(at);
    values.insert(values.begin(), text_of(items.at(at)));
  }
  return values;
}

// Values on both sides of every change of form.
Values edge_values() {
  Values values;
  for (const std::size_t size : {0U, 1U, 62U, 63U, 64U, 65U, 124U, 125U, 126U, 127U, 128U, 4094U, 4095U,
                                 4096U, 16380U, 16384U, 70000U}) {
    values.emplace_back(size, 'x');
  }
  for (unsigned bits = 1; bits < 64; ++bits) {
    const auto power = static_cast<std::int64_t>(std::uint64_t{1} << bits);
    for (const std::int64_t near : {-1, 0, 1}) {
      const auto value =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(power) + static_cast<std::uint64_t>(near));
      values.push_back(std::to_string(value));
      if (value != std::numeric_limits<std::int64_t>::min()) values.push_back(std::to_string(-value));
    }
  }
  values.emplace_back("00");
  values.emplace_back("-0");
  values.emplace_back(std::string("a\0b", 3));
  return values;
}

}  // namespace

TEST_CASE("packed: every value comes back, alone and in a row, forwards and backwards") {
  const Values values = edge_values();
  for (const std::string& value : values) {
    const std::string bytes = pack_all({value});
    CHECK(forwards(PackedItems(bytes)) == Values{value});
    CHECK(backwards(PackedItems(bytes)) == Values{value});
    CHECK(PackedItems(bytes).equals(0, StringValue::encode(value)));
    CHECK_FALSE(PackedItems(bytes).equals(0, StringValue::encode(value + "1")));
  }
  const std::string bytes = pack_all(values);
  CHECK(forwards(PackedItems(bytes)) == values);
  CHECK(backwards(PackedItems(bytes)) == values);
}

TEST_CASE("packed: small integers and short strings take few bytes") {
  CHECK(pack_all({"0"}).size() == 2);
  CHECK(pack_all({"127"}).size() == 2);
  CHECK(pack_all({"128"}).size() == 3);
  CHECK(pack_all({"-1"}).size() == 3);
  CHECK(pack_all({"4095"}).size() == 3);
  CHECK(pack_all({"4096"}).size() == 4);
  CHECK(pack_all({"9223372036854775807"}).size() == 10);
  CHECK(pack_all({std::string(63, 'x')}).size() == 65);
  CHECK(pack_all({std::string(64, 'x')}).size() == 67);
}

TEST_CASE("packed: items by their number") {
  const std::string bytes = pack_all({"a", "1", "c"});
  const PackedItems items(bytes);
  CHECK(text_of(items.at(items.nth(1))) == "1");
  CHECK(text_of(items.at(items.nth_last(0))) == "c");
  CHECK(text_of(items.at(items.nth_last(2))) == "a");
  CHECK(items.nth(3) == items.size());
  CHECK(items.nth(99) == items.size());
}

TEST_CASE("packed: splicing an entry's payload is splicing a string") {
  TestRandom random(7);
  Store store({});
  const std::string text = "key";
  const HashedKey key = store.hash(text);
  Place place;
  char* payload = store.create_packed(key, place, ValueType::kList, 0, 1);
  std::string model;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t at = random.below(model.size() + 1);
    const std::size_t removed = random.below(std::min<std::size_t>(model.size() - at, 200) + 1);
    const std::string added = random.text(random.below(model.size() > 3000 ? 50 : 200));
    payload = store.splice_packed(key, place, {.at = at, .removed = removed, .added = added.size()});
    if (!added.empty()) std::memcpy(payload + at, added.data(), added.size());
    model.replace(at, removed, added);
    REQUIRE(place.entry->packed() == model);
    if (i % 100 == 0) store.set_deadline(key, place, i % 200 == 0 ? 1000 : kNoDeadline);
    REQUIRE(store.used_bytes() == store.recount_bytes());
    REQUIRE(store.slot_bytes(key.slot) == store.used_bytes());
    REQUIRE(store.find(key, 1, Use::kRead).entry == place.entry);
  }
}

}  // namespace ringhold

// Whoever reads a large value slowly sees it as it was when he began, whatever becomes of it meanwhile.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <list>
#include <string>
#include <vector>

#include "dataserver/backup/item_reader.h"
#include "dataserver/store/hashes.h"
#include "dataserver/store/lists.h"
#include "dataserver/store/sets.h"
#include "dataserver/store/strings.h"
#include "dataserver/store/zsets.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;
constexpr std::string_view kKey = "key";

// The items of a value as one text, in the order of members where they have none of their own.
std::string joined(ValueType type, std::vector<std::string> items) {
  const bool pairs = type == ValueType::kHash || type == ValueType::kZset;
  if (pairs) {
    for (std::size_t i = 0; i < items.size(); i += 2) items[i / 2] = items[i] + "=" + items[i + 1];
    items.resize(items.size() / 2);
  }
  if (pairs || type == ValueType::kSet) std::ranges::sort(items);
  std::string text;
  for (const std::string& item : items) text += type == ValueType::kString ? item : item + "\n";
  return text;
}

std::string contents(const Entry& entry) {
  std::vector<std::string> items;
  visit_items(entry, [&items](std::string_view item) { items.emplace_back(item); });
  return joined(entry.type(), std::move(items));
}

class Reading {
 public:
  Reading(const Entry& entry, std::size_t& held)
      : type_(entry.type()), expected_(contents(entry)), reader_(entry, held) {}
  // False once all is read, and found to be right.
  bool step(std::size_t bytes) {
    if (reader_.read(bytes, [this](std::string_view item) { items_.emplace_back(item); })) return true;
    CHECK(joined(type_, items_) == expected_);
    return false;
  }

 private:
  ValueType type_;
  std::string expected_;
  ItemReader reader_;
  std::vector<std::string> items_;
};

// A value of one type that changes at random while several readers are at work; small limits make it large
// soon.
class SlowReaderTest {
 public:
  SlowReaderTest(ValueType type, std::uint64_t seed)
      : type_(type),
        random_(seed),
        store_({.seed = seed,
                .encoding = {.list_bytes = 128,
                             .hash_entries = 4,
                             .set_integers = 4,
                             .set_entries = 4,
                             .zset_entries = 4}}) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      for (std::uint64_t n = random_.below(20); n > 0; --n) change();
      if (random_.one_in(200)) remove();
      if (readings_.size() < 4 && random_.one_in(3)) begin();
      std::erase_if(readings_,
                    [this](Reading& reading) { return !reading.step(random_.below(2000)) && ++read_ > 0; });
      if (random_.one_in(100)) readings_.clear();  // given up
      if (random_.one_in(20)) store_.free_slice(random_.below(100));
      if (i % 50 == 0) CHECK(store_.used_bytes() == store_.recount_bytes());
    }
    readings_.clear();
    CHECK(read_ > 10);
    CHECK(held_ == 0);
    store_.flush();
    while (store_.free_slice(std::numeric_limits<std::size_t>::max())) {
    }
    CHECK(store_.used_bytes() == 0);
  }

 private:
  void begin() {
    const Place place = store_.find(store_.hash(kKey), kNow, Use::kLook);
    if (place && place.entry->payload() == Payload::kTable && place.entry->collection()->size() > 0) {
      readings_.emplace_back(*place.entry, held_);
    }
  }
  void remove() {
    const HashedKey key = store_.hash(kKey);
    const Place place = store_.find(key, kNow, Use::kWrite);
    if (!place) return;
    if (random_.one_in(3)) return store_.flush();
    if (random_.one_in(2)) return store_.drop_slot(key.slot);
    store_.erase(key, place);
  }
  void change() {
    switch (type_) {
      case ValueType::kString:
        return change_string();
      case ValueType::kList:
        return change_list();
      case ValueType::kHash:
        return change_hash();
      case ValueType::kSet:
        return change_set();
      case ValueType::kZset:
        return change_zset();
    }
  }

  std::string name() { return "name" + std::to_string(random_.below(500)); }
  std::string value() {
    return random_.one_in(30) ? random_.text(random_.below(400)) : std::to_string(random_.below(100000));
  }

  void change_string() {
    const std::size_t size = strings::length(store_, kKey, kNow).length;
    if (size < limits::kLargeBytesMin || random_.one_in(300)) {
      strings::set(store_, kKey, std::string(limits::kLargeBytesMin + random_.below(100000), 'a'), {}, kNow);
    } else if (random_.one_in(4) && size < 2 * limits::kLargeBytesMin) {
      strings::append(store_, kKey, random_.text(random_.below(3000)), kNow);
    } else {
      const auto offset = static_cast<std::int64_t>(random_.below(size + 1000));
      strings::set_range(store_, kKey, offset, random_.text(random_.below(3000)), kNow);
    }
  }
  void change_list() {
    lists::List list(store_, kKey, kNow, Use::kWrite);
    const std::string text = value();
    const std::string_view item = text;
    const ListEnd end = random_.one_in(2) ? ListEnd::kFront : ListEnd::kBack;
    const std::uint64_t what = list.size() < 300 ? 0 : random_.below(8);
    if (what < 3) {
      list.push(end, {&item, 1});
    } else if (what == 3) {
      list.set(random_.below(list.size()), item);
    } else if (what == 4) {
      list.insert(random_.below(list.size()), item);
    } else if (what == 5) {
      list.remove(text, end, 1 + random_.below(3));
    } else {
      list.drop(end, random_.one_in(50) ? random_.below(list.size() + 1) : random_.below(4));
    }
  }
  void change_hash() {
    const std::string field = name();
    const std::string text = value();
    const std::string_view pair[] = {field, text};
    if (random_.one_in(3)) {
      hashes::remove(store_, kKey, {pair, 1}, kNow);
    } else {
      hashes::set(store_, kKey, pair, kNow);
    }
  }
  void change_set() {
    const std::string text = name();
    const std::string_view member = text;
    if (random_.one_in(3)) {
      sets::remove(store_, kKey, {&member, 1}, kNow);
    } else {
      sets::add(store_, kKey, {&member, 1}, kNow);
    }
  }
  void change_zset() {
    zsets::Zset zset(store_, kKey, kNow);
    const std::string member = name();
    if (random_.one_in(3)) {
      zset.remove(member);
    } else {
      zset.add(member, static_cast<double>(random_.below(50)));
    }
  }

  ValueType type_;
  TestRandom random_;
  Store store_;
  std::size_t held_ = 0;
  std::list<Reading> readings_;
  int read_ = 0;
};

void check(ValueType type, int steps) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) SlowReaderTest(type, seed).run(steps);
}

}  // namespace

TEST_CASE("slow reader: a string, as it was") {
  check(ValueType::kString, 600);
}
TEST_CASE("slow reader: a list, as it was") {
  check(ValueType::kList, 2000);
}
TEST_CASE("slow reader: a hash, as it was") {
  check(ValueType::kHash, 2000);
}
TEST_CASE("slow reader: a set, as it was") {
  check(ValueType::kSet, 2000);
}
TEST_CASE("slow reader: a sorted set, as it was") {
  check(ValueType::kZset, 2000);
}

TEST_CASE("slow reader: what is deleted while it is read counts as held, and is freed afterwards") {
  Store store({});
  std::size_t held = 0;
  strings::set(store, kKey, std::string(8 * limits::kMiB, 'x'), {}, kNow);
  const HashedKey key = store.hash(kKey);
  {
    const Place place = store.find(key, kNow, Use::kWrite);
    ItemReader reader(*place.entry, held);
    CHECK(held == 0);
    store.erase(key, place);
    CHECK(held >= 8 * limits::kMiB);
    // Else it would be in the way of what may be stored instead.
    CHECK(store.used_bytes() < limits::kMiB);
    while (store.free_slice(100000)) {
    }
    CHECK(reader.read(1, [](std::string_view piece) { CHECK(piece[0] == 'x'); }));
  }
  CHECK(held == 0);
  CHECK(store.free_slice(0));
  CHECK(store.freeing_bytes() >= 8 * limits::kMiB);
  CHECK(store.used_bytes() == store.recount_bytes());
  while (store.free_slice(100000)) {
  }
  CHECK(store.used_bytes() == 0);
}

}  // namespace ringhold

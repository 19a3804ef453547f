// Hashes against a plain map, through random operations, packed and as tables: the same answers, and books
// that balance.
#include "dataserver/store/hashes.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;

using Fields = std::map<std::string, std::string>;

std::string text_of(const StringValue& value) {
  IntText scratch;
  return std::string(value.text(scratch));
}

bool is_packed(Store& store, std::string_view key) {
  const Place place = store.find(store.hash(key), kNow, Use::kLook);
  REQUIRE(place);
  return place.entry->is_packed();
}

Fields fields_of(Store& store, std::string_view key) {
  Fields fields;
  const auto found = hashes::read(store, key, kNow);
  REQUIRE(found);
  found->for_each([&fields](const StringValue& field, const StringValue& value) {
    CHECK(fields.emplace(text_of(field), text_of(value)).second);
  });
  CHECK(found->size() == fields.size());
  return fields;
}

class HashModelTest {
 public:
  HashModelTest(std::uint64_t seed, const EncodingLimits& limits, std::size_t fields)
      : random_(seed), fields_(fields), store_({.seed = seed, .encoding = limits}) {}

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
  std::string key() { return "key:" + std::to_string(random_.below(3)); }
  std::string field() {
    const std::uint64_t number = random_.below(fields_);
    return random_.one_in(2) ? std::to_string(number) : "field " + std::to_string(number);
  }
  std::string value() {
    constexpr std::size_t kSizes[] = {0, 1, 5, 63, 64, 65, 300};
    if (random_.one_in(2))
      return std::to_string(static_cast<std::int64_t>(random_.next() >> random_.below(64)));
    return random_.text(kSizes[random_.below(random_.one_in(20) ? 7 : 5)]);
  }

  // Of six steps, `sets` set something.
  void step(std::uint64_t sets) {
    const std::string k = key();
    if (random_.below(6) < sets) return random_.one_in(4) ? increment(k) : set(k);
    if (random_.one_in(100)) return copy_or_rename(k);
    remove(k);
  }
  void set(const std::string& k) {
    std::vector<std::string> texts;
    std::size_t created = 0;
    for (std::uint64_t i = 0; i <= random_.below(4); ++i) {
      texts.push_back(field());
      texts.push_back(value());
      created += model_[k].contains(texts[texts.size() - 2]) ? 0 : 1;
      model_[k][texts[texts.size() - 2]] = texts.back();
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const auto result = hashes::set(store_, k, views, kNow);
    CHECK(result.status == hashes::Status::kOk);
    CHECK(result.count == created);
  }
  void remove(const std::string& k) {
    const std::string texts[] = {field(), field()};
    std::size_t removed = 0;
    for (const std::string& text : texts) removed += model_[k].erase(text);
    const std::string_view views[] = {texts[0], texts[1]};
    CHECK(hashes::remove(store_, k, views, kNow).count == removed);
  }
  void increment(const std::string& k) {
    const std::string f = "counter";
    std::string& old = model_[k][f];
    const std::int64_t by = static_cast<std::int64_t>(random_.below(2000)) - 1000;
    old = std::to_string((old.empty() ? 0 : std::stoll(old)) + by);
    CHECK(std::to_string(hashes::increment(store_, k, f, by, kNow).value) == old);
  }
  void copy_or_rename(const std::string& k) {
    const std::string to = key();
    if (k == to || model_[k].empty()) return;
    model_[to] = model_[k];
    if (random_.one_in(2)) return store_.copy(store_.hash(k), store_.hash(to), kNow);
    store_.rename(store_.hash(k), store_.hash(to), kNow);
    model_[k].clear();
  }

  void check_all() {
    CHECK(store_.recount_bytes() == store_.used_bytes());
    for (const auto& [k, fields] : model_) {
      const Place place = store_.find(store_.hash(k), kNow, Use::kLook);
      REQUIRE(static_cast<bool>(place) == !fields.empty());
      if (!place) continue;
      if (!place.entry->is_packed()) {
        CHECK(place.entry->collection()->recount_bytes() == place.entry->collection()->bytes());
      }
      CHECK(fields_of(store_, k) == fields);
      const auto found = hashes::read(store_, k, kNow);
      for (const auto& [field, value] : fields) {
        const auto stored = found->find(field);
        REQUIRE(stored);
        CHECK(text_of(*stored) == value);
      }
      CHECK(!found->find("absent"));
    }
  }

  TestRandom random_;
  std::size_t fields_;
  Store store_;
  std::map<std::string, Fields> model_;
};

TEST_CASE("hashes: do what a map does, and count their bytes exactly") {
  SUBCASE("packed") {
    HashModelTest(1, {}, 30).run(6000);
  }
  SUBCASE("on both sides of the border") {
    HashModelTest(2, {.hash_entries = 6, .hash_value_bytes = 40}, 20).run(8000);
  }
  SUBCASE("tables") {
    HashModelTest(3, {.hash_entries = 0}, 6000).run(20000);
  }
  SUBCASE("default limits, many fields") {
    HashModelTest(4, {}, 1500).run(8000);
  }
}

TEST_CASE("hashes: packed up to the limits, and never again after that") {
  Store store({.encoding = {.hash_entries = 4, .hash_value_bytes = 10}});
  const std::string ten(10, 'x');
  const std::string eleven(11, 'x');
  const auto set = [&store](std::string_view field, std::string_view value) {
    const std::string_view pair[] = {field, value};
    hashes::set(store, "h", pair, kNow);
  };
  SUBCASE("by fields") {
    for (const char* field : {"a", "b", "c", "d", "d"}) set(field, "1");
    CHECK(is_packed(store, "h"));
    set("e", "1");
    CHECK(!is_packed(store, "h"));
    const std::string_view gone[] = {"b", "c", "d", "e"};
    CHECK(hashes::remove(store, "h", gone, kNow).count == 4);
    CHECK(!is_packed(store, "h"));
  }
  SUBCASE("by the size of a value, a field, in a new hash, or after an increment") {
    set("a", ten);
    CHECK(is_packed(store, "h"));
    SUBCASE("value") {
      set("a", eleven);
    }
    SUBCASE("field") {
      set(eleven, "1");
    }
    SUBCASE("new hash") {
      const std::string_view gone[] = {"a"};
      hashes::remove(store, "h", gone, kNow);
      CHECK(store.used_bytes() == 0);
      set("a", eleven);
    }
    SUBCASE("increment") {
      CHECK(hashes::increment(store, "h", "n", 1000000000000, kNow).status == hashes::Status::kOk);
    }
    CHECK(!is_packed(store, "h"));
  }
}

TEST_CASE("hashes: keep the order of setting while packed") {
  Store store({});
  for (const char* field : {"b", "a", "3", "c", "a"}) {
    const std::string_view pair[] = {field, "v"};
    hashes::set(store, "h", pair, kNow);
  }
  std::string order;
  hashes::read(store, "h", kNow)->for_each([&order](const StringValue& field, const StringValue&) {
    order += text_of(field);
  });
  CHECK(order == "ba3c");
}

TEST_CASE("hashes: refuse other types and change nothing") {
  Store store({});
  strings::set(store, "s", "text", {}, kNow);
  const std::string_view pair[] = {"f", "v"};
  strings::FloatText scratch;
  CHECK(!hashes::read(store, "s", kNow));
  CHECK(hashes::set(store, "s", pair, kNow).status == hashes::Status::kWrongType);
  CHECK(hashes::set_if_absent(store, "s", "f", "v", kNow).status == hashes::Status::kWrongType);
  CHECK(hashes::remove(store, "s", pair, kNow).status == hashes::Status::kWrongType);
  CHECK(hashes::increment(store, "s", "f", 1, kNow).status == hashes::Status::kWrongType);
  CHECK(hashes::increment_float(store, "s", "f", 1, kNow, scratch).status == hashes::Status::kWrongType);
}

// A loop turn is bounded because one insert touches one leaf; here: how many bytes one insert may move.
TEST_CASE("hashes: a field more in a large hash never costs a copy of it all") {
  Store store({});
  for (int i = 0; i < 200000; ++i) {
    const std::string field = "field:" + std::to_string(i);
    const std::string_view pair[] = {field, "v"};
    const std::uint64_t before = store.used_bytes();
    hashes::set(store, "h", pair, kNow);
    if (i > 1000) REQUIRE(store.used_bytes() - before < 40000);
  }
  store.erase(store.hash("h"), store.find(store.hash("h"), kNow, Use::kWrite));
  CHECK(store.size() == 0);
  CHECK(store.freeing_bytes() == store.used_bytes());
  int slices = 0;
  while (store.free_slice(1000)) ++slices;
  CHECK(slices > 100);
  CHECK(store.used_bytes() == 0);
}

}  // namespace
}  // namespace ringhold

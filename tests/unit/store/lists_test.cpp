// Lists against a plain deque, through random operations: the same items, both ways, and exact bytes.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "dataserver/store/lists.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

using lists::List;
using Model = std::deque<std::string>;

constexpr UnixMs kNow = 1700000000000;

std::string text_of(const StringValue& item) {
  IntText scratch;
  return std::string(item.text(scratch));
}

const ChunkedList* chunked(Store& store, std::string_view key) {
  const Place place = store.find(store.hash(key), kNow, Use::kLook);
  if (!place || place.entry->payload() != Payload::kTable) return nullptr;
  return static_cast<const ChunkedList*>(place.entry->collection());
}

void check_same(Store& store, std::string_view key, const Model& model) {
  const List list(store, key, kNow, Use::kRead);
  REQUIRE(list.size() == model.size());
  REQUIRE(list.empty() == model.empty());
  if (model.empty()) return;
  std::size_t at = 0;
  list.walk(0, ListEnd::kBack, [&](const StringValue& item) {
    REQUIRE(at < model.size());
    REQUIRE(text_of(item) == model[at]);
    ++at;
    return true;
  });
  REQUIRE(at == model.size());
  list.walk(model.size() - 1, ListEnd::kFront, [&](const StringValue& item) {
    REQUIRE(at > 0);
    REQUIRE(text_of(item) == model[--at]);
    return true;
  });
  REQUIRE(at == 0);
}

struct Limits {
  std::uint32_t list_bytes;
  std::size_t items_about;  // lists are kept around this size
  std::size_t item_bytes_max;
};

class ListModelTest {
 public:
  ListModelTest(std::uint64_t seed, const Limits& limits)
      : random_(seed),
        limits_(limits),
        store_({.seed = seed, .encoding = {.list_bytes = limits.list_bytes}}) {}

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      step();
      if (i % 100 == 0) check_some();
      if (i % 2000 == 0) check_copy();
    }
    check_some();
    empty();
  }

 private:
  List open() { return {store_, kKey, kNow, Use::kWrite}; }
  std::string value() {
    if (random_.one_in(3)) return std::to_string(random_.below(5));
    if (random_.one_in(4)) return std::to_string(static_cast<std::int64_t>(random_.next()));
    if (random_.one_in(50)) return random_.text(random_.below(3 * limits_.list_bytes));
    return random_.text(random_.below(limits_.item_bytes_max));
  }
  std::size_t index() { return random_.below(model_.size()); }
  // Now and then more than a few, so that all items of a chunk go, or of many.
  std::size_t some() { return random_.one_in(20) ? random_.below(model_.size() + 2) : random_.below(4); }
  ListEnd end() { return random_.one_in(2) ? ListEnd::kFront : ListEnd::kBack; }

  void step() {
    const bool grow = model_.size() < limits_.items_about;
    switch (random_.below(10)) {
      case 0:
      case 1:
        return push(grow ? random_.below(random_.one_in(30) ? 300 : 8) + 1 : 1);
      case 2:
      case 3:
        return push(1);
      case 4:
        return drop();
      case 5:
        return set();
      case 6:
      case 7:
        return insert();
      case 8:
        return remove();
      default:
        return search();
    }
  }

  void push(std::size_t count) {
    std::vector<std::string> values(count);
    for (std::string& text : values) text = value();
    const std::vector<std::string_view> views(values.begin(), values.end());
    const ListEnd at = end();
    open().push(at, views);
    for (const std::string& text : values) {
      at == ListEnd::kFront ? model_.push_front(text) : model_.push_back(text);
    }
  }
  void drop() {
    const ListEnd from = end();
    const std::size_t count = some();
    open().drop(from, count);
    const auto dropped = static_cast<std::ptrdiff_t>(std::min(count, model_.size()));
    if (from == ListEnd::kFront) {
      model_.erase(model_.begin(), model_.begin() + dropped);
    } else {
      model_.erase(model_.end() - dropped, model_.end());
    }
  }
  void set() {
    if (model_.empty()) return;
    const std::size_t at = index();
    const std::string text = value();
    REQUIRE(text_of(open().at(at)) == model_[at]);
    open().set(at, text);
    model_[at] = text;
    REQUIRE(text_of(open().at(at)) == text);
  }
  void insert() {
    const std::size_t at = random_.below(model_.size() + 1);
    const std::string text = value();
    open().insert(at, text);
    model_.insert(model_.begin() + static_cast<std::ptrdiff_t>(at), text);
  }
  void remove() {
    if (model_.empty()) return;
    const std::string text = random_.one_in(2) ? model_[index()] : std::to_string(random_.below(5));
    const std::size_t count_max = random_.one_in(10) ? List::kAll : random_.below(3) + 1;
    std::size_t removed = 0;
    const ListEnd from = end();
    Model kept;
    const auto keep = [&](const std::string& item) {
      if (item == text && removed < count_max) {
        ++removed;
      } else {
        from == ListEnd::kFront ? kept.push_back(item) : kept.push_front(item);
      }
    };
    if (from == ListEnd::kFront) {
      std::for_each(model_.begin(), model_.end(), keep);
    } else {
      std::for_each(model_.rbegin(), model_.rend(), keep);
    }
    REQUIRE(open().remove(text, from, count_max) == removed);
    model_ = kept;
  }
  void search() {
    const std::string text = std::to_string(random_.below(5));
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < model_.size(); ++i) {
      if (model_[i] == text) expected.push_back(i);
    }
    const ListEnd from = end();
    if (from == ListEnd::kBack) std::reverse(expected.begin(), expected.end());
    expected.resize(std::min<std::size_t>(expected.size(), 5));
    std::vector<std::size_t> found;
    open().search(text, from, List::kAll, [&found](std::size_t at) {
      found.push_back(at);
      return found.size() < 5;
    });
    REQUIRE(found == expected);
  }

  void check_bytes() {
    REQUIRE(store_.used_bytes() == store_.recount_bytes());
    const Slot slot = store_.hash(kKey).slot;
    REQUIRE(store_.slot_bytes(slot) + store_.freeing_bytes() == store_.used_bytes());
    if (const ChunkedList* list = chunked(store_, kKey)) REQUIRE(list->bytes() == list->recount_bytes());
  }
  void check_some() {
    check_same(store_, kKey, model_);
    check_bytes();
    store_.free_slice(random_.below(50));
    check_bytes();
  }
  // A copy is a value of its own.
  void check_copy() {
    if (model_.empty()) return;
    const HashedKey copy = store_.hash("{key}copy");
    store_.copy(store_.hash(kKey), copy, kNow);
    check_same(store_, copy.bytes, model_);
    open().push(ListEnd::kBack, std::vector<std::string_view>{"more"});
    check_same(store_, copy.bytes, model_);
    model_.emplace_back("more");
    store_.rename(copy, store_.hash(kKey), kNow);
    model_.pop_back();
    check_same(store_, kKey, model_);
    check_bytes();
  }
  void empty() {
    while (!model_.empty()) drop();
    check_some();
    while (store_.free_slice(10)) check_bytes();
    REQUIRE(store_.used_bytes() == 0);
    REQUIRE(store_.size() == 0);
  }

  static constexpr std::string_view kKey = "{key}";
  TestRandom random_;
  Limits limits_;
  Store store_;
  Model model_;
};

TEST_CASE("lists: do what a deque does, and count their bytes exactly") {
  SUBCASE("packed and small") {
    ListModelTest(1, {.list_bytes = 8192, .items_about = 50, .item_bytes_max = 40}).run(20000);
  }
  SUBCASE("a few chunks") {
    ListModelTest(2, {.list_bytes = 8192, .items_about = 1500, .item_bytes_max = 100}).run(6000);
  }
  SUBCASE("chunks of a few items") {
    ListModelTest(3, {.list_bytes = 64, .items_about = 400, .item_bytes_max = 30}).run(20000);
  }
  SUBCASE("an item is a chunk: many blocks") {
    ListModelTest(4, {.list_bytes = 2, .items_about = 1500, .item_bytes_max = 20}).run(12000);
  }
  SUBCASE("large items") {
    ListModelTest(5, {.list_bytes = 256, .items_about = 300, .item_bytes_max = 400}).run(8000);
  }
}

// --- what the model cannot see ---

void push_numbers(Store& store, std::string_view key, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = "item:" + std::to_string(i);
    const std::string_view values[] = {text};
    List(store, key, kNow, Use::kWrite).push(i % 2 == 0 ? ListEnd::kBack : ListEnd::kFront, values);
  }
}

TEST_CASE("lists: little memory besides the items, in whatever way they came in") {
  constexpr std::size_t kItems = 100000;
  Store store({});
  std::size_t items_bytes = 0;
  for (std::size_t i = 0; i < kItems; ++i) {
    items_bytes += packed_size(StringValue::raw("item:" + std::to_string(i)));
  }
  SUBCASE("pushed at both ends") {
    push_numbers(store, "list", kItems);
    CHECK(store.used_bytes() < items_bytes + items_bytes / 50);
  }
  SUBCASE("inserted in the middle") {
    TestRandom random(1);
    for (std::size_t i = 0; i < kItems; ++i) {
      List list(store, "list", kNow, Use::kWrite);
      list.insert(random.below(list.size() + 1), "item:" + std::to_string(i));
    }
    CHECK(store.used_bytes() < 2 * items_bytes);
  }
}

TEST_CASE("lists: deleting from the middle leaves no trail of small chunks") {
  Store store({});
  push_numbers(store, "list", 100000);
  const std::size_t full = chunked(store, "list")->chunk_count();
  for (std::size_t i = 0; i < 100000; ++i) {
    if (i % 100 != 0) {
      List(store, "list", kNow, Use::kWrite).remove("item:" + std::to_string(i), ListEnd::kFront, 1);
    }
    if (i == 3000) i = 97000;  // the search takes its time
  }
  const std::size_t some = chunked(store, "list")->chunk_count();
  CHECK(some <= full);
  // All but every hundredth, by giving them the same value first.
  for (std::size_t i = 0; i < chunked(store, "list")->size(); ++i) {
    if (i % 100 != 0) List(store, "list", kNow, Use::kWrite).set(i, "gone");
  }
  List(store, "list", kNow, Use::kWrite).remove("gone", ListEnd::kFront, List::kAll);
  CHECK(chunked(store, "list")->chunk_count() <= full / 25);
  CHECK(store.used_bytes() == store.recount_bytes());
}

TEST_CASE("lists: what is cut off is freed in slices") {
  Store store({});
  push_numbers(store, "list", 200000);
  const std::uint64_t before = store.used_bytes();
  {
    List list(store, "list", kNow, Use::kWrite);
    list.drop(ListEnd::kFront, 99990);
    list.drop(ListEnd::kBack, 99990);
    CHECK(list.size() == 20);
    CHECK(text_of(list.at(9)) == "item:1");
    CHECK(text_of(list.at(10)) == "item:0");
  }
  CHECK(store.freeing_bytes() > before / 10 * 9);
  CHECK(store.used_bytes() == store.recount_bytes());
  std::size_t slices = 0;
  while (store.free_slice(20)) {
    ++slices;
    CHECK(store.used_bytes() == store.recount_bytes());
  }
  CHECK(slices > 10);
  CHECK(store.freeing_bytes() == 0);
  CHECK(store.used_bytes() < 2000);
}

TEST_CASE("lists: a list that shrinks gives its memory back") {
  Store store({});
  push_numbers(store, "list", 2000);
  SUBCASE("at its ends") {
    List(store, "list", kNow, Use::kWrite).drop(ListEnd::kFront, 1999);
  }
  SUBCASE("because its items do") {
    for (std::size_t i = 0; i < 2000; ++i) List(store, "list", kNow, Use::kWrite).set(i, "");
    CHECK(chunked(store, "list")->chunk_count() == 1);
    for (std::size_t i = 1; i < 2000; ++i) List(store, "list", kNow, Use::kWrite).set(i, "gone");
    List(store, "list", kNow, Use::kWrite).remove("gone", ListEnd::kBack, List::kAll);
  }
  while (store.free_slice(1000)) {
  }
  CHECK(store.used_bytes() < 1000);
}

TEST_CASE("lists: the last item takes the key with it") {
  for (const std::size_t count : {1U, 100U, 100000U}) {
    for (const bool remove : {false, true}) {
      Store store({});
      const std::vector<std::string_view> values(count, "same");
      List list(store, "list", kNow, Use::kWrite);
      list.push(ListEnd::kBack, values);
      if (remove) {
        CHECK(list.remove("same", ListEnd::kFront, List::kAll) == count);
      } else {
        list.drop(ListEnd::kBack, count);
      }
      CHECK(list.empty());
      CHECK(store.size() == 0);
      while (store.free_slice(1000)) {
      }
      CHECK(store.used_bytes() == 0);
    }
  }
}

TEST_CASE("lists: another type is left alone") {
  Store store({});
  const HashedKey key = store.hash("key");
  Place place;
  store.set_string(key, place, StringValue::encode("text"), kNoDeadline, kNow);
  CHECK(List(store, "key", kNow, Use::kWrite).is_wrong_type());
  CHECK_FALSE(List(store, "nothing", kNow, Use::kWrite).is_wrong_type());
}

}  // namespace
}  // namespace ringhold

// The table of members against a plain map in hash order, while it grows, splits, shrinks and merges.
#include "dataserver/store/member_table.h"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

using Key = std::pair<std::uint64_t, std::string>;  // hash, name
using Model = std::map<Key, std::string>;

void free_all(CountedHeap& heap, MemberTable& table, std::size_t slice) {
  for (int i = 0; i < 1000000; ++i) {
    std::size_t steps = slice;
    const bool done = table.free_some(heap, steps);
    CHECK(heap.used_bytes() == table.bytes());
    if (done) break;
    REQUIRE(steps == 0);
  }
}

class MemberTableTest {
 public:
  explicit MemberTableTest(std::uint64_t seed) : random_(seed), seed_(seed), table_(seed) {}
  ~MemberTableTest() {
    std::size_t steps = std::numeric_limits<std::size_t>::max();
    CHECK(table_.free_some(heap_, steps));
    CHECK(heap_.used_bytes() == 0);
  }

  void grow_to(std::size_t size) {
    while (model_.size() < size) step(8);
    check_all();
  }
  void shrink_to(std::size_t size) {
    while (model_.size() > size) step(2);
    check_all();
  }
  void check_all() {
    REQUIRE(table_.size() == model_.size());
    CHECK(table_.bytes() == heap_.used_bytes());
    CHECK(table_.recount_bytes() == heap_.used_bytes());
    auto expected = model_.begin();
    for (auto place = table_.first(); place; place = table_.next(place), ++expected) {
      REQUIRE(expected != model_.end());
      REQUIRE(table_.hash_of(place) == expected->first.first);
      REQUIRE(place.element->name() == expected->first.second);
      REQUIRE(place.element->value() == expected->second);
    }
    CHECK(expected == model_.end());
  }
  void check_clone() {
    CountedHeap heap;
    MemberTable copy(seed_);
    table_.clone_to(heap, copy);
    CHECK(copy.size() == table_.size());
    CHECK(copy.bytes() == heap.used_bytes());
    CHECK(copy.recount_bytes() == heap.used_bytes());
    for (auto place = table_.first(); place; place = table_.next(place)) {
      const auto other = copy.find(place.element->name());
      REQUIRE(other);
      CHECK(other.element != place.element);
      CHECK(other.element->value() == place.element->value());
    }
    std::size_t steps = std::numeric_limits<std::size_t>::max();
    CHECK(copy.free_some(heap, steps));
    CHECK(heap.used_bytes() == 0);
  }
  void check_first_from() {
    for (int i = 0; i < 200; ++i) {
      std::uint64_t hash = random_.next();
      if (i % 2 == 0 && !model_.empty()) hash = some_key().first + random_.below(3) - 1;
      const auto expected = model_.lower_bound({hash, ""});
      const auto place = table_.first_from(hash);
      REQUIRE(static_cast<bool>(place) == (expected != model_.end()));
      if (place) CHECK(place.element->name() == expected->first.second);
    }
  }
  void check_bins(unsigned bits) {
    std::vector<std::string> all;
    for (std::uint64_t bin = 0; bin < std::uint64_t{1} << bits; ++bin) {
      std::size_t index = 0;
      for (; const Element* element = table_.in_bin(bits, bin, index); ++index) {
        all.emplace_back(element->name());
        if (bits > 0) CHECK((table_.hash(all.back()) >> (64 - bits)) == bin);
      }
      CHECK(table_.in_bin(bits, bin, index + 1) == nullptr);
    }
    std::vector<std::string> expected;
    for (const auto& [key, value] : model_) expected.push_back(key.second);
    CHECK(all == expected);
  }
  std::size_t bytes() const { return table_.bytes(); }

 private:
  Key key_of(const std::string& name) const { return {table_.hash(name), name}; }
  const Key& some_key() {
    auto at = model_.lower_bound({random_.next(), ""});
    return at == model_.end() ? model_.begin()->first : at->first;
  }
  // Sizes on both sides of what a byte holds.
  std::string value() {
    constexpr std::size_t kSizes[] = {0, 0, 1, 8, 20, 39, 245, 252, 253, 254, 255, 256, 260};
    return random_.text(kSizes[random_.below(std::size(kSizes))]);
  }
  static void put(char* at, const std::string& value) { std::copy(value.begin(), value.end(), at); }

  // Of ten steps, `inserts` add a name; the others remove, change or look for one.
  void step(std::size_t inserts) {
    if (random_.below(10) < inserts) return insert();
    if (model_.empty()) return;
    const Key key = some_key();
    auto place = table_.find(key.second);
    REQUIRE(place);
    CHECK(place.element->value() == model_[key]);
    if (random_.one_in(4)) {
      const std::string changed = value();
      put(table_.resize_value(heap_, place, changed.size()), changed);
      model_[key] = changed;
    } else {
      table_.erase(heap_, place);
      model_.erase(key);
      CHECK(!table_.find(key.second));
    }
  }
  void insert() {
    const std::string name =
        random_.one_in(50) ? std::string(random_.below(300), 'n') : std::to_string(random_.below(1000000));
    const Key key = key_of(name);
    REQUIRE(static_cast<bool>(table_.find(name)) == model_.contains(key));
    if (model_.contains(key)) return;
    const std::string v = value();
    const auto place = table_.insert(heap_, name, v.size());
    put(place.element->mutable_value(), v);
    CHECK(table_.find(name).element == place.element);
    model_[key] = v;
  }

  TestRandom random_;
  std::uint64_t seed_;
  CountedHeap heap_;
  MemberTable table_;
  Model model_;
};

TEST_CASE("member table: what a map in hash order holds, whatever its size") {
  MemberTableTest test(7);
  test.check_all();
  test.check_first_from();
  for (const std::size_t size : {1U, 10U, 600U, 2100U, 9000U, 60000U}) {
    test.grow_to(size);
    test.check_first_from();
    test.check_clone();
  }
  const std::size_t large = test.bytes();
  for (const std::size_t size : {30000U, 4000U, 500U, 20U, 0U}) {
    test.shrink_to(size);
    test.check_first_from();
    test.check_clone();
  }
  // Leaves and directory have shrunk with it.
  CHECK(test.bytes() < 100);
  CHECK(test.bytes() < large / 1000);
  test.grow_to(5000);
}

TEST_CASE("member table: bins hold every element once, in order") {
  MemberTableTest test(7);
  test.grow_to(5000);
  for (const unsigned bits : {0U, 1U, 12U, 13U}) test.check_bins(bits);
}

TEST_CASE("member table: an element costs what it holds and about 12 bytes") {
  CountedHeap heap;
  MemberTable table(1);
  std::size_t elements = 0;
  for (std::size_t i = 0; i < 200000; ++i) {
    elements += table.insert(heap, "member:" + std::to_string(i), 0).element->bytes();
    if (i > 1000 && i % 1000 == 0) CHECK(table.bytes() - elements < table.size() * 15);
  }
  CHECK(table.bytes() - elements < table.size() * 14);
  free_all(heap, table, 1000);
  CHECK(heap.used_bytes() == 0);
}

TEST_CASE("member table: freed in slices") {
  CountedHeap heap;
  for (const std::size_t slice : {1U, 7U, 100000U}) {
    MemberTable table(3);
    for (std::size_t i = 0; i < 5000; ++i) table.insert(heap, std::to_string(i), 0);
    free_all(heap, table, slice);
    CHECK(heap.used_bytes() == 0);
    CHECK(table.bytes() == 0);
    CHECK(table.size() == 0);
  }
}

}  // namespace
}  // namespace ringhold

// The store against a plain map, through random operations: the same answers, and books that balance.
#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/slot.h"
#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

struct ModelValue {
  std::string bytes;
  UnixMs deadline = kNoDeadline;
};

class ModelTest {
 public:
  // `tag` empty: keys of many slots; else all keys in the slot of that hash tag.
  ModelTest(std::uint64_t seed, std::string tag, std::size_t keys)
      : random_(seed), tag_(std::move(tag)), keys_(keys), store_({.seed = seed}) {}

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      step();
      if (i % 500 == 0) check_all();
    }
    check_all();
    store_.flush();
    model_.clear();
    check_all();
    while (store_.free_slice(100)) check_bytes();
    CHECK(store_.used_bytes() == 0);
    CHECK(store_.freeing_bytes() == 0);
  }

 private:
  std::string key() {
    const std::string number = std::to_string(random_.below(keys_));
    return tag_.empty() ? "key:" + number : "{" + tag_ + "}" + number;
  }
  // Sizes on both sides of every change of shape: integers, inline, on the heap, freed later.
  std::string value() {
    constexpr std::size_t kSizes[] = {0, 1, 7, 16, 40, 64, 100, 500, 1023, 1024, 1025, 2000, 5000};
    if (random_.one_in(3)) return std::to_string(static_cast<std::int64_t>(random_.next()));
    if (random_.one_in(200)) return random_.text(limits::kFreeLaterBytesMin + random_.below(50000));
    return random_.text(kSizes[random_.below(std::size(kSizes))]);
  }
  UnixMs maybe_deadline() {
    return random_.one_in(2) ? kNoDeadline : now_ + 1 + static_cast<UnixMs>(random_.below(2000));
  }
  ModelValue* model_find(const std::string& key) {
    const auto at = model_.find(key);
    if (at == model_.end()) return nullptr;
    if (at->second.deadline == kNoDeadline || at->second.deadline > now_) return &at->second;
    model_.erase(at);
    return nullptr;
  }

  void step() {
    switch (random_.below(12)) {
      case 0:
      case 1:
      case 2:
        return set();
      case 3:
        return get();
      case 4:
        return erase();
      case 5:
        return append();
      case 6:
        return set_range();
      case 7:
        return set_deadline();
      case 8:
        return rename_or_copy();
      case 9:
        return increment();
      case 10:
        now_ += static_cast<UnixMs>(random_.below(20));
        return;
      default:
        return slices();
    }
  }

  void set() {
    const std::string k = key();
    const std::string v = value();
    const UnixMs deadline = maybe_deadline();
    CHECK(strings::set(store_, k, v, {.deadline = deadline}, now_) == strings::Status::kOk);
    model_[k] = {v, deadline};
  }
  void get() {
    const std::string k = key();
    const ModelValue* expected = model_find(k);
    IntText scratch;
    const auto result = strings::get(store_, k, now_, scratch);
    REQUIRE((result.status == strings::Status::kOk) == (expected != nullptr));
    if (expected != nullptr) CHECK(result.value == expected->bytes);
  }
  void erase() {
    const std::string k = key();
    const HashedKey hashed = store_.hash(k);
    const Place place = store_.find(hashed, now_, Use::kWrite);
    REQUIRE(static_cast<bool>(place) == (model_find(k) != nullptr));
    if (!place) return;
    store_.erase(hashed, place);
    model_.erase(k);
  }
  void append() {
    const std::string k = key();
    const std::string v = random_.text(random_.below(60));
    ModelValue* old = model_find(k);
    if (old == nullptr) old = &model_[k];
    old->bytes += v;
    CHECK(strings::append(store_, k, v, now_).length == old->bytes.size());
  }
  void set_range() {
    const std::string k = key();
    const std::string v = random_.text(1 + random_.below(60));
    const std::size_t offset = random_.below(1500);
    ModelValue* old = model_find(k);
    if (old == nullptr) old = &model_[k];
    if (old->bytes.size() < offset + v.size()) old->bytes.resize(offset + v.size());
    old->bytes.replace(offset, v.size(), v);
    CHECK(strings::set_range(store_, k, static_cast<std::int64_t>(offset), v, now_).length ==
          old->bytes.size());
  }
  void set_deadline() {
    const std::string k = key();
    const HashedKey hashed = store_.hash(k);
    Place place = store_.find(hashed, now_, Use::kWrite);
    ModelValue* old = model_find(k);
    REQUIRE(static_cast<bool>(place) == (old != nullptr));
    if (!place) return;
    old->deadline = maybe_deadline();
    store_.set_deadline(hashed, place, old->deadline);
  }
  void rename_or_copy() {
    const std::string from = key();
    const std::string to = key();
    const ModelValue* old = model_find(from);
    if (old == nullptr || from == to) return;
    const ModelValue value = *old;
    if (random_.one_in(2)) {
      store_.rename(store_.hash(from), store_.hash(to), now_);
      model_.erase(from);
    } else {
      store_.copy(store_.hash(from), store_.hash(to), now_);
    }
    model_[to] = value;
  }
  void increment() {
    const std::string k = "counter:" + std::to_string(random_.below(20));
    const auto by = static_cast<std::int64_t>(random_.below(1000)) - 500;
    ModelValue* old = model_find(k);
    if (old == nullptr) old = &(model_[k] = {"0", kNoDeadline});
    old->bytes = std::to_string(std::stoll(old->bytes) + by);
    CHECK(std::to_string(strings::increment(store_, k, by, now_).value) == old->bytes);
  }
  void slices() {
    store_.expire_slice(now_, random_.below(50));
    store_.free_slice(random_.below(50));
    if (!random_.one_in(100)) return;
    const Slot slot = slot_of(key());
    store_.drop_slot(slot);
    std::erase_if(model_, [slot](const auto& item) { return slot_of(item.first) == slot; });
  }

  void check_bytes() const {
    CHECK(store_.recount_bytes() == store_.used_bytes());
    std::uint64_t bytes = store_.freeing_bytes();
    for (std::uint32_t slot = 0; slot < kSlotCount; ++slot) {
      bytes += store_.slot_bytes(Slot{static_cast<std::uint16_t>(slot)});
    }
    CHECK(bytes == store_.used_bytes());
  }

  void check_all() {
    check_bytes();
    std::erase_if(model_, [this](const auto& item) {
      return item.second.deadline != kNoDeadline && item.second.deadline <= now_;
    });
    std::map<std::string, ModelValue> found;
    std::size_t visited = 0;
    std::size_t with_deadline = 0;
    std::int64_t ttl_sum = 0;
    store_.scan({}, std::numeric_limits<std::size_t>::max(), [&](const Entry& entry) {
      ++visited;
      if (entry.has_deadline()) {
        ++with_deadline;
        ttl_sum += entry.deadline() - now_;
      }
      IntText scratch;
      if (!entry.is_due(now_)) {
        found[std::string(entry.key())] = {std::string(entry.text(scratch)), entry.deadline()};
      }
    });
    CHECK(visited == store_.size());
    CHECK(with_deadline == store_.deadlines());
    if (with_deadline > 0) {
      const auto average = ttl_sum / static_cast<std::int64_t>(with_deadline);
      CHECK(store_.average_ttl_ms(now_) == std::max<std::int64_t>(0, average));
    }
    REQUIRE(found.size() == model_.size());
    for (const auto& [k, v] : model_) {
      CHECK(found[k].bytes == v.bytes);
      CHECK(found[k].deadline == v.deadline);
    }
  }

  TestRandom random_;
  std::string tag_;
  std::size_t keys_;
  Store store_;
  std::map<std::string, ModelValue> model_;
  UnixMs now_ = 1700000000000;
};

TEST_CASE("store: does what a map does, and counts its bytes exactly") {
  SUBCASE("few keys, many slots") {
    ModelTest(1, "", 50).run(20000);
  }
  SUBCASE("many keys, many slots") {
    ModelTest(2, "", 5000).run(20000);
  }
  SUBCASE("all keys in one slot") {
    ModelTest(3, "tag", 500).run(20000);
  }
  SUBCASE("one key") {
    ModelTest(4, "", 1).run(5000);
  }
}

}  // namespace
}  // namespace ringhold

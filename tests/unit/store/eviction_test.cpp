// Eviction: the bound holds, the recently used stay, and the hit ratio is that of exact LRU.
#include <doctest/doctest.h>

#include <cmath>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

// Numbers from 0 to `size` - 1, the n-th with a probability as 1 / n^0.99.
class Zipf {
 public:
  Zipf(std::size_t size, std::uint64_t seed) : random_(seed) {
    double sum = 0;
    for (std::size_t i = 1; i <= size; ++i)
      cumulative_.push_back(sum += 1 / std::pow(static_cast<double>(i), 0.99));
  }
  std::size_t next() {
    const double at = static_cast<double>(random_.next() >> 11U) / 9007199254740992.0 * cumulative_.back();
    return static_cast<std::size_t>(std::lower_bound(cumulative_.begin(), cumulative_.end(), at) -
                                    cumulative_.begin());
  }

 private:
  TestRandom random_;
  std::vector<double> cumulative_;
};

// A cache of `capacity` keys with exact LRU.
class ExactLru {
 public:
  explicit ExactLru(std::size_t capacity) : capacity_(capacity) {}
  bool use(std::size_t key) {
    const auto found = places_.find(key);
    const bool hit = found != places_.end();
    if (hit) order_.erase(found->second);
    order_.push_front(key);
    places_[key] = order_.begin();
    if (order_.size() > capacity_) {
      places_.erase(order_.back());
      order_.pop_back();
    }
    return hit;
  }

 private:
  std::size_t capacity_;
  std::list<std::size_t> order_;
  std::unordered_map<std::size_t, std::list<std::size_t>::iterator> places_;
};

std::string key_of(std::size_t number) {
  std::string digits = std::to_string(number);
  return "key:" + std::string(10 - digits.size(), '0') + digits;
}

struct Ratios {
  double ours;
  double exact;
};

// A read-through cache: what is missing is read from elsewhere and set. A step is 1/4 ms, so several commands
// share one.
Ratios replay(const std::vector<std::size_t>& trace, std::size_t capacity) {
  Store store({.seed = 5});
  const std::string value(64, 'v');
  for (std::size_t i = 0; i < capacity; ++i) strings::set(store, key_of(i + 5000000), value, {}, 1);
  const std::uint64_t bytes_max = store.live_bytes();
  store.flush();
  while (store.free_slice(100000)) {
  }
  ExactLru exact(capacity);
  std::size_t hits = 0;
  std::size_t exact_hits = 0;
  UnixMs now = 1000000;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (i % 4 == 0) ++now;
    const std::string key = key_of(trace[i]);
    IntText scratch;
    const bool warm = i > trace.size() / 4;
    if (strings::get(store, key, now, scratch).status == strings::Status::kOk) {
      hits += warm ? 1 : 0;
    } else {
      strings::set(store, key, value, {}, now);
      store.evict_slice(now, bytes_max, 64);
      REQUIRE(store.live_bytes() <= bytes_max);
    }
    if (exact.use(trace[i]) && warm) ++exact_hits;
  }
  const double all = static_cast<double>(trace.size()) * 3 / 4;
  return {static_cast<double>(hits) / all, static_cast<double>(exact_hits) / all};
}

std::vector<std::size_t> zipf_trace(std::size_t keys, std::size_t length) {
  Zipf zipf(keys, 1);
  std::vector<std::size_t> trace(length);
  for (std::size_t& key : trace) key = zipf.next();
  return trace;
}

}  // namespace

TEST_CASE("eviction: hit ratio within 1% of exact LRU, Zipf 0.99") {
  const auto trace = zipf_trace(100000, 800000);
  for (const std::size_t capacity : {2000U, 10000U, 40000U}) {
    const Ratios ratios = replay(trace, capacity);
    MESSAGE(capacity, " of 100,000 keys: ", ratios.ours, ", exact LRU ", ratios.exact);
    CHECK(ratios.ours > ratios.exact * 0.99);
  }
}

TEST_CASE("eviction: hit ratio within 1% of exact LRU, Zipf polluted by scans") {
  auto trace = zipf_trace(50000, 600000);
  // Every so often somebody reads 20,000 keys once, in a row, among the others' reads.
  std::size_t scanned = 1000000;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (i % 150000 < 40000 && i % 2 == 0) trace[i] = scanned++;
  }
  for (const std::size_t capacity : {5000U, 20000U}) {
    const Ratios ratios = replay(trace, capacity);
    MESSAGE(capacity, " of 50,000 keys: ", ratios.ours, ", exact LRU ", ratios.exact);
    CHECK(ratios.ours > ratios.exact * 0.99);
  }
}

TEST_CASE("eviction: the least recently used go, in whatever slot they are") {
  Store store({});
  for (int i = 0; i < 10000; ++i) strings::set(store, "{one}" + std::to_string(i), "value", {}, 1000 + i);
  const std::uint64_t bytes_max = store.live_bytes() / 2;
  while (store.live_bytes() > bytes_max) REQUIRE(store.evict_slice(20000, bytes_max, 100) > 0);
  CHECK(store.stats().evicted + store.size() == 10000);
  int young = 0;
  for (int i = 7000; i < 10000; ++i) {
    if (store.find(store.hash("{one}" + std::to_string(i)), 20000, Use::kLook)) ++young;
  }
  CHECK(young > 2990);
  CHECK(store.used_bytes() == store.recount_bytes());
}

TEST_CASE("eviction: an empty store has nothing to give") {
  Store store({});
  CHECK(store.evict_slice(1, 0, 100) == 0);
  strings::set(store, "key", "value", {}, 1);
  CHECK(store.evict_slice(1, 0, 100) == 1);
  CHECK(store.size() == 0);
  CHECK(store.evict_slice(1, 0, 100) == 0);
}

}  // namespace ringhold

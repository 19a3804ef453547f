// What keys cost, and how memory is given back.
#include <doctest/doctest.h>
#include <malloc.h>

#include <string>

#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;

std::string key_of_16_bytes(int i) {
  std::string key = "key:000000000000";
  const std::string number = std::to_string(i);
  return key.replace(key.size() - number.size(), number.size(), number);
}

double bytes_per_key(int keys, const std::string& value, UnixMs deadline = kNoDeadline) {
  Store store({});
  for (int i = 0; i < keys; ++i) strings::set(store, key_of_16_bytes(i), value, {.deadline = deadline}, kNow);
  return static_cast<double>(store.used_bytes()) / keys;
}

// The figures to beat are Valkey's: 113 bytes, and 65 for integers.
TEST_CASE("memory: bytes per key of 16 bytes, tables included") {
  for (const int keys : {100000, 200000, 300000, 500000}) {
    CAPTURE(keys);
    CHECK(bytes_per_key(keys, std::string(64, 'v')) < 111);
    CHECK(bytes_per_key(keys, "12345678") < 63);
    CHECK(bytes_per_key(keys, "12345678", kNow + 1000000) < 63);
  }
}

TEST_CASE("memory: size classes hold what they say and waste at most a fifth") {
  CHECK(size_class(0) == 16);
  CHECK(size_class(1) == 16);
  CHECK(size_class(17) == 32);
  CHECK(size_class(128) == 128);
  CHECK(size_class(129) == 160);
  CHECK(size_class(161) == 192);
  CHECK(size_class(256) == 256);
  CHECK(size_class(257) == 320);
  CHECK(size_class(std::size_t{1} << 30U) == std::size_t{1} << 30U);
  for (std::size_t bytes = 129; bytes < 100000; ++bytes) {
    CHECK_MESSAGE((size_class(bytes) >= bytes && size_class(bytes) * 4 <= bytes * 5), bytes);
    CHECK_MESSAGE(size_class(size_class(bytes)) == size_class(bytes), bytes);
    CHECK_MESSAGE(size_class(bytes) % 16 == 0, bytes);
  }
}

TEST_CASE("memory: the allocator gives at least what is counted") {
  CountedHeap heap;
  for (const std::size_t bytes : {1U, 16U, 17U, 100U, 129U, 1000U, 5000U, 100000U}) {
    const std::size_t size = size_class(bytes);
    void* memory = heap.allocate(size);
    CHECK(malloc_usable_size(memory) >= size);
    heap.release(memory, size);
  }
  CHECK(heap.used_bytes() == 0);
}

TEST_CASE("memory: appending byte by byte moves a string seldom") {
  Store store({});
  constexpr std::size_t kBytes = 300000;
  std::uint64_t last = store.used_bytes();
  int moves = 0;
  for (std::size_t i = 0; i < kBytes; ++i) {
    strings::append(store, "key", "x", kNow);
    if (store.used_bytes() != last) ++moves;
    last = store.used_bytes();
  }
  CHECK(moves < 50);
  CHECK(last < kBytes * 2);
}

TEST_CASE("memory: overwriting with a value of the same size class allocates nothing") {
  Store store({});
  strings::set(store, "key", std::string(60, 'a'), {}, kNow);
  const std::string text = "key";
  const HashedKey key = store.hash(text);
  const Entry* before = store.find(key, kNow, Use::kRead).entry;
  strings::set(store, "key", std::string(55, 'b'), {}, kNow);
  CHECK(store.find(key, kNow, Use::kRead).entry == before);
  strings::set(store, "key", std::string(200, 'c'), {}, kNow);
  CHECK(store.find(key, kNow, Use::kRead).entry != before);
}

TEST_CASE("memory: a flush is done at once, and its memory comes back in slices") {
  Store store({});
  for (int i = 0; i < 20000; ++i) strings::set(store, "key:" + std::to_string(i), "value", {}, kNow);
  const std::uint64_t used = store.used_bytes();
  store.flush();
  CHECK(store.size() == 0);
  CHECK_FALSE(store.find(store.hash("key:1"), kNow, Use::kRead));
  CHECK(store.used_bytes() == used);
  CHECK(store.freeing_bytes() == used);

  // New keys do not mix with the old ones.
  strings::set(store, "key:1", "new", {}, kNow);
  std::uint64_t left = store.freeing_bytes();
  std::size_t slices = 0;
  while (store.free_slice(100)) {
    CHECK(store.freeing_bytes() <= left);
    CHECK(left - store.freeing_bytes() <= 100 * 48 + 16384 * 16);
    left = store.freeing_bytes();
    ++slices;
  }
  CHECK(slices > 100);
  CHECK(store.size() == 1);
  CHECK(store.freeing_bytes() == 0);
  CHECK(store.recount_bytes() == store.used_bytes());
}

TEST_CASE("memory: a long value is freed later, not by the command that deletes it") {
  Store store({});
  strings::set(store, "long", std::string(limits::kFreeLaterBytesMin, 'x'), {}, kNow);
  strings::set(store, "short", "x", {}, kNow);
  for (const char* text : {"long", "short"}) {
    const HashedKey key = store.hash(text);
    store.erase(key, store.find(key, kNow, Use::kWrite));
  }
  CHECK(store.size() == 0);
  CHECK(store.freeing_bytes() >= limits::kFreeLaterBytesMin);
  CHECK_FALSE(store.free_slice(1));
  CHECK(store.used_bytes() == 0);
}

TEST_CASE("memory: an empty store holds no tables, and one that was emptied neither") {
  Store store({});
  CHECK(store.used_bytes() == 0);
  for (int i = 0; i < 1000; ++i) strings::set(store, "key:" + std::to_string(i), "value", {}, kNow);
  for (int i = 0; i < 1000; ++i) {
    const std::string text = "key:" + std::to_string(i);
    const HashedKey key = store.hash(text);
    store.erase(key, store.find(key, kNow, Use::kWrite));
  }
  CHECK(store.used_bytes() == 0);
}

}  // namespace
}  // namespace ringhold

// Bits of strings, against doing the same one bit at a time.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dataserver/store/bit_fields.h"
#include "dataserver/store/bitmaps.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

using namespace bitmaps;

constexpr UnixMs kNow = 1700000000000;

std::vector<bool> bits_of(std::string_view bytes) {
  std::vector<bool> bits;
  for (const char byte : bytes) {
    for (unsigned bit = 8; bit-- > 0;) bits.push_back((static_cast<unsigned char>(byte) >> bit & 1U) != 0);
  }
  return bits;
}

// Long runs of equal bits, so that whole words are skipped.
std::string some_bytes(TestRandom& random) {
  const std::size_t size = random.below(random.one_in(5) ? 600 : 40) + 1;
  if (random.one_in(3)) return random.text(size);
  std::string bytes(size, random.one_in(2) ? '\0' : '\xff');
  if (!random.one_in(4)) bytes[random.below(size)] = static_cast<char>(random.next());
  return bytes;
}

TEST_CASE("bitmaps: counting and finding in any range") {
  TestRandom random(1);
  for (int i = 0; i < 3000; ++i) {
    const std::string bytes = some_bytes(random);
    const std::vector<bool> bits = bits_of(bytes);
    const std::uint64_t first = random.below(bits.size());
    const BitRange range{first, first + random.below(bits.size() - first)};
    std::uint64_t ones = 0;
    std::optional<std::uint64_t> found[2];
    for (std::uint64_t at = range.first; at <= range.last; ++at) {
      ones += bits[at] ? 1 : 0;
      if (!found[bits[at] ? 1 : 0]) found[bits[at] ? 1 : 0] = at;
      CHECK(bit_at(bytes, at) == bits[at]);
    }
    CHECK(count_ones(bytes, range) == ones);
    CHECK(find_bit(bytes, false, range) == found[0]);
    CHECK(find_bit(bytes, true, range) == found[1]);
    CHECK_FALSE(bit_at(bytes, bits.size()));
    CHECK_FALSE(bit_at(bytes, ~std::uint64_t{0}));
  }
}

TEST_CASE("bitmaps: counting a full string does not run over") {
  for (const std::size_t size : {1U, 8U, 247U, 248U, 249U, 256U, 5000U}) {
    const std::string bytes(size, '\xff');
    CHECK(count_ones(bytes, {0, size * 8 - 1}) == size * 8);
  }
}

TEST_CASE("bitmaps: combining strings of any lengths") {
  TestRandom random(2);
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> texts(random.below(4) + 1);
    for (std::string& text : texts) text = random.one_in(6) ? "" : some_bytes(random);
    const std::vector<std::string_view> sources(texts.begin(), texts.end());
    std::size_t size = 0;
    for (const std::string& text : texts) size = std::max(size, text.size());
    for (const Operation operation : {Operation::kAnd, Operation::kOr, Operation::kXor, Operation::kNot}) {
      if (operation == Operation::kNot && sources.size() > 1) continue;
      std::string expected;
      for (std::size_t at = 0; at < size; ++at) {
        const auto byte = [&](std::size_t source) -> unsigned {
          return at < texts[source].size() ? static_cast<unsigned char>(texts[source][at]) : 0U;
        };
        unsigned result = operation == Operation::kNot ? ~byte(0) : byte(0);
        for (std::size_t source = 1; source < texts.size(); ++source) {
          if (operation == Operation::kAnd) result &= byte(source);
          if (operation == Operation::kOr) result |= byte(source);
          if (operation == Operation::kXor) result ^= byte(source);
        }
        expected += static_cast<char>(result);
      }
      CHECK(combine(operation, sources) == expected);
    }
  }
}

TEST_CASE("bitmaps: setting bits of a stored string, and exact bytes") {
  TestRandom random(3);
  Store store({});
  std::vector<bool> model;
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t offset = random.below(i < 1000 ? 300 : 40000);
    const bool bit = random.one_in(2);
    if (model.size() <= offset) model.resize((offset / 8 + 1) * 8);
    const auto result = set_bit(store, "key", offset, bit, kNow);
    REQUIRE(result.status == strings::Status::kOk);
    REQUIRE(result.before == model[offset]);
    model[offset] = bit;
    REQUIRE(store.used_bytes() == store.recount_bytes());
  }
  IntText scratch;
  CHECK(bits_of(strings::get(store, "key", kNow, scratch).value) == model);
  set_bytes(store, "key", "", kNow);
  while (store.free_slice(100)) {
  }
  CHECK(store.used_bytes() == 0);
}

FieldType any_type(TestRandom& random) {
  const bool is_signed = random.one_in(2);
  return {.is_signed = is_signed, .bits = static_cast<unsigned>(random.below(is_signed ? 64 : 63) + 1)};
}

TEST_CASE("bitmaps: fields are read and written where they are, and nowhere else") {
  TestRandom random(4);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = random.text(24);
    const std::vector<bool> before = bits_of(bytes);
    const FieldType type = any_type(random);
    const std::uint64_t offset = random.below(24 * 8 - type.bits + 1);
    std::uint64_t expected = type.is_signed && before[offset] ? ~std::uint64_t{0} : 0;
    for (unsigned bit = 0; bit < type.bits; ++bit)
      expected = expected << 1U | (before[offset + bit] ? 1U : 0U);
    REQUIRE(read_field(bytes, type, offset) == static_cast<std::int64_t>(expected));

    const auto value = static_cast<std::int64_t>(random.next());
    const auto written = fit(type, value, Overflow::kWrap).value();
    write_field(bytes.data(), type, offset, value);
    REQUIRE(read_field(bytes, type, offset) == written);
    const std::vector<bool> after = bits_of(bytes);
    for (std::uint64_t bit = 0; bit < before.size(); ++bit) {
      if (bit < offset || bit >= offset + type.bits) REQUIRE(before[bit] == after[bit]);
    }
  }
  // Beyond the end there are zeros.
  CHECK(read_field("\xff", {.is_signed = false, .bits = 16}, 0) == 0xFF00);
  CHECK(read_field("\xff", {.is_signed = true, .bits = 64}, 4) ==
        static_cast<std::int64_t>(0xF000000000000000U));
  CHECK(read_field("\xff", {.is_signed = true, .bits = 8}, 1U << 31U) == 0);
}

TEST_CASE("bitmaps: what does not fit wraps, saturates or fails") {
  for (const bool is_signed : {false, true}) {
    const FieldType type{.is_signed = is_signed, .bits = 4};
    for (std::int64_t value = type.min(); value <= type.max(); ++value) {
      for (std::int64_t by = -40; by <= 40; ++by) {
        const std::int64_t sum = value + by;
        const bool fits = sum >= type.min() && sum <= type.max();
        std::int64_t wrapped = ((sum % 16) + 16) % 16;
        if (is_signed && wrapped > 7) wrapped -= 16;
        CHECK(add(type, value, by, Overflow::kWrap) == wrapped);
        CHECK(add(type, value, by, Overflow::kSaturate) == std::clamp(sum, type.min(), type.max()));
        CHECK(add(type, value, by, Overflow::kFail).has_value() == fits);
      }
    }
  }
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const FieldType i64{.is_signed = true, .bits = 64};
  const FieldType u63{.is_signed = false, .bits = 63};
  CHECK(add(i64, kMax, 1, Overflow::kWrap) == -kMax - 1);
  CHECK(add(i64, kMax, kMax, Overflow::kSaturate) == kMax);
  CHECK(add(i64, -kMax - 1, -1, Overflow::kSaturate) == -kMax - 1);
  CHECK(add(u63, kMax, 1, Overflow::kWrap) == 0);
  CHECK(add(u63, kMax, kMax, Overflow::kSaturate) == kMax);
  CHECK(add(u63, 0, -kMax - 1, Overflow::kSaturate) == 0);
  CHECK(fit(u63, -1, Overflow::kSaturate) == kMax);
  CHECK(fit(u63, -1, Overflow::kWrap) == kMax);
  CHECK_FALSE(fit(u63, -1, Overflow::kFail).has_value());
}

TEST_CASE("bitmaps: names of types") {
  for (const char* text : {"i1", "u1", "i64", "u63", "i8"}) CHECK(FieldType::parse(text).has_value());
  for (const char* text :
       {"", "i", "u", "i0", "u0", "i65", "u64", "x8", "I8", "8", "u08", "u-1", "u+1", "i8 "}) {
    CHECK_FALSE(FieldType::parse(text).has_value());
  }
}

}  // namespace
}  // namespace ringhold

#include "common/base/slot.h"

#include <doctest/doctest.h>

#include <string>

namespace ringhold {
namespace {

// The definition, one bit at a time, to hold the fast one against.
std::uint16_t crc16_by_bits(std::string_view bytes) {
  unsigned crc = 0;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = ((crc << 1U) ^ ((crc & 0x8000U) != 0 ? 0x1021U : 0U)) & 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc);
}

TEST_CASE("crc16: the check value of the Redis Cluster specification") {
  CHECK(crc16("123456789") == 0x31C3);
}

TEST_CASE("crc16: agrees with the definition for every length and alignment") {
  std::string text;
  for (unsigned i = 0; i < 70; ++i) {
    CHECK(crc16(text) == crc16_by_bits(text));
    text.push_back(static_cast<char>(i * 37 + 200));
  }
}

TEST_CASE("slot_of: known slots of Redis Cluster") {
  CHECK(slot_of("foo").value == 12182);
  CHECK(slot_of("bar").value == 5061);
  CHECK(slot_of("").value == 0);
  CHECK(slot_of("somekey").value == 11058);
}

// slot_of looks for the tag while it computes the CRC, eight bytes at a time.
TEST_CASE("slot_of: is the CRC of the hash tag, wherever a tag stands") {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t open = 0; open < size; ++open) {
      for (const char filler : {'z', '|', '\0', '\xFB'}) {
        std::string key(size, filler);
        key[open] = '{';
        CHECK(slot_of(key).value == crc16_by_bits(key) % kSlotCount);
        if (open + 3 > size) continue;
        key[size - 1] = '}';
        CHECK(slot_of(key).value == crc16_by_bits(key.substr(open + 1, size - open - 2)) % kSlotCount);
      }
    }
  }
}

TEST_CASE("hash_tag: first brace pair, if not empty") {
  CHECK(hash_tag("{user1000}.following") == "user1000");
  CHECK(hash_tag("foo{}{bar}") == "foo{}{bar}");
  CHECK(hash_tag("foo{{bar}}zap") == "{bar");
  CHECK(hash_tag("foo{bar}{zap}") == "bar");
  CHECK(hash_tag("foo{bar") == "foo{bar");
  CHECK(hash_tag("}{a}") == "a");
}

}  // namespace
}  // namespace ringhold

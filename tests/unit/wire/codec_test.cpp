#include "common/wire/codec.h"

#include <doctest/doctest.h>

#include <string>

namespace ringhold {
namespace {

TEST_CASE("codec: numbers and bytes survive a round trip") {
  ByteBuffer out;
  WireWriter writer(out);
  const std::uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, 1ULL << 35U, (1ULL << 63U) - 1, ~0ULL};
  for (const std::uint64_t number : numbers) writer.varint(number);
  writer.u8(200);
  writer.u32(0xDEADBEEF);
  writer.u64(0x0123456789ABCDEF);
  writer.bytes(std::string_view("a\0b", 3));
  Id128 id;
  id.bytes[15] = 7;
  writer.id(id);

  WireReader in(out.view());
  for (const std::uint64_t number : numbers) CHECK(in.varint() == number);
  CHECK(in.u8() == 200);
  CHECK(in.u32() == 0xDEADBEEF);
  CHECK(in.u64() == 0x0123456789ABCDEF);
  CHECK(in.bytes() == std::string_view("a\0b", 3));
  CHECK(in.id() == id);
  CHECK(in.done());
}

TEST_CASE("codec: numbers are little-endian, whatever the machine") {
  ByteBuffer out;
  WireWriter(out).u32(0x01020304);
  CHECK(out.view() == "\x04\x03\x02\x01");
}

TEST_CASE("codec: whatever is cut off clears ok, and nothing is read after that") {
  ByteBuffer out;
  WireWriter writer(out);
  writer.bytes("hello");
  writer.u64(1);
  for (std::size_t n = 0; n < out.size(); ++n) {
    WireReader in(out.view().substr(0, n));
    (void)in.bytes();
    (void)in.u64();
    CHECK_FALSE(in.ok());
    CHECK(in.left() == 0);
  }
}

TEST_CASE("codec: a length is not believed beyond the bytes that are there") {
  ByteBuffer out;
  WireWriter(out).varint(~0ULL);
  WireReader in(out.view());
  CHECK(in.bytes().empty());
  CHECK_FALSE(in.ok());
}

TEST_CASE("codec: a varint of more than 64 bits is refused") {
  WireReader too_large("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
  (void)too_large.varint();
  CHECK_FALSE(too_large.ok());
  WireReader endless("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
  (void)endless.varint();
  CHECK_FALSE(endless.ok());
}

}  // namespace
}  // namespace ringhold

#include "common/base/byte_buffer.h"

#include <doctest/doctest.h>

#include <string>

namespace ringhold {
namespace {

TEST_CASE("ByteBuffer: content equals a plain string under appends and consumes") {
  ByteBuffer buffer;
  std::string model;
  std::uint32_t seed = 1;
  const auto random = [&seed](std::uint32_t bound) {
    return (seed = seed * 1664525 + 1013904223) / 7 % bound;
  };
  for (int i = 0; i < 20000; ++i) {
    if (random(2) == 0) {
      const std::string piece(random(900), static_cast<char>('a' + random(26)));
      buffer.append(piece);
      model += piece;
    } else {
      const std::size_t n = random(static_cast<std::uint32_t>(model.size() + 1));
      buffer.consume(n);
      model.erase(0, n);
    }
    REQUIRE(buffer.view() == model);
  }
  buffer.clear();
  buffer.release_if_empty();
  CHECK(buffer.capacity() == 0);
}

TEST_CASE("ByteBuffer: moving leaves the source empty") {
  ByteBuffer a;
  a.append("hello");
  const ByteBuffer b = std::move(a);
  CHECK(b.view() == "hello");
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

}  // namespace
}  // namespace ringhold

#include "common/base/byte_buffer.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/base/limits.h"

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

constexpr std::size_t kLarge = limits::kLargeBytesMin;

// Bytes that differ from place to place.
std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 4096);
  return bytes;
}

TEST_CASE("ByteBuffer: it grows beyond the size from which it consists of pages") {
  const std::string content = pattern(5 * kLarge);
  ByteBuffer buffer;
  std::size_t consumed = 0;
  for (std::size_t at = 0; at < content.size(); at += 100000) {
    buffer.append(std::string_view(content).substr(at, 100000));
    if (at % 300000 == 0) {
      buffer.consume(50000);
      consumed += 50000;
    }
    REQUIRE(buffer.capacity() >= buffer.size());
  }
  CHECK((buffer.view() == std::string_view(content).substr(consumed)));
  CHECK(buffer.capacity() < 2 * content.size());
  buffer.consume(buffer.size());
  buffer.release_if_empty();
  CHECK(buffer.capacity() == 0);
}

TEST_CASE("ByteBuffer: takes away what is large and most of it, and keeps what follows") {
  const std::string value = pattern(kLarge + 12345);
  ByteBuffer buffer;
  buffer.append("head ");
  buffer.append(value);
  buffer.append("\r\nrest");
  const std::string_view part = buffer.view().substr(5, value.size());
  LargeBytes taken = buffer.take(part, 5 + value.size() + 2);
  REQUIRE(!taken.empty());
  CHECK((taken.view() == value));
  CHECK(taken.mapped() < value.size() + 2 * pages::kPageBytes);
  CHECK(buffer.view() == "rest");
  buffer.append(" and more");
  CHECK(buffer.view() == "rest and more");
  // What it grows by is zero, though other bytes stood behind it.
  taken.grow(value.size() + 100);
  CHECK((taken.view() == value + std::string(100, '\0')));
}

TEST_CASE("ByteBuffer: does not take away what is small, only a part, or not in it") {
  const std::string value = pattern(3 * kLarge);
  ByteBuffer buffer;
  buffer.append(value);
  CHECK(buffer.take(buffer.view().substr(0, 100), 100).empty());
  CHECK(buffer.take(buffer.view().substr(0, kLarge), kLarge).empty());
  CHECK(buffer.take(value, value.size()).empty());
  CHECK((buffer.view() == value));
}

TEST_CASE("LargeBytes: zero at first, grows with its content, is given back in pieces") {
  LargeBytes bytes(100 * pages::kPageBytes + 1);
  CHECK((bytes.view() == std::string(bytes.size(), '\0')));
  const std::string content = pattern(bytes.size());
  content.copy(bytes.data(), content.size());
  bytes.grow(3 * kLarge);
  CHECK((bytes.view().substr(0, content.size()) == content));
  CHECK(bytes.view().find_first_not_of('\0', content.size()) == std::string_view::npos);
  LargeBytes moved = std::move(bytes);
  std::size_t pieces = 0;
  for (bool done = false; !done; ++pieces) {
    std::size_t pages = 1000;
    done = moved.release_some(pages);
    CHECK((done || pages == 0));
  }
  CHECK(pieces == 4);
  CHECK(moved.mapped() == 0);
}

}  // namespace
}  // namespace ringhold

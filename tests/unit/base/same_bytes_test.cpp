#include "common/base/same_bytes.h"

#include <doctest/doctest.h>

#include <string>

namespace ringhold {
namespace {

TEST_CASE("same_bytes: sees a difference at every place of every size") {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes(size, 'a');
    std::string other = bytes;
    CHECK(same_bytes(bytes, other));
    for (std::size_t at = 0; at < size; ++at) {
      other[at] = 'b';
      CHECK_FALSE(same_bytes(bytes, other));
      other[at] = 'a';
    }
  }
}

TEST_CASE("same_bytes: runs of different sizes differ") {
  CHECK_FALSE(same_bytes("", "a"));
  CHECK_FALSE(same_bytes("abcdefgh", "abcdefghi"));
  CHECK_FALSE(same_bytes(std::string_view("ab\0", 3), "ab"));
}

}  // namespace
}  // namespace ringhold

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/command/command_table.h"

using namespace ringhold;

namespace {

using Args = std::vector<std::string_view>;
using Positions = std::vector<std::uint32_t>;

Positions keys_of(const Args& args) {
  const CommandLookup found = find_command(args);
  REQUIRE(found.row != nullptr);
  Positions positions = {7, 7, 7};
  REQUIRE(key_positions(*found.row, args, positions).ok());
  return positions;
}

Result<void> counted(const Args& args, Positions& positions, std::int16_t first = 0) {
  const CommandRow row{
      .name = "test",
      .keys = {.first = first, .last = first, .step = 1, .numkeys_at = static_cast<std::int16_t>(first + 1)}};
  return key_positions(row, args, positions);
}

}  // namespace

TEST_CASE("keys are where Redis says") {
  CHECK(keys_of({"get", "k"}) == Positions{1});
  CHECK(keys_of({"set", "k", "v", "EX", "5"}) == Positions{1});
  CHECK(keys_of({"set", "k", "v", "5"}) == Positions{1});
  CHECK(keys_of({"mget", "a", "b", "c"}) == Positions{1, 2, 3});
  CHECK(keys_of({"mset", "a", "1", "b", "2"}) == Positions{1, 3});
  CHECK(keys_of({"rename", "a", "b"}) == Positions{1, 2});
  CHECK(keys_of({"copy", "a", "b", "DB", "0"}) == Positions{1, 2});
  CHECK(keys_of({"lcs", "a", "b", "IDX"}) == Positions{1, 2});
  CHECK(keys_of({"object", "encoding", "k"}) == Positions{2});
  CHECK(keys_of({"memory", "usage", "k", "SAMPLES", "0"}) == Positions{2});
  CHECK(keys_of({"ping", "k"}).empty());
  CHECK(keys_of({"scan", "0"}).empty());
  CHECK(keys_of({"cluster", "keyslot", "k"}).empty());
}

TEST_CASE("an argument may say how many keys follow") {
  Positions positions;
  CHECK(counted({"x", "2", "a", "b", "LEFT"}, positions).ok());
  CHECK(positions == Positions{2, 3});
  // A destination before them.
  CHECK(counted({"x", "dest", "1", "a"}, positions, 1).ok());
  CHECK(positions == Positions{1, 3});
}

TEST_CASE("a number of keys that cannot be is refused") {
  Positions positions;
  const std::string not_positive = "ERR numkeys should be greater than 0";
  for (const char* count : {"0", "-1", "x", "", "99999999999999999999"}) {
    CAPTURE(count);
    CHECK(counted({"x", count, "a"}, positions).error().message == not_positive);
  }
  CHECK(counted({"x", "2", "a"}, positions).error().message == "ERR syntax error");
  CHECK(counted({"x", "9223372036854775807", "a"}, positions).error().message == "ERR syntax error");
  CHECK(counted({"x"}, positions).error().message == "ERR syntax error");
}

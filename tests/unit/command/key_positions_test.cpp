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
  CHECK(keys_of({"lmove", "a", "b", "LEFT", "RIGHT"}) == Positions{1, 2});
  CHECK(keys_of({"lmpop", "2", "a", "b", "LEFT"}) == Positions{2, 3});
  CHECK(keys_of({"bitop", "and", "dest", "a", "b"}) == Positions{2, 3, 4});
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

TEST_CASE("keys of commands that combine sorted sets") {
  CHECK(keys_of({"zunion", "2", "a", "b", "WITHSCORES"}) == Positions{2, 3});
  CHECK(keys_of({"zunionstore", "d", "2", "a", "b", "WEIGHTS", "1", "2"}) == Positions{1, 3, 4});
  CHECK(keys_of({"zmpop", "2", "a", "b", "MIN"}) == Positions{2, 3});
  CHECK(keys_of({"zrangestore", "d", "s", "0", "-1"}) == Positions{1, 2});

  const auto error = [](const Args& args) {
    Positions positions;
    return key_positions(*find_command(args).row, args, positions).error().message;
  };
  CHECK(error({"zunion", "0", "a"}) == "ERR at least 1 input key is needed for 'zunion' command");
  CHECK(error({"zinterstore", "d", "-1", "a"}) ==
        "ERR at least 1 input key is needed for 'zinterstore' command");
  CHECK(error({"zintercard", "x", "a"}) == "ERR value is not an integer or out of range");
  CHECK(error({"zdiff", "2", "a"}) == "ERR syntax error");
  CHECK(error({"zmpop", "0", "a", "MIN"}) == "ERR numkeys should be greater than 0");
  CHECK(error({"zmpop", "x", "a", "MIN"}) == "ERR numkeys should be greater than 0");
}

TEST_CASE("SORT has a second key behind STORE, the last one if there are several") {
  CHECK(keys_of({"sort", "k"}) == Positions{1});
  CHECK(keys_of({"sort", "k", "store", "d"}) == Positions{1, 3});
  CHECK(keys_of({"sort", "k", "STORE", "a", "ALPHA", "Store", "b"}) == Positions{1, 6});
  CHECK(keys_of({"sort", "k", "STORE"}) == Positions{1});
  // Not an option, but the value of one.
  CHECK(keys_of({"sort", "k", "BY", "store", "x"}) == Positions{1});
  CHECK(keys_of({"sort", "k", "GET", "store", "STORE", "d"}) == Positions{1, 5});
  CHECK(keys_of({"sort", "k", "LIMIT", "store", "store", "STORE", "d"}) == Positions{1, 6});
  CHECK(keys_of({"sort", "k", "STORE", "store", "d"}) == Positions{1, 3});
  CHECK(keys_of({"sort_ro", "k", "store", "d"}) == Positions{1});
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

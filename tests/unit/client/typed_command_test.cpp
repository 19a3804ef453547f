#include "client/typed_command.h"

#include <doctest/doctest.h>

namespace ringhold::client {
namespace {

using Args = std::vector<std::string>;

TEST_CASE("parse_typed_command: words, quotes and nothing") {
  CHECK(parse_typed_command("set  k \"a b\" 'c'")->args == Args{"set", "k", "a b", "c"});
  CHECK(parse_typed_command("  ")->args.empty());
  CHECK(parse_typed_command("get \"k").error().message == "Invalid argument(s)");
}

TEST_CASE("parse_typed_command: a number in front repeats") {
  const auto command = parse_typed_command("5 incr x");
  CHECK(command->repeat == 5);
  CHECK(command->args == Args{"incr", "x"});
  // Alone it is a command, if no good one.
  CHECK(parse_typed_command("5")->args == Args{"5"});
  CHECK(parse_typed_command("5x incr")->args == Args{"5x", "incr"});
  for (const char* bad : {"0 ping", "-3 ping", "99999999999 ping"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_typed_command(bad).ok());
  }
}

TEST_CASE("bears_password: what must not get into the history") {
  for (const Args& args :
       {Args{"AUTH", "x"}, Args{"auth"}, Args{"auth", "u", "p"}, Args{"hello", "3", "AUTH", "u", "p"},
        Args{"config", "set", "requirepass", "x"}, Args{"Config", "Set", "a", "b", "masterauth", "x"},
        Args{"acl", "setuser", "x", ">p"},
        Args{"migrate", "h", "1", "", "0", "5", "AUTH", "p", "KEYS", "k"}}) {
    CHECK(bears_password(args));
  }
  for (const Args& args :
       {Args{}, Args{"get", "auth"}, Args{"hello", "3"}, Args{"config", "get", "requirepass"},
        Args{"config", "set", "maxmemory", "1"}, Args{"config"}}) {
    CHECK_FALSE(bears_password(args));
  }
}

TEST_CASE("may_bear_password: of lines that cannot be split") {
  CHECK(may_bear_password("AUTH \"x"));
  CHECK(may_bear_password("config set RequirePass 'x"));
  CHECK_FALSE(may_bear_password("set k \"v"));
}

}  // namespace
}  // namespace ringhold::client

#include "common/resp/split_arguments.h"

#include <doctest/doctest.h>

#include <optional>

namespace ringhold {
namespace {

using Words = std::vector<std::string>;

std::optional<Words> split(std::string_view line) {
  std::string storage;
  std::vector<std::string_view> args;
  if (!split_arguments(line, storage, args)) return std::nullopt;
  return Words(args.begin(), args.end());
}

TEST_CASE("split_arguments: blanks") {
  CHECK(split("") == Words{});
  CHECK(split(" \t\v\f ") == Words{});
  CHECK(split("  set  key\tvalue ") == Words{"set", "key", "value"});
  // As sdssplitargs: these two are skipped in front of an argument, but do not end one.
  CHECK(split("a\vb\fc") == Words{"a\vb\fc"});
}

TEST_CASE("split_arguments: double quotes") {
  CHECK(split(R"("")") == Words{""});
  CHECK(split(R"(set "a b" "c")") == Words{"set", "a b", "c"});
  CHECK(split(R"("\n\r\t\b\a\q\\\"")") == Words{"\n\r\t\b\aq\\\""});
  CHECK(split(R"("\x00\xfF\x4a")") == Words{std::string("\0\xff\x4a", 3)});
  CHECK(split(R"("\xg1\x1")") == Words{"xg1x1"});
  CHECK(split(R"("it's")") == Words{"it's"});
}

TEST_CASE("split_arguments: single quotes") {
  CHECK(split("'a \"b\" c'") == Words{"a \"b\" c"});
  CHECK(split(R"('\n\'\x41')") == Words{R"(\n'\x41)"});
}

TEST_CASE("split_arguments: quotes that open within an argument, and bytes of any kind") {
  CHECK(split(R"(foo"bar baz")") == Words{"foobar baz"});
  CHECK(split(std::string_view("a\0b \xff", 5)) == Words{std::string("a\0b", 3), "\xff"});
}

TEST_CASE("split_arguments: unbalanced quotes are refused") {
  for (const char* line : {"\"", "'", "\"foo", "'foo", "\"foo\"bar", "'foo'bar", R"("foo\)", R"("foo\")",
                           "\"\"'", R"('foo\')"}) {
    CAPTURE(line);
    CHECK_FALSE(split(line).has_value());
  }
}

}  // namespace
}  // namespace ringhold

// The expected texts were printed by redis-cli 7.0.15 for the same replies.
#include "client/format_redis_cli.h"

#include <doctest/doctest.h>

#include "common/resp/reply_parser.h"

namespace ringhold::client {
namespace {

ReplyValue reply(std::string_view bytes) {
  auto value = decode_reply(bytes);
  REQUIRE_MESSAGE(value.ok(), std::string(bytes));
  return std::move(*value);
}
std::string terminal(std::string_view bytes) {
  return format_for_terminal(reply(bytes));
}
std::string raw(std::string_view bytes) {
  return format_raw(reply(bytes));
}

TEST_CASE("format_for_terminal: scalars") {
  CHECK(terminal("+OK\r\n") == "OK\n");
  CHECK(terminal("-ERR unknown\r\n") == "(error) ERR unknown\n");
  CHECK(terminal(":12345\r\n") == "(integer) 12345\n");
  CHECK(terminal("$11\r\nHello World\r\n") == "\"Hello World\"\n");
  CHECK(terminal("$0\r\n\r\n") == "\"\"\n");
  CHECK(terminal("$-1\r\n") == "(nil)\n");
  CHECK(terminal("*-1\r\n") == "(nil)\n");
  CHECK(terminal("_\r\n") == "(nil)\n");
  CHECK(terminal(",3.141\r\n") == "(double) 3.141\n");
  CHECK(terminal("#t\r\n") == "(true)\n");
  CHECK(terminal("#f\r\n") == "(false)\n");
  CHECK(terminal("=29\r\ntxt:This is a verbatim\nstring\r\n") == "This is a verbatim\nstring\n");
}

TEST_CASE("format_for_terminal: quoting") {
  const std::string bytes("a\0b\n\"q\" \\ \xff\r\t\a\b\x7f'", 17);
  CHECK(terminal("$17\r\n" + bytes + "\r\n") == R"("a\x00b\n\"q\" \\ \xff\r\t\a\b\x7f'")"
                                                "\n");
}

TEST_CASE("format_for_terminal: arrays are numbered and indented") {
  CHECK(terminal("*0\r\n") == "(empty array)\n");
  CHECK(terminal("*2\r\n$1\r\na\r\n$-1\r\n") == "1) \"a\"\n2) (nil)\n");
  CHECK(terminal("*6\r\n:1\r\n*2\r\n:2\r\n*2\r\n$1\r\na\r\n*0\r\n$-1\r\n+st\r\n-MY e\r\n*2\r\n$1\r\nx\r\n"
                 "*10\r\n+a\r\n+b\r\n+c\r\n+d\r\n+e\r\n+f\r\n+g\r\n+h\r\n+i\r\n+j\r\n") ==
        "1) (integer) 1\n"
        "2) 1) (integer) 2\n"
        "   2) 1) \"a\"\n"
        "      2) (empty array)\n"
        "3) (nil)\n"
        "4) st\n"
        "5) (error) MY e\n"
        "6) 1) \"x\"\n"
        "   2)  1) a\n"
        "       2) b\n"
        "       3) c\n"
        "       4) d\n"
        "       5) e\n"
        "       6) f\n"
        "       7) g\n"
        "       8) h\n"
        "       9) i\n"
        "      10) j\n");
}

TEST_CASE("format_for_terminal: RESP3 sets and maps") {
  CHECK(terminal("~3\r\n:0\r\n:1\r\n:2\r\n") == "1~ (integer) 0\n2~ (integer) 1\n3~ (integer) 2\n");
  CHECK(terminal("~0\r\n") == "(empty set)\n");
  CHECK(terminal("%0\r\n") == "(empty hash)\n");
  CHECK(terminal(">0\r\n") == "(empty push)\n");
  CHECK(terminal("%2\r\n:0\r\n#f\r\n:1\r\n#t\r\n") ==
        "1# (integer) 0 => (false)\n2# (integer) 1 => (true)\n");
}

TEST_CASE("format_for_terminal: a map's value of several lines begins below its key") {
  CHECK(terminal("%4\r\n$1\r\na\r\n*2\r\n:1\r\n:2\r\n$1\r\nd\r\n*1\r\n*1\r\n*1\r\n:7\r\n"
                 "$1\r\nc\r\n*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n:3\r\n$1\r\nb\r\n*0\r\n") ==
        "1# \"a\" => \n"
        "   1) (integer) 1\n"
        "   2) (integer) 2\n"
        "2# \"d\" => 1) 1) 1) (integer) 7\n"
        "3# \"c\" => \n"
        "   1) 1) (integer) 1\n"
        "      2) (integer) 2\n"
        "   2) 1) (integer) 3\n"
        "4# \"b\" => (empty array)\n");
}

TEST_CASE("format_raw: the bytes, one element per line") {
  CHECK(raw("$3\r\na\nb\r\n") == "a\nb");
  CHECK(raw("$-1\r\n").empty());
  CHECK(raw(":-7\r\n") == "-7");
  CHECK(raw("#t\r\n") == "(true)");
  CHECK(raw(",1.5\r\n") == "1.5");
  CHECK(raw("-ERR x\r\n") == "ERR x\n");
  CHECK(raw("*3\r\n+a\r\n$-1\r\n*2\r\n+b\r\n+c\r\n") == "a\n\nb\nc");
  CHECK(raw("%2\r\n:0\r\n#f\r\n:1\r\n#t\r\n") == "0 (false)\n1 (true)");
  CHECK(raw("*0\r\n").empty());
}

TEST_CASE("replies_with_text: the commands whose replies are texts") {
  using Args = std::vector<std::string>;
  for (const Args& args :
       {Args{"INFO"}, Args{"info", "server"}, Args{"Cluster", "NODES"}, Args{"client", "list", "x"},
        Args{"latency", "graph", "e"}, Args{"cluster", "status"}, Args{"memory", "doctor"}}) {
    CHECK(replies_with_text(args));
  }
  for (const Args& args : {Args{}, Args{"get", "info"}, Args{"cluster", "slots"}, Args{"client"},
                           Args{"client", "id"}, Args{"cluster", "info", "x"}}) {
    CHECK_FALSE(replies_with_text(args));
  }
}

TEST_CASE("format_for_terminal: text in all scripts, and nothing that a terminal would obey") {
  set_up_characters();
  const auto shown = [](std::string_view text) { return quoted(text, true); };
  CHECK(shown("e\u0301 \u4e16 \U0001f44d") == "\"e\u0301 \u4e16 \U0001f44d\"");
  CHECK(shown("\xff \u202e \u009b1m \x1b[1m") == R"("\xff \xe2\x80\xae \xc2\x9b1m \x1b[1m")");
  CHECK(shown("\xe4\xb8") == R"("\xe4\xb8")");
}

TEST_CASE("format_for_terminal: colours stand around lines, numbers included") {
  CHECK(format_for_terminal(reply("*3\r\n:1\r\n$-1\r\n$1\r\na\r\n"), {.colours = true}) ==
        "\x1b[36m1) (integer) 1\x1b[0m\n\x1b[90m2) (nil)\x1b[0m\n3) \"a\"\n");
  CHECK(format_for_terminal(reply("-ERR x\r\n"), {.colours = true}) == "\x1b[31m(error) ERR x\x1b[0m\n");
}

TEST_CASE("write_for_terminal: a long list comes in pieces, and can be stopped") {
  ReplyValue list{.kind = ReplyValue::Kind::kArray};
  for (int i = 0; i < 100000; ++i)
    list.elements.push_back({.kind = ReplyValue::Kind::kBulk, .text = "element"});
  std::string whole;
  std::size_t pieces = 0;
  CHECK(write_for_terminal(list, {}, [&](std::string_view piece) {
    whole += piece;
    ++pieces;
    return true;
  }));
  CHECK(pieces > 10);
  CHECK(whole == format_for_terminal(list));
  pieces = 0;
  CHECK_FALSE(write_for_terminal(list, {}, [&](std::string_view) { return ++pieces < 3; }));
  CHECK(pieces == 3);
}

}  // namespace
}  // namespace ringhold::client

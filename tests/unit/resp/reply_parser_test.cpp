#include "common/resp/reply_parser.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <string>

#include "common/resp/reply_writer.h"
#include "tests/unit/resp/feed.h"

namespace ringhold {
namespace {

using Kind = ReplyValue::Kind;
using Status = ReplyParser::Status;

ReplyValue decoded(std::string_view reply) {
  auto value = decode_reply(reply);
  REQUIRE_MESSAGE(value.ok(), std::string(reply));
  return std::move(*value);
}

// One line of text for a reply, to compare whole trees.
std::string describe(const ReplyValue& value) {
  static constexpr const char* kNames[] = {"simple",   "error",  "int", "bulk",    "nil",
                                           "nilarray", "array",  "map", "set",     "push",
                                           "bool",     "double", "big", "verbatim"};
  std::string text = kNames[static_cast<int>(value.kind)];
  if (value.kind == Kind::kInteger || value.kind == Kind::kBoolean) text += std::to_string(value.integer);
  text += "(" + value.format + value.text;
  for (const ReplyValue& element : value.elements) text += describe(element) + ";";
  return text + ")";
}

TEST_CASE("decode_reply: every kind") {
  CHECK(describe(decoded("+OK\r\n")) == "simple(OK)");
  CHECK(describe(decoded("-ERR no\r\n")) == "error(ERR no)");
  CHECK(describe(decoded("!6\r\nERR\r\nx\r\n")) == "error(ERR\r\nx)");
  CHECK(describe(decoded(":-42\r\n")) == "int-42()");
  CHECK(describe(decoded("$4\r\na\r\nb\r\n")) == "bulk(a\r\nb)");
  CHECK(describe(decoded("$-1\r\n")) == "nil()");
  CHECK(describe(decoded("_\r\n")) == "nil()");
  CHECK(describe(decoded("*-1\r\n")) == "nilarray()");
  CHECK(describe(decoded("*0\r\n")) == "array()");
  CHECK(describe(decoded("*2\r\n*1\r\n:1\r\n+x\r\n")) == "array(array(int1(););simple(x);)");
  CHECK(describe(decoded("%1\r\n+k\r\n~2\r\n#t\r\n#f\r\n")) == "map(simple(k);set(bool1();bool0(););)");
  CHECK(describe(decoded(">1\r\n(123\r\n")) == "push(big(123);)");
  CHECK(describe(decoded("=8\r\nmkd:# hi\r\n")) == "verbatim(mkd# hi)");
  CHECK(describe(decoded(",3.25\r\n")) == "double(3.25)");
}

TEST_CASE("decode_reply: doubles") {
  CHECK(decoded(",3.25\r\n").number == 3.25);
  CHECK(decoded(",-1e-3\r\n").number == -0.001);
  CHECK(decoded(",+7\r\n").number == 7);
  CHECK(decoded(",-inf\r\n").number == -INFINITY);
  CHECK(std::isnan(decoded(",nan\r\n").number));
  CHECK(decoded(",1e999\r\n").number == INFINITY);
  CHECK(decoded(",-1e-999\r\n").number == 0);
  for (const char* bad : {",\r\n", ",x\r\n", ",1.5x\r\n", ",infinity\r\n", ",0x10\r\n", ",--1\r\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(decode_reply(bad).ok());
  }
}

TEST_CASE("decode_reply: attributes are skipped at every level") {
  CHECK(describe(decoded("|1\r\n+ttl\r\n:3\r\n+OK\r\n")) == "simple(OK)");
  CHECK(describe(decoded("*2\r\n|1\r\n+a\r\n*1\r\n+b\r\n:1\r\n|0\r\n:2\r\n")) == "array(int1();int2();)");
  CHECK(describe(decoded("|1\r\n|1\r\n+x\r\n+y\r\n+k\r\n+v\r\n$1\r\nz\r\n")) == "bulk(z)");
}

std::string nested(std::size_t depth) {
  std::string reply;
  for (std::size_t i = 0; i < depth; ++i) reply += "*1\r\n";
  return reply + ":1\r\n";
}

TEST_CASE("ReplyParser: hostile replies are errors") {
  const std::string hostile[] = {
      "hello\r\n",
      std::string("\0\r\n", 3),
      "*2000000000\r\n",
      "*-2\r\n",
      "%-1\r\n",
      "~-1\r\n",
      "%200000000000\r\n",
      "*99999999999999999999\r\n",
      "*01\r\n",
      "*+1\r\n",
      "*\r\n",
      "*" + std::string(100, '1'),
      "$-2\r\n",
      "$536870913\r\n",
      "$9223372036854775807\r\n",
      "$2\r\nabcd",
      "=3\r\nabc\r\n",
      "=5\r\nabcde\r\n",
      "=-1\r\n",
      "!-1\r\n",
      ":\r\n",
      ":1.5\r\n",
      ":9223372036854775808\r\n",
      "#x\r\n",
      "_x\r\n",
      "(12a\r\n",
      "(\r\n",
      "+a\rb",
      "$?\r\n",
      "*?\r\n",
      "%?\r\n",
      ";4\r\n",
      ".\r\n",
      nested(limits::kReplyDepthMax + 1),
      nested(100000),
      "+" + std::string(limits::kReplyLineBytesMax + 1, 'x'),
      "+" + std::string(limits::kReplyLineBytesMax + 1, 'x') + "\r\n",
  };
  for (const std::string& bytes : hostile) {
    CAPTURE(bytes.substr(0, 60));
    ReplyParser parser;
    CHECK(parser.next(bytes) == Status::kError);
    CHECK_FALSE(parser.error().empty());
    CHECK(parser.next("+OK\r\n") == Status::kError);
    parser.reset();
    CHECK(parser.next("+OK\r\n") == Status::kReply);
  }
}

TEST_CASE("ReplyParser: the deepest reply and the longest line that are accepted") {
  CHECK(decode_reply(nested(limits::kReplyDepthMax)).ok());
  CHECK(decode_reply("+" + std::string(limits::kReplyLineBytesMax, 'x') + "\r\n").ok());
}

// A random reply, written as a server would write it.
void write_random(ReplyWriter& out, test::Dice& dice, int depth) {
  const std::string text(dice.roll(30), static_cast<char>('a' + dice.roll(26)));
  const std::size_t count = depth > 0 ? dice.roll(4) : 0;
  const auto children = [&out, &dice, depth](std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) write_random(out, dice, depth - 1);
  };
  switch (dice.roll(13)) {
    case 0:
      return out.simple(text);
    case 1:
      return out.error(text);
    case 2:
      return out.integer(static_cast<std::int64_t>(dice.roll(1000)) - 500);
    case 3:
      return out.null();
    case 4:
      return out.null_array();
    case 5:
      return out.boolean(dice.roll(2) == 0);
    case 6:
      return out.number(dice.roll(1000) / 8.0);
    case 7:
      return out.verbatim(text);
    case 8:
      out.map(count);
      return children(count * 2);
    case 9:
      out.set(count);
      return children(count);
    case 10:
      out.array(count);
      return children(count);
    default:
      return out.bulk(text);
  }
}

TEST_CASE("ReplyParser: replies end at the same byte however they are split") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    test::Dice dice(seed);
    ByteBuffer buffer;
    ReplyWriter writer(buffer, seed % 2 == 0 ? RespVersion::k2 : RespVersion::k3);
    write_random(writer, dice, 5);
    const std::string reply(buffer.view());
    REQUIRE(decode_reply(reply).ok());
    ReplyParser parser;
    for (std::size_t n = 0; n < reply.size(); ++n) {
      if (dice.roll(3) == 0) continue;
      const std::unique_ptr<char[]> moved(new char[n]);
      reply.copy(moved.get(), n);
      REQUIRE(parser.next({moved.get(), n}) == Status::kNeedMore);
    }
    // What stands behind the reply does not matter.
    REQUIRE(parser.next(reply + "+more\r\n") == Status::kReply);
    CHECK(parser.consumed() == reply.size());
    CHECK_FALSE(decode_reply(reply + "+").ok());
    CHECK_FALSE(decode_reply(reply.substr(0, reply.size() - 1)).ok());
  }
}

// A parser that began anew with every byte would run for many minutes here.
TEST_CASE("ReplyParser: large replies byte by byte are linear") {
  std::string many = "*300000\r\n";
  for (int i = 0; i < 300000; ++i) many += ":1\r\n";
  const std::string bulk = "$4000000\r\n" + std::string(4000000, 'x') + "\r\n";
  const std::string line = "+" + std::string(1000000, 'x') + "\r\n";
  for (const std::string& reply : {many, bulk, line}) {
    ReplyParser parser;
    for (std::size_t n = 1; n < reply.size(); ++n) {
      REQUIRE(parser.next(std::string_view(reply).substr(0, n)) == Status::kNeedMore);
    }
    CHECK(parser.next(reply) == Status::kReply);
  }
}

TEST_CASE("split_aggregate: the raw bytes of each element") {
  using Pieces = std::vector<std::string_view>;
  CHECK(*split_aggregate("*3\r\n$1\r\na\r\n*1\r\n:1\r\n_\r\n") ==
        Pieces{"$1\r\na\r\n", "*1\r\n:1\r\n", "_\r\n"});
  CHECK(*split_aggregate("%1\r\n+k\r\n+v\r\n") == Pieces{"+k\r\n", "+v\r\n"});
  CHECK(*split_aggregate("|1\r\n+a\r\n+b\r\n~1\r\n|0\r\n+k\r\n") == Pieces{"|0\r\n+k\r\n"});
  CHECK(split_aggregate("*0\r\n")->empty());
  CHECK(split_aggregate("*-1\r\n")->empty());
  for (const char* bad : {"", "+OK\r\n", "-ERR\r\n", "$1\r\na\r\n", "*2\r\n:1\r\n", "*1\r\n:1\r\n:2\r\n",
                          "*1\r\n?\r\n", "|1\r\n+a\r\n", "*"}) {
    CAPTURE(bad);
    CHECK_FALSE(split_aggregate(bad).ok());
  }
}

}  // namespace
}  // namespace ringhold

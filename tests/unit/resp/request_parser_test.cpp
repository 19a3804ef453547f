#include "common/resp/request_parser.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/resp/feed.h"

namespace ringhold {
namespace {

using test::Dice;
using test::feed_bytewise;
using test::feed_requests;
using test::feed_whole;
using test::Parsed;
using Requests = std::vector<std::vector<std::string>>;

std::string encode(const std::vector<std::string>& args) {
  std::string bytes = "*" + std::to_string(args.size()) + "\r\n";
  for (const std::string& arg : args) bytes += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  return bytes;
}

TEST_CASE("RequestParser: one command, zero-copy") {
  const std::string bytes = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n";
  RequestParser parser;
  REQUIRE(parser.next(bytes) == RequestParser::Status::kRequest);
  REQUIRE(parser.args().size() == 3);
  CHECK(parser.args()[0] == "SET");
  CHECK(parser.args()[1].data() == bytes.data() + 17);
  CHECK(parser.args()[2].empty());
  CHECK(parser.consumed() == bytes.size());
}

TEST_CASE("RequestParser: a pipeline gives the same requests however it is split") {
  std::string bytes;
  Requests expected;
  Dice dice(7);
  for (int i = 0; i < 60; ++i) {
    std::vector<std::string> args(1 + dice.roll(5));
    for (std::string& arg : args) arg.assign(dice.roll(40), static_cast<char>(dice.roll(256)));
    bytes += encode(args);
    expected.push_back(args);
    if (dice.roll(4) == 0) {
      bytes += "GET  key\r\n";
      expected.push_back({"GET", "key"});
    }
    if (dice.roll(8) == 0) {
      bytes += "*0\r\n\r\n";
      expected.emplace_back();
      expected.emplace_back();
    }
  }
  CHECK(feed_whole(bytes) == Parsed{expected, "", 0});
  CHECK(feed_bytewise(bytes) == Parsed{expected, "", 0});
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    Dice pieces(seed);
    CHECK(feed_requests(RequestParser(), bytes, [&pieces](std::size_t) { return 1 + pieces.roll(50); }) ==
          Parsed{expected, "", 0});
  }
}

TEST_CASE("RequestParser: what is cut off is waited for, wherever it is cut") {
  const std::string bytes = encode({"SET", "key", std::string(1000, 'v')});
  for (std::size_t n = 1; n < bytes.size(); ++n) {
    const Parsed parsed = feed_whole(bytes.substr(0, n));
    CHECK(parsed == Parsed{{}, "", n});
  }
}

TEST_CASE("RequestParser: empty requests") {
  for (const char* empty : {"*0\r\n", "*-1\r\n", "*-10\r\n", "\r\n", "\n", "   \r\n"}) {
    CAPTURE(empty);
    CHECK(feed_bytewise(std::string(empty) + "PING\r\n") == Parsed{{{}, {"PING"}}, "", 0});
  }
}

TEST_CASE("RequestParser: Redis's protocol errors, the same for every split") {
  struct Case {
    std::string bytes;
    const char* error;
  };
  const Case cases[] = {
      {"*3000000000\r\n", "invalid multibulk length"},
      {"*1048577\r\n", "invalid multibulk length"},
      {"*99999999999999999999999\r\n", "invalid multibulk length"},
      {"*x\r\n", "invalid multibulk length"},
      {"*\r\n", "invalid multibulk length"},
      {"*01\r\n", "invalid multibulk length"},
      {"*+1\r\n", "invalid multibulk length"},
      {"*-0\r\n", "invalid multibulk length"},
      {"* 1\r\n", "invalid multibulk length"},
      {"*1 \r\n", "invalid multibulk length"},
      {std::string("*\0003\r\n", 5), "invalid multibulk length"},
      {"*1\r\n*1\r\n$4\r\nPING\r\n", "expected '$', got '*'"},
      {"*1\r\nfoo\r\n", "expected '$', got 'f'"},
      {"*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", "expected '$', got 'f'"},
      {"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-10\r\n", "invalid bulk length"},
      {"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-1\r\n", "invalid bulk length"},
      {"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$2000000000\r\n", "invalid bulk length"},
      {"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$blabla\r\n", "invalid bulk length"},
      {"*1\r\n$536870913\r\n", "invalid bulk length"},
      {"*1\r\n$18446744073709551617\r\n", "invalid bulk length"},
      {"*1\r\n$9223372036854775807\r\n", "invalid bulk length"},
      {"*1\r\n$\r\n", "invalid bulk length"},
      {"*1\r\n$04\r\nPING\r\n", "invalid bulk length"},
      {"*1\r\n$4\nPING\r\n", "invalid bulk length"},
      // The length lies: the two bytes behind the argument are skipped, the next header is wrong.
      {"*2\r\n$2\r\nGET\r\n$1\r\nx\r\n", "expected '$', got '\n'"},
      {"set \"\"\"key\"\"\" value\r\n", "unbalanced quotes in request"},
      {"set 'key value\r\n", "unbalanced quotes in request"},
      {std::string(limits::kInlineBytesMax + 1, 'x'), "too big inline request"},
      {std::string(limits::kInlineBytesMax + 1, 'x') + "\r\n", "too big inline request"},
      {"*" + std::string(limits::kInlineBytesMax, '1'), "too big mbulk count string"},
      {"*1\r\n$" + std::string(limits::kInlineBytesMax, '1'), "too big bulk count string"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.bytes.substr(0, 60));
    const std::string error = std::string("ERR Protocol error: ") + one.error;
    CHECK(feed_whole(one.bytes).error == error);
    if (one.bytes.size() < 1000) CHECK(feed_bytewise(one.bytes).error == error);
    const auto halves = [&one](std::size_t) { return one.bytes.size() / 2; };
    CHECK(feed_requests(RequestParser(), one.bytes, halves).error == error);
  }
}

TEST_CASE("RequestParser: the longest inline command and header line that are accepted") {
  const std::string longest(64 * 1024 - 1, 'x');
  CHECK(feed_whole(longest + "\r\n").requests == Requests{{longest}});
  CHECK(feed_whole(longest + "x\n").requests == Requests{{longest + "x"}});
  CHECK(feed_whole(longest + "xx").error == "ERR Protocol error: too big inline request");
  CHECK(feed_whole("*" + longest).error.empty());
  CHECK(feed_whole("*" + longest + "x").error == "ERR Protocol error: too big mbulk count string");
}

TEST_CASE("RequestParser: an error is final") {
  RequestParser parser;
  REQUIRE(parser.next("*x\r\n") == RequestParser::Status::kError);
  CHECK(parser.next("*1\r\n$4\r\nPING\r\n") == RequestParser::Status::kError);
  CHECK(parser.args().empty());
}

TEST_CASE("RequestParser: before authentication little is accepted, and the errors say why") {
  const RequestLimits limits = RequestLimits::before_auth();
  CHECK(feed_whole("*11\r\n", limits).error == "ERR Protocol error: unauthenticated multibulk length");
  CHECK(feed_whole("*1\r\n$16385\r\n", limits).error == "ERR Protocol error: unauthenticated bulk length");
  CHECK(feed_whole("*3000000000\r\n", limits).error == "ERR Protocol error: invalid multibulk length");
  CHECK(feed_whole("*1\r\n$2000000000\r\n", limits).error == "ERR Protocol error: invalid bulk length");
  CHECK(feed_whole("*10\r\n$16384\r\n", limits).error.empty());
}

TEST_CASE("RequestParser: limits can be raised between two requests") {
  RequestParser parser(RequestLimits::before_auth());
  REQUIRE(parser.next(encode({"AUTH", "secret"})) == RequestParser::Status::kRequest);
  parser.set_limits({});
  CHECK(parser.next(encode({"SET", "k", std::string(20000, 'v')})) == RequestParser::Status::kRequest);
}

TEST_CASE("RequestParser: a whole request has a limit of its own") {
  const RequestLimits limits{.request_bytes_max = 100};
  CHECK(feed_whole(encode({"SET", "k", std::string(40, 'v')}), limits).error.empty());
  CHECK(feed_bytewise(encode({"SET", std::string(40, 'k'), std::string(40, 'v')}), limits).error ==
        "ERR Protocol error: too big request");
}

TEST_CASE("RequestParser: says how much it waits for, and takes nothing in advance") {
  RequestParser parser;
  const std::string head = "*2\r\n$4\r\nECHO\r\n$1000000\r\n";
  CHECK(parser.next(head.substr(0, 16)) == RequestParser::Status::kNeedMore);
  CHECK(parser.bytes_expected() == 0);
  CHECK(parser.next(head) == RequestParser::Status::kNeedMore);
  CHECK(parser.bytes_expected() == head.size() + 1000000 + 2);
}

// A parser that looked at all bytes again with each new one would run for many minutes here.
TEST_CASE("RequestParser: a large bulk string and many arguments byte by byte are linear") {
  const std::string bulk = encode({"SET", "k", std::string(4 << 20U, 'v')});
  const std::string many = encode(std::vector<std::string>(300000, "x"));
  for (const std::string& bytes : {bulk, many}) {
    RequestParser parser;
    for (std::size_t n = 1; n < bytes.size(); ++n) {
      REQUIRE(parser.next(std::string_view(bytes).substr(0, n)) == RequestParser::Status::kNeedMore);
    }
    REQUIRE(parser.next(bytes) == RequestParser::Status::kRequest);
    CHECK(parser.consumed() == bytes.size());
  }
}

TEST_CASE("RequestParser: memory of a large request can be given back") {
  RequestParser parser;
  const std::string bytes = encode(std::vector<std::string>(100000, "x"));
  REQUIRE(parser.next(bytes) == RequestParser::Status::kRequest);
  CHECK(parser.args().size() == 100000);
  parser.release_memory();
  CHECK(parser.args().empty());
  CHECK(parser.next(encode({"PING"})) == RequestParser::Status::kRequest);
}

}  // namespace
}  // namespace ringhold

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/library/reply_conversion.h"
#include "ringhold/reply.h"

namespace ringhold {
namespace {

using Kind = Failure::Kind;
using Strings = std::vector<std::string>;

// What a client makes of these bytes.
Expected<Reply> received(std::string_view bytes) {
  ReplyParser parser;
  REQUIRE(parser.next(bytes) == ReplyParser::Status::kReply);
  auto value = decode_reply(bytes);
  REQUIRE(value.ok());
  return client::to_expected(std::move(*value));
}

template <typename T>
T read(std::string_view bytes) {
  auto value = received(bytes).as<T>();
  REQUIRE_MESSAGE(value.ok(), (value.ok() ? "" : value.failure().message));
  return *std::move(value);
}

template <typename T>
std::string refusal(std::string_view bytes) {
  const auto value = received(bytes).as<T>();
  REQUIRE_FALSE(value.ok());
  CHECK(value.failure().kind == Kind::kWrongType);
  return value.failure().message;
}

TEST_CASE("Reply: every kind of RESP3") {
  const auto kind = [](std::string_view bytes) { return received(bytes)->kind(); };
  CHECK(kind("_\r\n") == Reply::Kind::kNull);
  CHECK(kind("$-1\r\n") == Reply::Kind::kNull);
  CHECK(kind("*-1\r\n") == Reply::Kind::kNull);
  CHECK(kind("$1\r\na\r\n") == Reply::Kind::kString);
  CHECK(kind("=5\r\ntxt:a\r\n") == Reply::Kind::kString);
  CHECK(kind("+OK\r\n") == Reply::Kind::kStatus);
  CHECK(kind(":1\r\n") == Reply::Kind::kInteger);
  CHECK(kind(",1.5\r\n") == Reply::Kind::kDouble);
  CHECK(kind("#t\r\n") == Reply::Kind::kBoolean);
  CHECK(kind("(123\r\n") == Reply::Kind::kBigNumber);
  CHECK(kind("*0\r\n") == Reply::Kind::kArray);
  CHECK(kind("%0\r\n") == Reply::Kind::kMap);
  CHECK(kind("~0\r\n") == Reply::Kind::kSet);
  CHECK(received("*1\r\n-ERR in\r\n")->elements()[0].kind() == Reply::Kind::kError);
}

TEST_CASE("Reply: strings") {
  CHECK(read<std::string>("$3\r\na\r\n\r\n") == "a\r\n");
  CHECK(read<std::string>("+OK\r\n") == "OK");
  CHECK(read<std::string>(":-12\r\n") == "-12");
  CHECK(read<std::string>(",0.10\r\n") == "0.10");
  CHECK(refusal<std::string>("_\r\n") == "expected a string; the reply is null");
  CHECK(refusal<std::string>("*2\r\n:1\r\n:2\r\n") == "expected a string; the reply is an array of 2");
}

TEST_CASE("Reply: numbers") {
  CHECK(read<int>(":7\r\n") == 7);
  CHECK(read<std::int64_t>("$20\r\n-9223372036854775808\r\n") == std::numeric_limits<std::int64_t>::min());
  CHECK(read<std::uint8_t>(":255\r\n") == 255);
  CHECK(refusal<std::uint8_t>(":256\r\n") ==
        "expected an integer of fewer bits; the reply is an integer 256");
  CHECK(refusal<unsigned>(":-1\r\n") == "expected an integer of fewer bits; the reply is an integer -1");
  CHECK(refusal<int>("$4\r\n 1 2\r\n") == "expected an integer; the reply is a string ' 1 2'");
  CHECK(refusal<int>("+OK\r\n") == "expected an integer; the reply is a status 'OK'");
  CHECK(read<double>(",1.5\r\n") == 1.5);
  CHECK(read<double>(",-inf\r\n") == -std::numeric_limits<double>::infinity());
  CHECK(read<double>(":3\r\n") == 3.0);
  CHECK(read<float>("$3\r\n0.5\r\n") == 0.5F);
  CHECK(refusal<double>("$4\r\n0.5x\r\n") == "expected a number; the reply is a string '0.5x'");
  CHECK(read<bool>("#t\r\n"));
  CHECK_FALSE(read<bool>(":0\r\n"));
  CHECK(refusal<bool>(":2\r\n") == "expected a boolean; the reply is an integer 2");
}

TEST_CASE("Reply: null is an empty optional, and no other thing") {
  CHECK(read<std::optional<std::string>>("_\r\n") == std::nullopt);
  CHECK(read<std::optional<std::string>>("$0\r\n\r\n") == "");
  CHECK(read<std::optional<int>>(":0\r\n") == 0);
  refusal<int>("_\r\n");
  refusal<Strings>("*-1\r\n");
  CHECK(read<Reply>("_\r\n").is_null());
}

TEST_CASE("Reply: arrays, sets, maps and pairs") {
  CHECK(read<Strings>("*2\r\n$1\r\na\r\n:2\r\n") == Strings{"a", "2"});
  CHECK(read<std::vector<std::optional<int>>>("*2\r\n_\r\n:2\r\n") ==
        std::vector<std::optional<int>>{std::nullopt, 2});
  CHECK(read<std::set<std::string>>("~2\r\n+b\r\n+a\r\n") == std::set<std::string>{"a", "b"});
  CHECK(read<Strings>("~1\r\n+b\r\n") == Strings{"b"});
  using Map = std::map<std::string, int>;
  CHECK(read<Map>("%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n") == Map{{"a", 1}, {"b", 2}});
  CHECK(read<Map>("*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n") == Map{{"a", 1}, {"b", 2}});
  CHECK(read<Map>("*2\r\n*2\r\n+a\r\n:1\r\n*2\r\n+b\r\n:2\r\n") == Map{{"a", 1}, {"b", 2}});
  CHECK(read<std::unordered_map<std::string, int>>("%1\r\n+a\r\n:1\r\n").at("a") == 1);
  using Scores = std::vector<std::pair<std::string, double>>;
  CHECK(read<Scores>("*2\r\n*2\r\n+z\r\n,1.5\r\n*2\r\n+a\r\n,2\r\n") == Scores{{"z", 1.5}, {"a", 2}});
  CHECK(read<std::pair<std::string, Strings>>("*2\r\n+0\r\n*1\r\n+k\r\n") ==
        std::pair<std::string, Strings>("0", {"k"}));
  CHECK(refusal<Map>("*3\r\n+a\r\n:1\r\n+b\r\n") ==
        "expected a map, or an array of pairs; the reply is an array of 3");
  CHECK(refusal<Map>("*2\r\n*2\r\n+a\r\n:1\r\n+b\r\n") ==
        "expected an array of two; the reply is a status 'b'");
  CHECK(refusal<Map>("%1\r\n+a\r\n+x\r\n") == "expected an integer; the reply is a status 'x'");
  refusal<std::pair<int, int>>("*3\r\n:1\r\n:2\r\n:3\r\n");
  refusal<Strings>("%1\r\n+a\r\n+x\r\n");
}

TEST_CASE("Reply: an error inside an array is told with its own words") {
  const auto values = received("*2\r\n+a\r\n-WRONGTYPE no\r\n").as<Strings>();
  REQUIRE_FALSE(values.ok());
  CHECK(values.failure().kind == Kind::kErrorReply);
  CHECK(values.failure().code == "WRONGTYPE");
}

TEST_CASE("Reply: reading a copy leaves the original as it was") {
  const auto reply = received("*1\r\n$3\r\nabc\r\n");
  CHECK(reply.as<Strings>().ok());
  CHECK(reply->as<Strings>().ok());
  CHECK(reply->elements()[0].text() == "abc");
}

struct Point {
  int x = 0;
  int y = 0;
};

}  // namespace

template <>
struct ReplyReader<Point> {
  static Expected<Point> read(Reply&& reply) {
    const auto both = std::move(reply).as<std::pair<int, int>>();
    if (!both) return both.failure();
    return Point{both->first, both->second};
  }
};

namespace {

TEST_CASE("Reply: a program's own type") {
  const auto point = received("*2\r\n:3\r\n:4\r\n").as<Point>();
  REQUIRE(point.ok());
  CHECK(point->x + point->y == 7);
}

}  // namespace
}  // namespace ringhold

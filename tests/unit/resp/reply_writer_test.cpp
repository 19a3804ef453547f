#include "common/resp/reply_writer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

namespace ringhold {
namespace {

template <typename Write>
std::string written(RespVersion version, Write write) {
  ByteBuffer out;
  ReplyWriter writer(out, version);
  write(writer);
  return std::string(out.view());
}

struct Both {
  std::string resp2;
  std::string resp3;
  bool operator==(const Both&) const = default;
};
template <typename Write>
Both both(Write write) {
  return {written(RespVersion::k2, write), written(RespVersion::k3, write)};
}
Both same(const char* text) {
  return {text, text};
}

TEST_CASE("ReplyWriter: what is the same in both versions") {
  CHECK(both([](ReplyWriter& w) { w.ok(); }) == same("+OK\r\n"));
  CHECK(both([](ReplyWriter& w) { w.simple("PONG"); }) == same("+PONG\r\n"));
  CHECK(both([](ReplyWriter& w) { w.bulk(""); }) == same("$0\r\n\r\n"));
  CHECK(both([](ReplyWriter& w) { w.bulk("a\r\nb"); }) == same("$4\r\na\r\nb\r\n"));
  CHECK(both([](ReplyWriter& w) { w.array(0); }) == same("*0\r\n"));
  CHECK(both([](ReplyWriter& w) { w.array(1234567); }) == same("*1234567\r\n"));
  CHECK(both([](ReplyWriter& w) { w.raw(":1\r\n"); }) == same(":1\r\n"));
}

TEST_CASE("ReplyWriter: an error never breaks the line") {
  CHECK(both([](ReplyWriter& w) { w.error("ERR bad 'a\r\n+OK\r\n'"); }) == same("-ERR bad 'a  +OK  '\r\n"));
}

TEST_CASE("ReplyWriter: integers over the whole range") {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{9}, std::int64_t{10}, std::int64_t{-1}, std::int64_t{-10},
        std::int64_t{1234567890123}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    const std::string expected = ":" + std::to_string(value) + "\r\n";
    CHECK(both([value](ReplyWriter& w) { w.integer(value); }) == Both{expected, expected});
  }
}

TEST_CASE("ReplyWriter: bulk strings of every length around a power of ten") {
  for (const std::size_t n : {9U, 10U, 99U, 100U, 999U, 1000U, 99999U, 100000U}) {
    const std::string text(n, 'x');
    const std::string expected = "$" + std::to_string(n) + "\r\n" + text + "\r\n";
    CHECK(written(RespVersion::k2, [&text](ReplyWriter& w) { w.bulk(text); }) == expected);
  }
}

TEST_CASE("ReplyWriter: what the versions tell apart") {
  CHECK(both([](ReplyWriter& w) { w.null(); }) == Both{"$-1\r\n", "_\r\n"});
  CHECK(both([](ReplyWriter& w) { w.null_array(); }) == Both{"*-1\r\n", "_\r\n"});
  CHECK(both([](ReplyWriter& w) { w.map(6); }) == Both{"*12\r\n", "%6\r\n"});
  CHECK(both([](ReplyWriter& w) { w.set(3); }) == Both{"*3\r\n", "~3\r\n"});
  CHECK(both([](ReplyWriter& w) { w.push(2); }) == Both{"*2\r\n", ">2\r\n"});
  CHECK(both([](ReplyWriter& w) { w.boolean(true); }) == Both{":1\r\n", "#t\r\n"});
  CHECK(both([](ReplyWriter& w) { w.boolean(false); }) == Both{":0\r\n", "#f\r\n"});
  CHECK(both([](ReplyWriter& w) { w.big_number("12345678901234567890"); }) ==
        Both{"$20\r\n12345678901234567890\r\n", "(12345678901234567890\r\n"});
  CHECK(both([](ReplyWriter& w) { w.verbatim("hello\n"); }) ==
        Both{"$6\r\nhello\n\r\n", "=10\r\ntxt:hello\n\r\n"});
}

TEST_CASE("ReplyWriter: doubles as Redis 7.0 prints them") {
  const auto number = [](double value) { return both([value](ReplyWriter& w) { w.number(value); }); };
  CHECK(number(1) == Both{"$1\r\n1\r\n", ",1\r\n"});
  CHECK(number(-0.5) == Both{"$4\r\n-0.5\r\n", ",-0.5\r\n"});
  CHECK(number(0.1) == Both{"$19\r\n0.10000000000000001\r\n", ",0.10000000000000001\r\n"});
  CHECK(number(3e20) == Both{"$5\r\n3e+20\r\n", ",3e+20\r\n"});
  CHECK(number(INFINITY) == Both{"$3\r\ninf\r\n", ",inf\r\n"});
  CHECK(number(-INFINITY) == Both{"$4\r\n-inf\r\n", ",-inf\r\n"});
  CHECK(number(-NAN) == Both{"$3\r\nnan\r\n", ",nan\r\n"});
  CHECK(number(std::numeric_limits<double>::denorm_min()).resp3 == ",4.9406564584124654e-324\r\n");
  CHECK(number(-std::numeric_limits<double>::max()).resp3 == ",-1.7976931348623157e+308\r\n");
}

}  // namespace
}  // namespace ringhold

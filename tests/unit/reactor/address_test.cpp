#include "common/reactor/address.h"

#include <doctest/doctest.h>

namespace ringhold {
namespace {

TEST_CASE("parse_address: good ones survive a round trip") {
  for (const char* text : {"127.0.0.1:9443", "[::1]:1", "localhost:0", "data-1.example.org:65535"}) {
    CHECK(parse_address(text).value().text() == text);
  }
}

TEST_CASE("regression: all spellings of one address are one address") {
  for (const char* text : {"[::1]:1", "[0:0:0:0:0:0:0:1]:1", "[0000::0001]:1"})
    CHECK(parse_address(text).value() == Address{"::1", 1});
  CHECK(parse_address("[FE80::A]:1").value() == Address{"fe80::a", 1});
  CHECK(parse_address("Data-1.Example.ORG:1").value() == Address{"data-1.example.org", 1});
  CHECK(parse_address("[0::0]:1").value().is_wildcard());
  // Names are not resolved.
  CHECK(parse_address("localhost:1").value() != parse_address("127.0.0.1:1").value());
  // What is no IPv6 address stays as it is written.
  CHECK(parse_address("[1::2::3]:1").value().host == "1::2::3");
}

TEST_CASE("parse_address: bad ones say why") {
  for (const char* text :
       {"", "localhost", ":1", "[]:1", "a:b", "a:65536", "a:-1", "a b:1", "::1:80", "a:01", "a:"}) {
    CAPTURE(text);
    const auto address = parse_address(text);
    REQUIRE_FALSE(address.ok());
    CHECK(address.error().message.find("HOST:PORT") != std::string::npos);
  }
}

}  // namespace
}  // namespace ringhold

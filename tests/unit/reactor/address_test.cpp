#include "common/reactor/address.h"

#include <doctest/doctest.h>

namespace ringhold {
namespace {

TEST_CASE("parse_address: good ones survive a round trip") {
  for (const char* text : {"127.0.0.1:9443", "[::1]:1", "localhost:0", "data-1.example.org:65535"}) {
    CHECK(parse_address(text).value().text() == text);
  }
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

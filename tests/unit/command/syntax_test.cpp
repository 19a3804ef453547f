#include <doctest/doctest.h>

#include "common/command/syntax.h"

using namespace ringhold;
using Kind = SyntaxNode::Kind;

TEST_CASE("plain words are values or tokens") {
  const std::vector<SyntaxNode> nodes = parse_syntax("key milliseconds PX");
  REQUIRE(nodes.size() == 3);
  CHECK(nodes[0].kind == Kind::kValue);
  CHECK(nodes[0].name == "key");
  CHECK(nodes[0].token.empty());
  CHECK(nodes[2].kind == Kind::kToken);
  CHECK(nodes[2].name == "px");
  CHECK(nodes[2].token == "PX");
  CHECK(parse_syntax("").empty());
}

TEST_CASE("brackets make things optional, and a token belongs to the values behind it") {
  const std::vector<SyntaxNode> nodes =
      parse_syntax("cursor [MATCH pattern] [AUTH username password] [REPLACE]");
  REQUIRE(nodes.size() == 4);
  CHECK(!nodes[0].optional);
  CHECK(nodes[1].optional);
  CHECK(nodes[1].kind == Kind::kValue);
  CHECK(nodes[1].name == "pattern");
  CHECK(nodes[1].token == "MATCH");
  CHECK(nodes[2].kind == Kind::kBlock);
  CHECK(nodes[2].token == "AUTH");
  CHECK(nodes[2].name == "username_password");
  CHECK(nodes[2].children.size() == 2);
  CHECK(nodes[3].kind == Kind::kToken);
  CHECK(nodes[3].optional);
}

TEST_CASE("alternatives") {
  const std::vector<SyntaxNode> nodes = parse_syntax("[EX seconds | KEEPTTL] <ON | OFF>");
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].kind == Kind::kOneOf);
  CHECK(nodes[0].optional);
  CHECK(nodes[0].name == "seconds_keepttl");
  CHECK(nodes[0].children[0].token == "EX");
  CHECK(nodes[1].kind == Kind::kOneOf);
  CHECK(!nodes[1].optional);
}

TEST_CASE("repetition of one or of several, also within brackets") {
  std::vector<SyntaxNode> nodes = parse_syntax("key [key ...]");
  REQUIRE(nodes.size() == 1);
  CHECK(nodes[0].multiple);
  CHECK(!nodes[0].optional);

  nodes = parse_syntax("key value [key value ...]");
  REQUIRE(nodes.size() == 1);
  CHECK(nodes[0].kind == Kind::kBlock);
  CHECK(nodes[0].multiple);
  CHECK(nodes[0].name == "key_value");

  nodes = parse_syntax("[ID client-id [client-id ...]] [section [section ...]]");
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].token == "ID");
  CHECK(nodes[0].multiple);
  CHECK(nodes[0].optional);
  CHECK(nodes[1].multiple);
  CHECK(nodes[1].optional);
}

TEST_CASE("brackets within brackets") {
  const std::vector<SyntaxNode> nodes =
      parse_syntax("[protover [AUTH username password] [SETNAME clientname]]");
  REQUIRE(nodes.size() == 1);
  CHECK(nodes[0].kind == Kind::kBlock);
  CHECK(nodes[0].optional);
  REQUIRE(nodes[0].children.size() == 3);
  CHECK(nodes[0].children[1].optional);
}

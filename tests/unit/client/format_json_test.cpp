#include "client/format_json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "client/output.h"
#include "common/resp/reply_parser.h"

namespace ringhold::client {
namespace {

std::string json(std::string_view bytes) {
  auto value = decode_reply(bytes);
  REQUIRE_MESSAGE(value.ok(), std::string(bytes));
  return format_json(*value);
}

TEST_CASE("format_json: scalars") {
  CHECK(json("+OK\r\n") == R"("OK")");
  CHECK(json(":-3\r\n") == "-3");
  CHECK(json("$-1\r\n") == "null");
  CHECK(json("*-1\r\n") == "null");
  CHECK(json("_\r\n") == "null");
  CHECK(json("#t\r\n") == "true");
  CHECK(json("#f\r\n") == "false");
  CHECK(json("-ERR no\r\n") == R"({"error":"ERR no"})");
  CHECK(json("=7\r\ntxt:abc\r\n") == R"("abc")");
  CHECK(json("(12345678901234567890\r\n") == R"("12345678901234567890")");
}

TEST_CASE("format_json: doubles read back the same; what JSON has no number for is a string") {
  CHECK(json(",0.10000000000000001\r\n") == "0.1");
  CHECK(json(",3\r\n") == "3");
  CHECK(json(",1.7976931348623157e+308\r\n") == "1.7976931348623157e+308");
  CHECK(json(",inf\r\n") == R"("inf")");
  CHECK(json(",-inf\r\n") == R"("-inf")");
  CHECK(json(",nan\r\n") == R"("nan")");
}

TEST_CASE("format_json: every byte of a text is escaped as JSON wants it") {
  std::string text;
  for (int c = 0; c < 128; ++c) text.push_back(static_cast<char>(c));
  text += "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80";
  const std::string reply = "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  const std::string document = json(reply);
  CHECK(nlohmann::json::parse(document).get<std::string>() == text);
  for (const char c : document) CHECK(static_cast<unsigned char>(c) >= 0x20);
}

TEST_CASE("format_json: bytes that are not UTF-8") {
  CHECK(json(std::string_view("$3\r\n\xff\x00\xfe\r\n", 9)) == R"({"base64":"/wD+"})");
  CHECK(json("-ERR \xff\r\n") == R"({"error":{"base64":"RVJSIP8="}})");
}

TEST_CASE("format_json: aggregates") {
  CHECK(json("*3\r\n$1\r\na\r\n$-1\r\n*1\r\n:1\r\n") == R"(["a",null,[1]])");
  CHECK(json("*0\r\n") == "[]");
  CHECK(json("~2\r\n+a\r\n-ERR x\r\n") == R"(["a",{"error":"ERR x"}])");
  CHECK(json("%2\r\n$1\r\na\r\n:1\r\n+b\r\n*0\r\n") == R"({"a":1,"b":[]})");
}

TEST_CASE("format_json: a map that can be no object loses nothing") {
  CHECK(json("%1\r\n:1\r\n+one\r\n") == R"([[1,"one"]])");
  CHECK(json("%2\r\n+a\r\n:1\r\n+a\r\n:2\r\n") == R"([["a",1],["a",2]])");
  CHECK(json("%1\r\n$1\r\n\xff\r\n:1\r\n") == R"([[{"base64":"/w=="},1]])");
  CHECK(json("%0\r\n") == "{}");
}

TEST_CASE("render_reply: where newlines stand") {
  const auto render = [](std::string_view bytes, std::vector<std::string> args, OutputFormat format) {
    return render_reply(*decode_reply(bytes), args, {.format = format, .style = {}});
  };
  CHECK(render("+OK\r\n", {"set"}, OutputFormat::kRaw) == "OK\n");
  CHECK(render("+OK\r\n", {"set"}, OutputFormat::kTerminal) == "OK\n");
  CHECK(render("+OK\r\n", {"set"}, OutputFormat::kJson) == "\"OK\"\n");
  CHECK(render("$-1\r\n", {"get"}, OutputFormat::kRaw) == "\n");
  CHECK(render("-ERR\r\n", {"get"}, OutputFormat::kRaw) == "ERR\n\n");
  // Texts bring their own.
  CHECK(render("$5\r\nab:1\n\r\n", {"info"}, OutputFormat::kRaw) == "ab:1\n");
  CHECK(render("$2\r\n{}\r\n", {"cluster", "status"}, OutputFormat::kTerminal) == "{}\n");
  CHECK(render("$2\r\n{}\r\n", {"cluster", "status"}, OutputFormat::kRaw) == "{}\n");
  CHECK(render("$0\r\n\r\n", {"info"}, OutputFormat::kTerminal).empty());
}

}  // namespace
}  // namespace ringhold::client

#include "common/http/request_parser.h"

#include <doctest/doctest.h>

#include <random>

namespace ringhold {
namespace {

using Status = HttpRequestParser::Status;

// What a sequence of requests becomes; one line for each event.
std::string read(std::string_view bytes, std::size_t piece_bytes_max, unsigned seed = 1) {
  std::mt19937 random(seed);
  HttpRequestParser parser;
  std::string body;
  std::string story;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (begin < bytes.size() || !parser.needs_input()) {
    const auto step =
        parser.next(bytes.substr(begin, end - begin), [&](std::string_view piece) { body += piece; });
    begin += step.consumed;
    if (step.status == Status::kError) return story + "error " + std::to_string(parser.error_status()) + "\n";
    if (step.status == Status::kHead) {
      story += parser.request().method + " " + parser.request().target + "\n";
    } else if (step.status == Status::kFinished) {
      story += "end [" + std::exchange(body, "") + "]\n";
    } else if (end == bytes.size()) {
      return story + "more\n";
    } else {
      end = std::min(bytes.size(), end + 1 + random() % piece_bytes_max);
    }
  }
  return story;
}

std::string status_of(std::string_view head) {
  return read(std::string(head) + "\r\n\r\n", 1000);
}

TEST_CASE("http parser: requests, bodies and pipelines are the same however they are split") {
  constexpr std::string_view kRequests =
      "\r\nGET /key/a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
      "PUT /key/b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
      "POST /key/c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\nA\r\n, world!!!\r\n0\r\nTrailer: t\r\n\r\n"
      "DELETE /key/d HTTP/1.0\r\n\r\n";
  const std::string expected =
      "GET /key/a?x=1\nend []\nPUT /key/b\nend [hello]\nPOST /key/c\nend [hello, world!!!]\nDELETE "
      "/key/d\nend "
      "[]\n";
  CHECK(read(kRequests, kRequests.size()) == expected);
  for (unsigned seed = 1; seed < 50; ++seed) CHECK(read(kRequests, seed, seed) == expected);
}

TEST_CASE("http parser: what is ambiguous is refused") {
  CHECK(status_of("PUT / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked") == "error 400\n");
  CHECK(status_of("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5") == "error 400\n");
  CHECK(status_of("PUT / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6") == "error 400\n");
  CHECK(status_of("PUT / HTTP/1.1\r\nContent-Length: -5") == "error 400\n");
  CHECK(status_of("PUT / HTTP/1.1\r\nContent-Length: 5, 5") == "error 400\n");
  CHECK(status_of("PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999999") == "error 400\n");
  CHECK(status_of("GET / HTTP/1.1\nHost: h") == "error 400\n");
  CHECK(status_of("GET / HTTP/1.1\r\nHost : h") == "error 400\n");
  CHECK(status_of("GET /a b HTTP/1.1") == "error 400\n");
  CHECK(read("*1\r\n$4\r\nPING\r\n", 1) == "error 400\n");
  CHECK(status_of("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip") == "error 501\n");
  CHECK(status_of("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked") == "error 501\n");
  CHECK(status_of("GET / HTTP/2.0") == "error 505\n");
  CHECK(status_of("GET / HTTP/1.2") == "error 505\n");
  CHECK(read("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 1000) == "PUT /\nerror 400\n");
}

TEST_CASE("http parser: a head has a limit") {
  const std::string large(limits::kHttpHeadBytesMax, 'x');
  CHECK(read("GET /" + large + " HTTP/1.1\r\n\r\n", 100000) == "error 431\n");
  CHECK(read("GET / HTTP/1.1\r\nCookie: " + large + "\r\n\r\n", 5000) == "error 431\n");
  CHECK(read("GET /" + large, 5000) == "error 431\n");
}

TEST_CASE("http parser: a head of many fields has the same limit, however it comes") {
  std::string fields;
  while (fields.size() < limits::kHttpHeadBytesMax) fields += "Cookie: 0123456789\r\n";
  const std::string request = "GET / HTTP/1.1\r\n" + fields + "\r\n";
  for (const std::size_t piece : {1000000, 10000, 100}) CHECK(read(request, piece) == "error 431\n");
  const std::string allowed = "GET / HTTP/1.1\r\n" + fields.substr(0, 3000 * 20) + "\r\n";
  for (const std::size_t piece : {1000000, 10000, 100}) CHECK(read(allowed, piece) == "GET /\nend []\n");
}

TEST_CASE("http parser: what chunks announce, and their extensions, have limits") {
  const std::string head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string extension(limits::kHttpChunkHeadBytesMax + 1, 'x');
  CHECK(read(head + "1;" + extension, 1000) == "PUT /\nerror 400\n");
  CHECK(read(head + "1;" + extension + "\r\na\r\n0\r\n\r\n", 1000000) == "PUT /\nerror 400\n");
  CHECK(read(head + "0\r\nTrailer: " + extension, 1000) == "PUT /\nerror 400\n");
  HttpRequestParser parser;
  const auto ignore = [](std::string_view) {};
  REQUIRE(parser.next(head, ignore).status == Status::kHead);
  parser.set_body_bytes_max(10);
  CHECK(parser.next("6\r\nabcdef\r\nffffffffffffffff\r\n", ignore).status == Status::kError);
  CHECK(parser.error_status() == 413);
}

TEST_CASE("http parser: fields") {
  HttpRequestParser parser;
  const auto step =
      parser.next("GET / HTTP/1.1\r\nIf-Match: \"a\"\r\nIF-MATCH:  \"b\" \r\nConnection: close\r\n\r\n",
                  [](std::string_view) {});
  REQUIRE(step.status == Status::kHead);
  CHECK(parser.request().field("if-match") == "\"a\", \"b\"");
  CHECK(parser.request().has("connection"));
  CHECK_FALSE(parser.request().has("host"));
  CHECK_FALSE(parser.request().keep_alive);
  CHECK_FALSE(parser.at_start());
}

TEST_CASE("a first line tells HTTP from RESP") {
  CHECK(looks_like_http("GET / HTTP/1.1\r\n") == true);
  CHECK(looks_like_http("DELETE /key/a%20b HTTP/1.0\r\nHost: h\r\n") == true);
  CHECK(looks_like_http("*1\r\n$4\r\nPING\r\n") == false);
  CHECK(looks_like_http("PING\r\n") == false);
  CHECK(looks_like_http("GET key\r\n") == false);
  CHECK(looks_like_http("get / HTTP/1.1\r\n") == false);
  CHECK(looks_like_http("SET a HTTP/1.1\r\n") == false);
  CHECK(looks_like_http("GETDEL a\r\n") == false);
  CHECK(looks_like_http("G") == std::nullopt);
  CHECK(looks_like_http("GET / HTT") == std::nullopt);
  CHECK(looks_like_http("GET " + std::string(limits::kHttpHeadBytesMax, 'x')) == false);
}

}  // namespace
}  // namespace ringhold

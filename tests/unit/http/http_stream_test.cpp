// HTTP outside, RESP inside: requests as a client sends them, and a session that is played by the test.
#include "common/http/http_stream.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "common/base/json_text.h"
#include "tests/unit/topology/fake_world.h"

namespace ringhold {
namespace {

class OuterStream final : public Stream {
 public:
  explicit OuterStream(Role role) { peer_.role = role; }
  void set_handler(StreamHandler* handler) override { handler_ = handler; }
  const PeerInfo& peer() const override { return peer_; }
  void flush() override {}
  std::size_t unsent() const override { return output_.size(); }
  void pause_reading() override { paused = true; }
  void resume_reading() override { paused = false; }
  void close() override { closed = true; }
  void abort() override { closed = true; }
  StreamHandler& handler() { return *handler_; }

  bool paused = false;
  bool closed = false;

 private:
  PeerInfo peer_;
  StreamHandler* handler_ = nullptr;
};

struct Fixture : StreamHandler {
  explicit Fixture(Role role = Role::kClient) {
    auto made = std::make_unique<OuterStream>(role);
    outer = made.get();
    http = std::make_unique<HttpStream>(world, std::move(made), HttpOptions{.body_bytes_max = 1000000});
    http->set_handler(this);
  }
  // The session: executes whatever is in input by `replies`, which the test has prepared in order.
  void on_input() override {
    commands += http->input().view();
    http->input().clear();
    if (replies.empty()) return;
    http->output().append(replies.front());
    replies.erase(replies.begin());
    http->flush();
  }
  void on_drained() override { ++drained; }
  void on_closed(const Error& /*why*/) override {}

  void receive(std::string_view bytes) {
    outer->input().append(bytes);
    outer->handler().on_input();
  }
  // What has been sent, without the lines that all responses have in common.
  std::string sent() {
    std::string text(outer->output().view());
    outer->output().clear();
    for (const char* line : {"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n", "Server: ringhold\r\n",
                             "X-Content-Type-Options: nosniff\r\n", "Cache-Control: no-cache\r\n",
                             "Accept-Ranges: none\r\n", "Content-Type: text/plain; charset=utf-8\r\n"}) {
      for (auto at = text.find(line); at != std::string::npos; at = text.find(line)) {
        text.erase(at, std::string_view(line).size());
      }
    }
    return text;
  }

  FakeWorld fake;
  World world = fake.world();
  OuterStream* outer = nullptr;
  std::unique_ptr<HttpStream> http;
  std::vector<std::string> replies;
  std::string commands;
  int drained = 0;
};

constexpr const char* kGet = "GET /key/k HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr const char* kGetCommand = "*3\r\n$4\r\nREST\r\n$3\r\nGET\r\n$1\r\nk\r\n";

TEST_CASE_FIXTURE(Fixture, "http stream: a request becomes a command, its reply the response") {
  replies = {"*4\r\n$6\r\nstring\r\n$16\r\n0123456789abcdef\r\n:1500\r\n$5\r\nhello\r\n"};
  receive(kGet);
  CHECK(commands == kGetCommand);
  CHECK(sent() ==
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\n"
        "Ringhold-Type: string\r\nETag: \"0123456789abcdef\"\r\nRinghold-Ttl: 2\r\n\r\nhello");
  CHECK_FALSE(outer->closed);
}

TEST_CASE_FIXTURE(Fixture, "http stream: one request at a time, answered in order") {
  receive(std::string(kGet) + kGet + "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK(commands == kGetCommand);
  http->output().append("$-1\r\n");
  replies = {"-WRONGTYPE no\r\n"};
  http->flush();
  CHECK(commands == std::string(kGetCommand) + kGetCommand);
  CHECK(sent() ==
        "HTTP/1.1 404 Not Found\r\nContent-Length: 21\r\n\r\nthere is no such key\n"
        "HTTP/1.1 409 Conflict\r\nContent-Length: 13\r\n\r\nWRONGTYPE no\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n");
  CHECK(outer->closed);
}

TEST_CASE_FIXTURE(Fixture, "http stream: bodies of a known length go through, chunks are collected") {
  const std::string put = "*4\r\n$4\r\nREST\r\n$3\r\nPUT\r\n$1\r\nk\r\n$5\r\nhello\r\n";
  replies = {"*2\r\n:1\r\n$16\r\n0123456789abcdef\r\n", "*2\r\n:0\r\n$16\r\n0123456789abcdef\r\n"};
  receive("PUT /key/k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(sent() == "HTTP/1.1 100 Continue\r\n\r\n");
  receive("hel");
  receive("lo");
  CHECK(commands == put);
  CHECK(sent() == "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nETag: \"0123456789abcdef\"\r\n\r\n");
  commands.clear();
  receive("PUT /key/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n");
  CHECK(commands.empty());
  receive("2\r\nlo\r\n0\r\n\r\n");
  CHECK(commands == put);
  CHECK(sent().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "http stream: 100 is said for a body that is not taken, too") {
  replies = {":1\r\n"};
  receive("DELETE /key/k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(sent() == "HTTP/1.1 100 Continue\r\n\r\n");
  receive("hello");
  CHECK(sent().starts_with("HTTP/1.1 204 "));
}

TEST_CASE_FIXTURE(Fixture, "http stream: chunks of a key that is longer than the room in front of them") {
  const std::string key(2000, 'k');
  replies = {"*2\r\n:1\r\n$16\r\n0123456789abcdef\r\n"};
  receive("PUT /key/" + key +
          "?ttl=5 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  CHECK(commands ==
        "*6\r\n$4\r\nREST\r\n$3\r\nPUT\r\n$2000\r\n" + key + "\r\n$5\r\nhello\r\n$2\r\nEX\r\n$1\r\n5\r\n");
}

TEST_CASE_FIXTURE(Fixture, "http stream: lists and hashes are JSON, in chunks") {
  replies = {"*4\r\n$4\r\nlist\r\n$-1\r\n:-1\r\n*2\r\n$1\r\na\r\n$1\r\n\xff\r\n",
             "*4\r\n$4\r\nhash\r\n$-1\r\n:-1\r\n*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\n\xff\r\n$0\r\n\r\n",
             "*4\r\n$4\r\nlist\r\n$-1\r\n:-1\r\n*0\r\n"};
  receive(kGet);
  CHECK(sent() ==
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nRinghold-Type: "
        "list\r\n\r\n17\r\n[\"a\",{\"base64\":\"/w==\"}]\r\n0\r\n\r\n");
  receive(kGet);
  CHECK(sent().find("{\"f\":\"v\",\"base64:/w==\":\"\"}\r\n0\r\n\r\n") != std::string::npos);
  receive("GET /key/k HTTP/1.0\r\n\r\n");
  CHECK(
      sent() ==
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nRinghold-Type: list\r\n\r\n"
      "[]");
  CHECK(outer->closed);
}

TEST_CASE_FIXTURE(Fixture, "http stream: a large value passes through as its client takes it") {
  constexpr std::size_t kSize = 10 * limits::kMiB;
  receive(kGet);
  http->output().append("*4\r\n$6\r\nstring\r\n$16\r\n0123456789abcdef\r\n:-1\r\n$" + std::to_string(kSize) +
                        "\r\n");
  http->output().append(std::string(kSize, 'x'));
  http->output().append("\r\n");
  http->flush();
  std::size_t received = 0;
  for (int i = 0; i < 1000 && received < kSize; ++i) {
    CHECK(outer->output().size() <= limits::kOutputHighBytes + 2 * limits::kSlowReplyPieceBytes);
    CHECK(outer->held() + outer->output().size() + received >= kSize);
    received += outer->output().size();
    outer->output().clear();
    outer->handler().on_drained();
  }
  CHECK(received > kSize);
  CHECK(http->unsent() == 0);
  CHECK(drained > 0);
}

// JSON is shorter than the RESP that it is made of: all of it may leave, though the session has seen too
// much.
TEST_CASE_FIXTURE(
    Fixture, "regression: a session that waits for room is told, though the outer stream never was full") {
  constexpr int kItems = 30000;
  receive(kGet);
  http->output().append("*4\r\n$4\r\nlist\r\n$-1\r\n:-1\r\n*" + std::to_string(kItems + 1) + "\r\n");
  for (int i = 0; i < kItems; ++i) http->output().append("$5\r\n12345\r\n");
  CHECK(http->unsent() > limits::kOutputHighBytes);
  http->flush();
  CHECK(outer->output().size() < limits::kOutputHighBytes);
  CHECK(drained == 1);
  http->output().append("$1\r\nx\r\n");
  http->flush();
  CHECK(sent().ends_with("0\r\n\r\n"));
  CHECK(drained == 1);
}

TEST_CASE_FIXTURE(Fixture, "regression: a stream that was paused while it was RESP's is resumed") {
  auto raw = std::make_unique<OuterStream>(Role::kClient);
  raw->pause_reading();
  OuterStream& stream = *raw;
  const HttpStream wrapped(world, std::move(raw), {});
  CHECK_FALSE(stream.paused);
}

TEST_CASE_FIXTURE(Fixture, "http stream: a long item of a list is base64, and passes through in slices") {
  const std::string item(limits::kLargeBytesMin + 1, '\x01');
  receive(kGet);
  http->output().append("*4\r\n$4\r\nlist\r\n$-1\r\n:-1\r\n*3\r\n$1\r\na\r\n$" + std::to_string(item.size()) +
                        "\r\n" + item + "\r\n$1\r\nb\r\n");
  http->flush();
  std::string body;
  for (int i = 0; i < 1000 && !body.ends_with("0\r\n\r\n"); ++i) {
    CHECK(outer->output().size() <= limits::kOutputHighBytes + 4 * limits::kSlowReplyPieceBytes);
    body += outer->output().view();
    outer->output().clear();
    outer->handler().on_drained();
  }
  std::string json;
  for (std::size_t at = body.find("\r\n\r\n") + 4; at < body.size();) {
    const std::size_t size = std::stoul(body.substr(at), nullptr, 16);
    at = body.find("\r\n", at) + 2;
    json += body.substr(at, size);
    at += size + 2;
  }
  CHECK((json == "[\"a\",{\"base64\":\"" + base64(item) + "\"},\"b\"]"));
}

TEST_CASE_FIXTURE(Fixture, "http stream: what cannot be answered ends the connection, behind its answer") {
  SUBCASE("malformed") {
    receive("GET / HTTP/1.1\nHost: h\n\n");
    CHECK(sent().starts_with("HTTP/1.1 400 "));
  }
  SUBCASE("a body that is announced to be too long") {
    receive("PUT /key/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000001\r\n\r\n");
    CHECK(sent().starts_with("HTTP/1.1 413 "));
  }
  SUBCASE("chunks that become too long") {
    receive("PUT /key/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nf4241\r\n");
    receive(std::string(1000001, 'x'));
    CHECK(sent().starts_with("HTTP/1.1 413 "));
  }
  SUBCASE("a refused request with a long body") {
    receive("PATCH /key/k HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    const std::string text = sent();
    CHECK(text.starts_with("HTTP/1.1 405 "));
    CHECK(text.find("\r\nAllow: GET") != std::string::npos);
  }
  SUBCASE("an answer without a body to a request with chunks") {
    receive("OPTIONS /key/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string text = sent();
    CHECK(text.starts_with("HTTP/1.1 204 "));
    CHECK(text.ends_with("\r\n\r\n"));
  }
  CHECK(outer->closed);
  CHECK(commands.empty());
}

TEST_CASE_FIXTURE(Fixture, "http stream: a short body that nobody wants is skipped") {
  receive(
      "PATCH /key/k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /healthz HTTP/1.1\r\nHost: "
      "h\r\n\r\n");
  const std::string text = sent();
  CHECK(text.starts_with("HTTP/1.1 405 "));
  CHECK(text.ends_with("\r\n\r\nok\n"));
  CHECK_FALSE(outer->closed);
}

TEST_CASE_FIXTURE(Fixture, "http stream: HEAD has no body, whatever the answer") {
  replies = {"*4\r\n$6\r\nstring\r\n$16\r\n0123456789abcdef\r\n:-1\r\n:5\r\n", "$-1\r\n"};
  receive("HEAD /key/k HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(sent().ends_with("Content-Length: 5\r\nRinghold-Type: string\r\nETag: \"0123456789abcdef\"\r\n\r\n"));
  receive("HEAD /key/k HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(sent() == "HTTP/1.1 404 Not Found\r\nContent-Length: 21\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "http stream: time") {
  SUBCASE("half a request") {
    receive("GET / HT");
    fake.scheduler.advance(limits::kHttpRequestTimeout - std::chrono::seconds(1));
    CHECK_FALSE(outer->closed);
    fake.scheduler.advance(std::chrono::seconds(1));
    CHECK(sent().starts_with("HTTP/1.1 408 "));
  }
  SUBCASE("a body that stands still") {
    receive("PUT /key/k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel");
    fake.scheduler.advance(limits::kHttpRequestTimeout * 2);
    CHECK(sent().starts_with("HTTP/1.1 408 "));
  }
  SUBCASE("no request at all") {
    receive("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(sent().ends_with("ok\n"));
    fake.scheduler.advance(limits::kHttpIdleTimeout - std::chrono::seconds(1));
    CHECK_FALSE(outer->closed);
    fake.scheduler.advance(std::chrono::seconds(1));
    CHECK(sent().empty());
  }
  CHECK(outer->closed);
}

TEST_CASE_FIXTURE(Fixture, "http stream: a command that takes long is waited for") {
  receive(kGet);
  fake.scheduler.advance(limits::kHttpIdleTimeout * 2);
  CHECK_FALSE(outer->closed);
}

TEST_CASE_FIXTURE(Fixture, "http stream: what is sent ahead is bounded") {
  receive(kGet);
  receive(std::string(limits::kHttpAheadBytesMax + 1, 'x'));
  CHECK(outer->paused);
}

struct StrangerFixture : Fixture {
  StrangerFixture() : Fixture(Role::kNone) {}
  std::string get_with(const std::string& password) {
    receive("GET /key/k HTTP/1.1\r\nHost: h\r\nAuthorization: Basic " + base64("bob:" + password) +
            "\r\n\r\n");
    return sent();
  }
};

TEST_CASE_FIXTURE(StrangerFixture, "http stream: without a certificate, a password is asked for") {
  receive(kGet);
  CHECK(sent().starts_with("HTTP/1.1 401 "));
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(sent().starts_with("HTTP/1.1 401 "));
  CHECK(commands.empty());
  receive("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(sent().ends_with("ok\n"));
  replies = {"-WRONGPASS no\r\n"};
  CHECK(get_with("bad").starts_with("HTTP/1.1 401 "));
  replies = {"+OK\r\n", "$-1\r\n", "$-1\r\n"};
  commands.clear();
  CHECK(get_with("good").starts_with("HTTP/1.1 404 "));
  CHECK(commands == std::string("*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$4\r\ngood\r\n") + kGetCommand);
  commands.clear();
  CHECK(get_with("good").starts_with("HTTP/1.1 404 "));
  CHECK(commands == kGetCommand);
  // More than the session would take of a stranger.
  CHECK(get_with(std::string(limits::kUnauthenticatedBulkBytesMax, 'x')).starts_with("HTTP/1.1 401 "));
  // Who said so once has not said so for the next request.
  replies = {"+RESET\r\n"};
  receive(kGet);
  CHECK(sent().starts_with("HTTP/1.1 401 "));
}

}  // namespace
}  // namespace ringhold

#include "client/connection.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/unit/client/scripted_server.h"
#include "tests/unit/net/test_certificates.h"

namespace ringhold::client {
namespace {

using test::ScriptedServer;
using Args = std::vector<std::string>;
constexpr std::chrono::milliseconds kPatience{10000};

const test::TestAuthority& authority() {
  static const test::TestAuthority instance;
  return instance;
}
TlsContextPtr server_tls(ClientAuth client_auth = ClientAuth::kRequired) {
  return test::make_context(authority(), {.common_name = "server"}, client_auth);
}
TlsContextPtr client_tls() {
  return test::make_context(authority(), {.common_name = "client"});
}

std::string echo(std::span<const std::string_view> args) {
  const std::string text(args.back());
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

std::unique_ptr<Connection> open(const ScriptedServer& server) {
  auto connection = Connection::open(client_tls(), {.address = server.address(), .timeout = kPatience});
  REQUIRE_MESSAGE(connection.ok(), (connection.ok() ? "" : connection.error().message));
  return std::move(*connection);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("Connection: one command, one reply") {
  const ScriptedServer server(server_tls(), &echo);
  const auto connection = open(server);
  CHECK(connection->call(Args{"ECHO", "hello"})->text == "hello");
  CHECK(connection->call(Args{"ECHO", ""})->text.empty());
  const std::string binary("\0\r\n$\xff", 5);
  CHECK(connection->call(Args{"ECHO", binary})->text == binary);
  CHECK(connection->check());
}

TEST_CASE("Connection: a pipeline's replies come in order") {
  const ScriptedServer server(server_tls(), &echo);
  const auto connection = open(server);
  for (int i = 0; i < 5000; ++i) connection->queue(Args{"ECHO", std::to_string(i)});
  REQUIRE(connection->flush().ok());
  for (int i = 0; i < 5000; ++i) REQUIRE(connection->receive()->text == std::to_string(i));
}

// A server that has replies to send stops reading until they are taken: who only sends waits for ever.
TEST_CASE("Connection: sends and receives at once, so a large pipeline cannot lock up") {
  const ScriptedServer server(server_tls(), &echo);
  const auto connection = open(server);
  const std::string value(100000, 'v');
  for (int i = 0; i < 300; ++i) connection->queue(Args{"ECHO", value});
  REQUIRE(connection->flush().ok());
  for (int i = 0; i < 300; ++i) REQUIRE(connection->receive()->text == value);
}

TEST_CASE("Connection: an error reply is a reply") {
  const ScriptedServer server(server_tls(), [](auto) { return std::string("-ERR no\r\n"); });
  const auto reply = open(server)->call(Args{"X"});
  REQUIRE(reply.ok());
  CHECK(reply->is_error());
}

TEST_CASE("Connection: pushes are set apart from replies") {
  const ScriptedServer server(server_tls(),
                              [](auto args) { return ">2\r\n+invalidate\r\n+k\r\n" + echo(args); });
  const auto connection = open(server);
  CHECK(connection->call(Args{"ECHO", "a"})->text == "a");
  int pushes = 0;
  connection->on_push([&pushes](const ReplyValue& push) { pushes += push.elements.size() == 2 ? 1 : 0; });
  CHECK(connection->call(Args{"ECHO", "b"})->text == "b");
  CHECK(pushes == 1);
}

TEST_CASE("Connection: HELLO and AUTH come first, and their refusal is the error") {
  Args seen;
  const auto answer = [&seen](std::span<const std::string_view> args) {
    seen.assign(args.begin(), args.end());
    return std::string(args.back() == "wrong" ? "-WRONGPASS no\r\n" : "+OK\r\n");
  };
  const auto greeting = [&](RespVersion version, const std::optional<Credentials>& credentials) {
    seen.clear();
    const ScriptedServer server(server_tls(), answer);
    const ConnectionOptions options{
        .address = server.address(), .timeout = kPatience, .version = version, .credentials = credentials};
    const auto opened = Connection::open(client_tls(), options);
    return opened.ok() ? "" : opened.error().message.substr(server.address().text().size());
  };
  CHECK(greeting(RespVersion::k2, std::nullopt).empty());
  CHECK(seen.empty());
  CHECK(greeting(RespVersion::k3, std::nullopt).empty());
  CHECK(seen == Args{"HELLO", "3"});
  CHECK(greeting(RespVersion::k3, Credentials{"default", "pw"}).empty());
  CHECK(seen == Args{"HELLO", "3", "AUTH", "default", "pw"});
  CHECK(greeting(RespVersion::k2, Credentials{"default", "pw"}).empty());
  CHECK(seen == Args{"AUTH", "pw"});
  CHECK(greeting(RespVersion::k2, Credentials{"ann", "wrong"}) == ": WRONGPASS no");
  CHECK(seen == Args{"AUTH", "ann", "wrong"});
}

TEST_CASE("Connection: what is lost is said") {
  SUBCASE("closed instead of an answer") {
    const ScriptedServer server(server_tls(), [](auto) { return std::string("close"); });
    const auto connection = open(server);
    const auto reply = connection->call(Args{"X"});
    REQUIRE_FALSE(reply.ok());
    CHECK(contains(reply.error().message, "the server closed the connection"));
    CHECK_FALSE(connection->check());
  }
  SUBCASE("garbage") {
    const ScriptedServer server(server_tls(), [](auto) { return std::string("HTTP/1.1 400\r\n"); });
    const auto reply = open(server)->call(Args{"X"});
    REQUIRE_FALSE(reply.ok());
    CHECK(contains(reply.error().message, "no reply: unknown reply type"));
  }
  SUBCASE("silence") {
    const ScriptedServer server(server_tls(), [](auto) { return std::string(); });
    const auto connection = open(server);
    connection->set_timeout(std::chrono::milliseconds(50));
    const auto reply = connection->call(Args{"X"});
    REQUIRE_FALSE(reply.ok());
    CHECK(contains(reply.error().message, "--timeout"));
  }
}

TEST_CASE("Connection: an interrupt ends the wait") {
  const ScriptedServer server(server_tls(), [](auto) { return std::string(); });
  std::atomic<bool> interrupt{false};
  auto connection = Connection::open(
      client_tls(), {.address = server.address(), .timeout = kPatience, .interrupt = &interrupt});
  REQUIRE(connection.ok());
  (*connection)->set_timeout(std::chrono::milliseconds(0));
  interrupt = true;
  const auto reply = (*connection)->call(Args{"X"});
  REQUIRE_FALSE(reply.ok());
  CHECK(contains(reply.error().message, "interrupted"));
}

// The message for opening a connection and sending PING, whichever of the two fails.
std::string failure(const Address& address, TlsContextPtr context) {
  auto connection = Connection::open(std::move(context), {.address = address, .timeout = kPatience});
  if (!connection) return connection.error().message;
  const auto reply = (*connection)->call(Args{"PING"});
  return reply.ok() ? "" : reply.error().message;
}

TEST_CASE("Connection: nobody is trusted unverified, and every refusal names its reason") {
  const test::TestAuthority other("other CA");
  SUBCASE("a server of another CA") {
    const ScriptedServer server(test::make_context(other, {.common_name = "server"}), &echo);
    CHECK(contains(failure(server.address(), client_tls()), "signed by a CA that --ca does not list"));
  }
  SUBCASE("a server with another name") {
    const ScriptedServer server(test::make_context(authority(), {.alt_names = "DNS:example.org"}), &echo);
    CHECK(contains(failure(server.address(), client_tls()), "is for other names"));
  }
  SUBCASE("a client of another CA") {
    const ScriptedServer server(server_tls(), &echo);
    const auto foreign = test::make_context(other.issue({.common_name = "client"}), authority().pem());
    CHECK(contains(failure(server.address(), foreign), "refused our certificate"));
  }
  SUBCASE("a client without a certificate") {
    const ScriptedServer server(server_tls(), &echo);
    CHECK(contains(failure(server.address(), test::make_anonymous_context(authority().pem())),
                   "wants a certificate"));
  }
  SUBCASE("a client without a certificate, where that is allowed") {
    const ScriptedServer server(server_tls(ClientAuth::kOptional), &echo);
    CHECK(failure(server.address(), test::make_anonymous_context(authority().pem())).empty());
  }
}

TEST_CASE("Connection: nobody listens") {
  Address gone;
  {
    const ScriptedServer server(server_tls(), &echo);
    gone = server.address();
  }
  const std::string why = failure(gone, client_tls());
  CHECK(contains(why, gone.text() + ": connection refused"));
}

}  // namespace
}  // namespace ringhold::client

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ringhold/client.h"
#include "tests/unit/client/library_test_support.h"

namespace ringhold {
namespace {

using test::after_hello;
using test::library_world;
using test::ScriptedServer;
using Args = std::span<const std::string_view>;
using Kind = Failure::Kind;

Client connect(const ScriptedServer& server, const ClientOptions& options) {
  auto client = Client::connect(options);
  REQUIRE_MESSAGE(client.ok(), (client.ok() ? "" : client.failure().message));
  CHECK(options.address == server.address().text());
  return *std::move(client);
}
Client connect(const ScriptedServer& server) {
  return connect(server, library_world().options(server.address()));
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Counts what arrives under a name, and answers +OK; `script` is asked first.
struct Counter {
  std::atomic<int> gets{0};
  std::atomic<int> sets{0};

  std::string count(Args args) {
    if (args[0] == "GET") return "$1\r\n" + std::to_string(++gets % 10) + "\r\n";
    if (args[0] == "SET") ++sets;
    return "+OK\r\n";
  }
};

TEST_CASE("Client: arguments are text and numbers, bytes of any kind") {
  std::vector<std::string> seen;
  const ScriptedServer server(library_world().server_tls(), after_hello([&seen](Args args) {
                                seen.assign(args.begin(), args.end());
                                return std::string("+OK\r\n");
                              }));
  Client client = connect(server);
  const std::string binary("\0\r\n\xff", 4);
  REQUIRE(client
              .call("SET", binary, std::string_view("v"), "EX", 60, -7L, 0.1,
                    std::uint64_t{18446744073709551615U})
              .ok());
  CHECK(seen ==
        std::vector<std::string>{"SET", binary, "v", "EX", "60", "-7", "0.1", "18446744073709551615"});
  const std::vector<std::string> list = {"MSET", "a", ""};
  REQUIRE(client.call(list).ok());
  CHECK(seen == list);
  CHECK(client.call(std::vector<std::string>{}).failure().kind == Kind::kUsage);
  CHECK(client.connections() == 1);
}

TEST_CASE("Client: an error reply is a failure with the server's word") {
  const ScriptedServer server(library_world().server_tls(), after_hello([](Args args) -> std::string {
                                return args[0] == "INCR" ? "-WRONGTYPE no number\r\n"
                                                         : "-UNCERTAIN shard 'b'\r\n";
                              }));
  Client client = connect(server);
  const auto refused = client.call("INCR", "k");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.failure().kind == Kind::kErrorReply);
  CHECK(refused.failure().code == "WRONGTYPE");
  CHECK(refused.failure().message == "WRONGTYPE no number");
  CHECK(client.call("INCR", "k").as<int>().failure().code == "WRONGTYPE");
  // What a proxy does not know, the program does not know either.
  CHECK(client.call("SET", "k", "v").failure().outcome_unknown());
}

TEST_CASE("Client: a server that has gone while nothing was under way costs nothing but a connection") {
  Counter counter;
  const ScriptedServer server(library_world().server_tls(), after_hello([&](Args args) {
                                // Answers, and then goes: the client must not find out by losing a write.
                                return args[0] == "QUIT" ? std::string("close") : counter.count(args);
                              }));
  Client client = connect(server);
  REQUIRE(client.call("SET", "k", 1).ok());
  CHECK(client.call("QUIT").failure().outcome_unknown());  // not known to only read
  // What QUIT may have set up is gone; that is told once.
  CHECK(client.call("SET", "k", 2).failure().kind == Kind::kNotConnected);
  REQUIRE(client.call("SET", "k", 3).ok());
  CHECK(counter.sets == 2);
  CHECK(client.connections() == 2);
}

TEST_CASE("Client: a lost read is repeated, a lost write is not") {
  Counter counter;
  std::atomic<int> losses{0};
  const ScriptedServer server(library_world().server_tls(), after_hello([&](Args args) {
                                const std::string reply = counter.count(args);
                                return losses-- > 0 ? "close" : reply;
                              }));
  Client client = connect(server);
  SUBCASE("a read") {
    losses = 2;
    CHECK(client.call("GET", "k").as<std::string>().value_or("") == "3");
    CHECK(counter.gets == 3);
    CHECK(client.connections() == 3);
  }
  SUBCASE("a read that is lost every time") {
    losses = 1000;
    const auto reply = client.call("GET", "k");
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.failure().kind == Kind::kNoReply);
    CHECK(contains(reply.failure().message, "GET got no reply"));
    CHECK(counter.gets == 6);  // once, and after each of five attempts
  }
  SUBCASE("a write") {
    losses = 1;
    const auto reply = client.call("SET", "k", "v");
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.failure().outcome_unknown());
    CHECK(contains(reply.failure().message, server.address().text() + ": "));
    CHECK(contains(reply.failure().message, "whether SET took effect is unknown"));
    CHECK(counter.sets == 1);
    CHECK(client.call("SET", "k", "v").ok());
    CHECK(counter.sets == 2);
  }
  SUBCASE("a short form that writes under a reading name") {
    losses = 1;
    CHECK(client.call("TTL", "k", 60).failure().outcome_unknown());
    losses = 1;
    CHECK(client.call("TTL", "k").ok());
  }
  SUBCASE("a command that nobody knows is taken for a write") {
    losses = 1;
    CHECK(client.call("FROB", "k").failure().outcome_unknown());
  }
}

TEST_CASE("Client: what a command has set up on a lost connection is missed aloud") {
  std::atomic<bool> lose{false};
  const ScriptedServer server(library_world().server_tls(), after_hello([&](Args) -> std::string {
                                return lose.exchange(false) ? "close" : "+OK\r\n";
                              }));
  Client client = connect(server);
  REQUIRE(client.call("CLIENT", "SETNAME", "me").ok());
  lose = true;
  // Though it only reads: it is not sent again to a connection that has no name.
  const auto reply = client.call("GET", "k");
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.failure().kind == Kind::kNoReply);
  CHECK(contains(reply.failure().message, "what CLIENT may have set up"));
  CHECK(client.connections() == 1);
  CHECK(client.call("GET", "k").ok());
  CHECK(client.connections() == 2);
}

TEST_CASE("Client: silence ends with the call's time, and a late reply is nobody's") {
  std::atomic<bool> silent{true};
  std::string late;  // what this connection still owes
  const ScriptedServer server(library_world().server_tls(), [&](Args args) -> std::string {
    if (args[0] == "HELLO") {
      late.clear();
      return "+OK\r\n";
    }
    if (silent) {
      late += "+late\r\n";
      return "";
    }
    return late + "$5\r\nfresh\r\n";
  });
  Client client = connect(server);
  client.set_call_timeout(std::chrono::milliseconds(60));
  const auto write = client.call("SET", "k", "v");
  REQUIRE_FALSE(write.ok());
  CHECK(write.failure().outcome_unknown());
  CHECK(contains(write.failure().message, "call_timeout is 60 ms"));
  const auto read = client.call("GET", "k");
  REQUIRE_FALSE(read.ok());
  CHECK(read.failure().kind == Kind::kNoReply);
  CHECK(contains(read.failure().message, "no reply in time (call_timeout is 60 ms); GET got no reply"));
  silent = false;
  client.set_call_timeout(std::chrono::milliseconds(10000));
  CHECK(client.call("GET", "k").as<std::string>().value_or("") == "fresh");
}

TEST_CASE("Client: reconnecting is bounded, and can be switched off") {
  auto server = std::make_unique<ScriptedServer>(library_world().server_tls(),
                                                 after_hello([](Args) { return std::string("+OK\r\n"); }));
  ClientOptions options = library_world().options(server->address());
  SUBCASE("no attempts") {
    options.reconnect.attempts = 0;
    Client client = connect(*server, options);
    server.reset();
    const auto reply = client.call("GET", "k");
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.failure().kind == Kind::kNotConnected);
    CHECK(contains(reply.failure().message, "no attempt to connect again is left"));
  }
  SUBCASE("five attempts") {
    Client client = connect(*server, options);
    server.reset();
    const auto reply = client.call("SET", "k", "v");
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.failure().kind == Kind::kNotConnected);
    CHECK(contains(reply.failure().message, "connection refused"));
    CHECK(contains(reply.failure().message, "SET was not sent"));
  }
}

TEST_CASE("Client: a pipeline's replies stand in the order of its commands") {
  const ScriptedServer server(library_world().server_tls(), after_hello([](Args args) -> std::string {
                                if (args[0] == "GET") return "-ERR no\r\n";
                                return ":" + std::string(args[1]) + "\r\n";
                              }));
  Client client = connect(server);
  CHECK(client.run(Pipeline()).empty());
  Pipeline pipeline;
  for (int i = 0; i < 3000; ++i) pipeline.add("TTL", i);
  pipeline.add("GET", "k");
  for (int turn = 0; turn < 2; ++turn) {
    const auto replies = client.run(pipeline);
    REQUIRE(replies.size() == 3001);
    for (int i = 0; i < 3000; ++i) REQUIRE(replies[static_cast<std::size_t>(i)].as<int>().value_or(-1) == i);
    CHECK(replies.back().failure().kind == Kind::kErrorReply);
  }
}

TEST_CASE("Client: a pipeline that loses its connection") {
  Counter counter;
  std::atomic<int> until_loss{0};
  const ScriptedServer server(library_world().server_tls(), after_hello([&](Args args) {
                                const std::string reply = counter.count(args);
                                return until_loss-- == 0 ? "close" : reply;
                              }));
  Client client = connect(server);
  Pipeline pipeline;
  SUBCASE("only reads are left: they are sent again") {
    // The replies before the loss are in one record with it, so none of them may have come.
    until_loss = 3;
    for (int i = 0; i < 6; ++i) pipeline.add("GET", i);
    for (const auto& reply : client.run(pipeline)) CHECK(reply.ok());
    CHECK(client.connections() == 2);
  }
  SUBCASE("a write is left: nothing is sent again, and what is behind the window is not sent at all") {
    until_loss = 0;
    pipeline.add("GET", "a");
    pipeline.add("SET", "a", 1);
    for (int i = 2; i < 1024; ++i) pipeline.add("GET", i);
    pipeline.add("SET", "b", 1);
    const auto replies = client.run(pipeline);
    CHECK(replies[0].failure().kind == Kind::kNoReply);
    CHECK(replies[1].failure().kind == Kind::kUnknownOutcome);
    CHECK(replies[1023].failure().kind == Kind::kNoReply);
    CHECK(replies[1024].failure().kind == Kind::kNotConnected);
    CHECK(contains(replies[1024].failure().message, "SET was not sent"));
    CHECK(counter.gets == 1);
    CHECK(counter.sets == 0);
  }
}

TEST_CASE("Client: a pipeline that overflows is not run in part") {
  std::atomic<int> seen{0};
  const ScriptedServer server(library_world().server_tls(), after_hello([&](Args) {
                                ++seen;
                                return std::string("+OK\r\n");
                              }));
  Client client = connect(server);
  Pipeline pipeline;
  const std::string large(Pipeline::bytes_max() / 2, 'v');
  pipeline.add("SET", "a", large);
  CHECK(pipeline.half_full());
  CHECK_FALSE(pipeline.overflows());
  pipeline.add("SET", "b", large);
  CHECK(pipeline.overflows());
  const auto replies = client.run(pipeline);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].failure().kind == Kind::kTooLarge);
  CHECK(seen == 0);
  pipeline.clear();
  pipeline.add("PING");
  pipeline.add(std::vector<std::string>{});
  CHECK(client.run(pipeline)[0].failure().kind == Kind::kUsage);
  CHECK(seen == 0);
  Pipeline many;
  for (std::size_t i = 0; i <= Pipeline::commands_max(); ++i) many.add("PING");
  CHECK(many.size() == Pipeline::commands_max());
  CHECK(many.overflows());
}

TEST_CASE("Client: what cannot work is told at once, in the words of the options") {
  const ScriptedServer server(library_world().server_tls(),
                              after_hello([](Args) { return std::string("+OK\r\n"); }));
  const auto failure = [](const ClientOptions& options) {
    const auto client = Client::connect(options);
    REQUIRE_FALSE(client.ok());
    return client.failure();
  };
  ClientOptions options = library_world().options(server.address());
  SUBCASE("a file is missing") {
    options.ca_file = library_world().folder().path("none.crt");
    CHECK(failure(options).kind == Kind::kUsage);
    CHECK(contains(failure(options).message, "none.crt"));
    CHECK(contains(failure(options).message, "cert_file, key_file and ca_file say where they are"));
  }
  SUBCASE("no CA") {
    options.ca_file.clear();
    CHECK(failure(options).message == "ca_file is missing: peers are always verified");
  }
  SUBCASE("half an identity") {
    options.key_file.clear();
    CHECK(failure(options).message == "cert_file and key_file go together: give both or none");
  }
  SUBCASE("no address") {
    options.address = "nowhere";
    CHECK(failure(options).kind == Kind::kUsage);
    options.address = "127.0.0.1:0";
    CHECK(contains(failure(options).message, "port 0"));
  }
  SUBCASE("a server of another authority") {
    const test::TestAuthority other("other CA");
    library_world().folder().write("other.crt", other.pem());
    options.ca_file = library_world().folder().path("other.crt");
    options.cert_file.clear();
    options.key_file.clear();
    CHECK(failure(options).kind == Kind::kNotConnected);
    CHECK(contains(failure(options).message, "signed by a CA that ca_file does not list"));
  }
  SUBCASE("no certificate of our own") {
    options.cert_file.clear();
    options.key_file.clear();
    CHECK(contains(failure(options).message, "wants a certificate"));
  }
}

TEST_CASE("Client: says who it is, on every connection") {
  std::vector<std::string> greeting;
  std::atomic<int> losses{1};
  const ScriptedServer server(library_world().server_tls(), [&](Args args) -> std::string {
    if (args[0] == "HELLO") {
      greeting.assign(args.begin(), args.end());
      return args.back() == "wrong" ? "-WRONGPASS no\r\n" : "+OK\r\n";
    }
    return losses-- > 0 ? "close" : "+PONG\r\n";
  });
  ClientOptions options = library_world().options(server.address());
  options.user = "ann";
  options.password = "wrong";
  CHECK(contains(Client::connect(options).failure().message, "WRONGPASS no"));
  options.password = "right";
  Client client = connect(server, options);
  greeting.clear();
  CHECK(client.call("PING").as<std::string>().value_or("") == "PONG");
  CHECK(greeting == std::vector<std::string>{"HELLO", "3", "AUTH", "ann", "right"});
}

TEST_CASE("Client: a certificate that was renewed on disk is shown to the next connection") {
  const test::LibraryWorld world;
  std::atomic<int> losses{0};
  const ScriptedServer server(world.server_tls(), after_hello([&](Args) -> std::string {
                                return losses-- > 0 ? "close" : "+PONG\r\n";
                              }));
  Client client = connect(server, world.options(server.address()));
  const test::PemPair foreign = test::TestAuthority("other CA").issue({.common_name = "client"});
  world.folder().write("client.crt", foreign.cert);
  losses = 1;
  // Half of a replacement makes no sense: what was read before counts.
  CHECK(client.call("PING").ok());
  world.folder().write("client.key", foreign.key);
  losses = 1;
  const auto reply = client.call("PING");
  REQUIRE_FALSE(reply.ok());
  CHECK(contains(reply.failure().message, "refused our certificate"));
}

TEST_CASE("Client: can be moved") {
  const ScriptedServer server(library_world().server_tls(),
                              after_hello([](Args) { return std::string("+PONG\r\n"); }));
  Client first = connect(server);
  Client second = std::move(first);
  CHECK(second.call("PING").ok());
}

}  // namespace
}  // namespace ringhold

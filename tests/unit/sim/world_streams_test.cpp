#include <doctest/doctest.h>

#include <string>

#include "common/base/limits.h"
#include "tests/unit/sim/world_fixture.h"

namespace ringhold::sim {
namespace {

std::string long_text(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i) + ",";
  return text;
}

TEST_CASE("a connection carries bytes both ways, whatever the splits") {
  for (const Splits splits : {Splits::kWhole, Splits::kPieces, Splits::kBytes}) {
    Pair pair(1);
    pair.sim.fabric().set_weather({.splits = splits});
    Recorder& client = pair.connect();
    pair.sim.run_for(milliseconds(10));
    CHECK(client.connected);
    CHECK(client.stream->peer().role == Role::kNode);
    CHECK(client.stream->peer().common_name == "server");
    REQUIRE(pair.server->connections.size() == 1);
    CHECK(pair.accepted().stream->peer().common_name == "client");
    CHECK(pair.accepted().stream->peer().role == Role::kClient);

    const std::string text = long_text(300000);
    pair.on_client([&] { client.say(text); });
    pair.sim.run_for(seconds(1));
    CHECK(client.heard == text);
    CHECK(pair.sim.violations().empty());
  }
}

TEST_CASE("what was written before the connection stands is sent, in order") {
  Pair pair(2);
  Recorder& client = pair.connect();
  pair.on_client([&] { client.say("one"); });
  pair.on_client([&] { client.say("two"); });
  pair.sim.run_for(milliseconds(10));
  CHECK(client.heard == "onetwo");
}

TEST_CASE("back-pressure: a reader that pauses stops the writer, and drains it when it goes on") {
  Pair pair(3, false);
  pair.sim.fabric().set_weather({.window_bytes = 16 * limits::kKiB});
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.on_server([&] { pair.accepted().stream->pause_reading(); });
  const std::string text = long_text(limits::kOutputHighBytes + 50000);
  pair.on_client([&] { client.say(text); });
  pair.sim.run_for(seconds(2));
  CHECK(pair.accepted().inputs == 0);
  CHECK(client.stream->unsent() >= text.size() - 16 * limits::kKiB);
  CHECK(client.drained == 0);
  pair.on_server([&] { pair.accepted().stream->resume_reading(); });
  pair.sim.run_for(seconds(2));
  CHECK(pair.accepted().heard == text);
  CHECK(client.stream->unsent() == 0);
  CHECK(client.drained == 1);
}

TEST_CASE("close sends what is in output first; the peer sees the end after the bytes") {
  Pair pair(4, false);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  const std::string text = long_text(200000);
  pair.on_client([&] {
    client.say(text);
    client.stream->close();
  });
  pair.sim.run_for(seconds(1));
  CHECK(client.closed == 1);
  CHECK(pair.accepted().heard == text);
  CHECK(pair.accepted().closed == 1);
  CHECK(pair.accepted().reason.find("closed by the peer") != std::string::npos);
}

TEST_CASE("close towards a peer that does not read ends by a time-out") {
  Pair pair(5, false);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.on_server([&] { pair.accepted().stream->pause_reading(); });
  pair.on_client([&] {
    client.say(long_text(300000));
    client.stream->close();
  });
  pair.sim.run_for(limits::kCloseTimeout - milliseconds(100));
  CHECK(client.closed == 0);
  pair.sim.run_for(milliseconds(200));
  CHECK(client.closed == 1);
  CHECK(pair.accepted().closed == 1);
}

TEST_CASE("abort drops everything; on_closed comes in a later callback, once") {
  Pair pair(6, false);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.on_client([&] {
    client.say("lost");
    client.stream->abort();
    CHECK(client.closed == 0);
    client.stream->abort();
    client.stream->close();
  });
  pair.sim.run_for(milliseconds(10));
  CHECK(client.closed == 1);
  CHECK(pair.accepted().heard.empty());
  CHECK(pair.accepted().closed == 1);
}

TEST_CASE("destroying a stream closes it for the peer, and calls nobody back") {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Pair pair(seed, false);
    Recorder& client = pair.connect();
    pair.sim.run_for(milliseconds(10));
    pair.on_client([&] { client.stream.reset(); });
    pair.sim.run_for(milliseconds(10));
    CHECK(client.closed == 0);
    CHECK(pair.accepted().closed == 1);
    CHECK(pair.client_process.live_streams() == 0);
    CHECK(pair.server->listener->connections() == 0);
  }
}

TEST_CASE(
    "connecting fails: nobody listens, the host is unknown, a client speaks the peer protocol, or it is "
    "full") {
  Pair pair(7);
  Recorder client;
  const auto connect = [&](const Address& address, Protocol protocol) {
    pair.on_client(
        [&] { client.stream = pair.client_loop.world().network.connect(address, protocol, client); });
    pair.sim.run_for(limits::kConnectTimeout + milliseconds(10));
  };
  SUBCASE("refused") {
    connect({"10.0.0.1", 1}, Protocol::kRedis);
    CHECK(client.reason.find("refused") != std::string::npos);
  }
  SUBCASE("no such host") {
    connect({"10.9.9.9", 1}, Protocol::kRedis);
    CHECK(client.reason.find("timed out") != std::string::npos);
  }
  SUBCASE("not a node") {
    connect(pair.address, Protocol::kPeer);
    CHECK(client.reason.find("node certificate") != std::string::npos);
  }
  SUBCASE("connections_max") {
    TestServer small(pair.server_loop.world(), {"10.0.0.1", 9600}, true, {.connections_max = 1});
    pair.on_client([&] { pair.clients.emplace_back(std::make_unique<Recorder>()); });
    Recorder& first = *pair.clients.back();
    pair.on_client([&] {
      first.stream = pair.client_loop.world().network.connect({"10.0.0.1", 9600}, Protocol::kRedis, first);
    });
    pair.sim.run_for(milliseconds(10));
    connect({"10.0.0.1", 9600}, Protocol::kRedis);
    CHECK(first.connected);
    CHECK(first.closed == 0);
  }
  CHECK_FALSE(client.connected);
  CHECK(client.closed == 1);
}

TEST_CASE("listening: a busy port is an error, a shared one is not, port 0 picks one") {
  Pair pair(8);
  CHECK(TestServer(pair.server_loop.world(), pair.address, true).error.find("in use") != std::string::npos);
  const TestServer free_port(pair.server_loop.world(), {"10.0.0.1", 0}, true);
  CHECK(free_port.listener->address().port != 0);
  SimLoop& second = pair.server_process.add_loop("second");
  const Address shared{"10.0.0.1", 9700};
  const TestServer a(pair.server_loop.world(), shared, true, {.share_port = true});
  const TestServer b(second.world(), shared, true, {.share_port = true});
  CHECK(b.error.empty());
  for (int i = 0; i < 20; ++i) {
    auto& client = *pair.clients.emplace_back(std::make_unique<Recorder>());
    pair.on_client(
        [&] { client.stream = pair.client_loop.world().network.connect(shared, Protocol::kRedis, client); });
  }
  pair.sim.run_for(milliseconds(10));
  CHECK(a.connections.size() + b.connections.size() == 20);
  CHECK(a.connections.size() > 2);
  CHECK(b.connections.size() > 2);
}

TEST_CASE("misuse is found: destroying a stream inside its callback, accepting without a handler") {
  Pair pair(9);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.on_client([&] {
    client.on_heard = [&] { client.stream.reset(); };
    client.say("x");
  });
  pair.sim.run_for(milliseconds(10));
  REQUIRE_FALSE(pair.sim.violations().empty());
  CHECK(pair.sim.violations().front().find("inside its own callback") != std::string::npos);
}

}  // namespace
}  // namespace ringhold::sim

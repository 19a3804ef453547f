// Who is let in through a port, and who is not.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "common/net/process_resources.h"
#include "tests/unit/net/test_world.h"

using namespace ringhold;
using namespace ringhold::test;
using std::chrono::milliseconds;

namespace {

bool ends(TestWorld& world, RawSocket& socket, milliseconds limit = milliseconds(3000)) {
  return world.run_until(
      [&] {
        socket.receive_now();
        return socket.ended;
      },
      limit);
}

}  // namespace

TEST_CASE("listener: a port that is in use is named") {
  TestWorld world;
  TestServer server(world.world);
  const auto again = world.world.network.listen(server.address(), {1, 1, false}, server);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().message ==
        server.address().text() + " is in use by another process; choose another with --addr");
  const auto foreign = world.world.network.listen({"192.0.2.1", 0}, {1, 1, false}, server);
  REQUIRE_FALSE(foreign.ok());
  CHECK(foreign.error().message ==
        "192.0.2.1:0 is not an address of this machine; choose another with --addr");
  const auto unknown = world.world.network.listen({"no-such-host.invalid", 0}, {1, 1, false}, server);
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().message.find("the host is unknown") != std::string::npos);
}

TEST_CASE("listener: IPv6 works like IPv4") {
  TestWorld world;
  TestPeer client;
  struct Handler : AcceptHandler {
    void on_accept(std::unique_ptr<Stream> stream) override { peer.take(std::move(stream)); }
    TestPeer peer;
  } handler;
  const auto listener = world.world.network.listen({"::1", 0}, {10, 10, false}, handler);
  if (!listener) {
    MESSAGE("SKIP listener_ipv6: " << listener.error().message);
    return;
  }
  CHECK((*listener)->address().text().find("[::1]:") == 0);
  client.stream = world.world.network.connect((*listener)->address(), Protocol::kRedis, client);
  client.send("six");
  REQUIRE(world.run_until([&] { return handler.peer.received == "six"; }));
  CHECK(handler.peer.stream->peer().address.host == "::1");
}

TEST_CASE("listener: loops of one process share a port, other processes do not join it") {
  const TestAuthority authority;
  const auto context = make_context(authority, {.common_name = "node-1", .unit = "node"});
  const auto resources = std::make_shared<ProcessResources>();
  Reactor one(resources, context);
  Reactor two(resources, context);
  Reactor stranger(std::make_shared<ProcessResources>(), context);
  TestServer first(one.world(), {100, 100, true});
  const auto second = two.world().network.listen(first.address(), {100, 100, true}, first);
  REQUIRE(second.ok());
  CHECK((*second)->address() == first.address());
  CHECK_FALSE(stranger.world().network.listen(first.address(), {100, 100, true}, first).ok());
  CHECK_FALSE(stranger.world().network.listen(first.address(), {100, 100, false}, first).ok());

  // The kernel spreads connections over both.
  std::vector<std::unique_ptr<RawSocket>> sockets;
  sockets.reserve(40);
  for (int i = 0; i < 40; ++i) sockets.push_back(std::make_unique<RawSocket>(first.address()));
  for (int i = 0; i < 200 && (*first.listening)->connections() + (*second)->connections() < 40; ++i) {
    for (Reactor* reactor : {&one, &two}) {
      const auto tick = reactor->loop().make_timer([] {});
      tick->start(milliseconds(1));
      reactor->loop().run_once();
    }
  }
  CHECK((*first.listening)->connections() > 0);
  CHECK((*second)->connections() > 0);
  CHECK((*first.listening)->connections() + (*second)->connections() == 40);
}

TEST_CASE("listener: no more connections than allowed, in total and from one address") {
  TestWorld world;
  SUBCASE("total") {
    TestServer server(world.world, {3, 1000, false});
    std::vector<std::unique_ptr<RawSocket>> in;
    in.reserve(3);
    for (int i = 0; i < 3; ++i) in.push_back(std::make_unique<RawSocket>(server.address()));
    REQUIRE(world.run_until([&] { return (*server.listening)->connections() == 3; }));
    RawSocket out(server.address());
    CHECK(ends(world, out));
    in.pop_back();
    REQUIRE(world.run_until([&] { return (*server.listening)->connections() == 2; }));
    RawSocket next(server.address());
    REQUIRE(world.run_until([&] { return (*server.listening)->connections() == 3; }));
  }
  SUBCASE("from one address") {
    TestServer server(world.world, {1000, 2, false});
    RawSocket a(server.address());
    RawSocket b(server.address());
    REQUIRE(world.run_until([&] { return (*server.listening)->connections() == 2; }));
    RawSocket c(server.address());
    CHECK(ends(world, c));
    CHECK((*server.listening)->connections() == 2);
  }
}

TEST_CASE("listener: a handshake that is not made in time ends") {
  TestWorld world({.handshake = milliseconds(150)});
  TestServer server(world.world);
  RawSocket silent(server.address());
  RawSocket half(server.address());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));  // the start of a ClientHello
  RawSocket slow(server.address());
  const MonoTime start = world.reactor.loop().now();
  std::string hello(600, '\x01');
  hello.replace(0, 11, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  std::size_t sent = 0;
  REQUIRE(world.run_until([&] {
    if (sent < 100 && !slow.ended) slow.send(hello.substr(sent++, 1));
    for (RawSocket* socket : {&silent, &half, &slow}) socket->receive_now();
    return silent.ended && half.ended && slow.ended;
  }));
  CHECK(world.reactor.loop().now() - start < milliseconds(2000));
  REQUIRE(world.run_until([&] { return (*server.listening)->connections() == 0; }));
  CHECK(server.peers.empty());
}

TEST_CASE("listener: plaintext is closed, and others do not notice") {
  TestWorld world;
  TestServer server(world.world);
  TestPeer client;
  client.stream = world.world.network.connect(server.address(), Protocol::kRedis, client);
  for (const char* bytes :
       {"PING\r\n\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "*1\r\n$4\r\nPING\r\n", "\x16\x03\x01"}) {
    RawSocket socket(server.address());
    socket.send(bytes);
    if (std::string(bytes).size() > 5) CHECK(ends(world, socket));
  }
  REQUIRE(world.run_until([&] { return client.connected && (*server.listening)->connections() == 1; }));
}

TEST_CASE("listener: the peer protocol is for nodes") {
  const TestAuthority authority;
  Reactor server_side(
      std::make_shared<ProcessResources>(),
      make_context(authority, {.common_name = "node-1", .unit = "node"}, ClientAuth::kOptional));
  TestServer server(server_side.world());
  const auto attempt = [&](const TlsContextPtr& context, Protocol protocol) {
    Reactor client_side(std::make_shared<ProcessResources>(), context);
    TestPeer client;
    client.stream = client_side.world().network.connect(server.address(), protocol, client);
    const std::size_t before = server.peers.size();
    for (int i = 0; i < 200 && !client.closed && server.peers.size() == before; ++i) {
      for (Reactor* reactor : {&server_side, &client_side}) {
        const auto tick = reactor->loop().make_timer([] {});
        tick->start(milliseconds(1));
        reactor->loop().run_once();
      }
    }
    return server.peers.size() > before;
  };
  CHECK(attempt(make_context(authority, {.common_name = "n", .unit = "node"}), Protocol::kPeer));
  CHECK_FALSE(attempt(make_context(authority, {.common_name = "a", .unit = "admin"}), Protocol::kPeer));
  CHECK_FALSE(attempt(make_context(authority, {.common_name = "c", .unit = "client"}), Protocol::kPeer));
  CHECK_FALSE(attempt(make_anonymous_context(authority.pem()), Protocol::kPeer));
  CHECK(attempt(make_anonymous_context(authority.pem()), Protocol::kRedis));
}

TEST_CASE("listener: a node does not take somebody without the node role for a data server") {
  TestAuthority authority;
  Reactor impostor(std::make_shared<ProcessResources>(),
                   make_context(authority, {.common_name = "impostor", .unit = "client"}));
  TestServer server(impostor.world());
  TestPeer client;
  client.stream = impostor.world().network.connect(server.address(), Protocol::kPeer, client);
  for (int i = 0; i < 200 && !client.closed; ++i) {
    const auto tick = impostor.loop().make_timer([] {});
    tick->start(milliseconds(5));
    impostor.loop().run_once();
  }
  CHECK_FALSE(client.connected);
  CHECK(client.why ==
        "ringhold-peer/1 needs a certificate with the role node (OU=node); this one (CN=impostor) has the "
        "role client");
}

TEST_CASE("listener: destroying it stops accepting, and streams live on") {
  TestWorld world;
  TestServer server(world.world);
  TestPeer client;
  client.stream = world.world.network.connect(server.address(), Protocol::kRedis, client);
  REQUIRE(world.run_until([&] { return client.connected && !server.peers.empty(); }));
  const Address address = server.address();
  RawSocket half_open(address);
  REQUIRE(world.run_until([&] { return (*server.listening)->connections() == 2; }));
  server.listening->reset();
  CHECK(ends(world, half_open));
  client.send("still here");
  REQUIRE(world.run_until([&] { return server.peers[0]->received == "still here"; }));
  TestPeer late;
  late.stream = world.world.network.connect(address, Protocol::kRedis, late);
  REQUIRE(world.run_until([&] { return late.closed; }));
}

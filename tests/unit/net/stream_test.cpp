// Streams over loopback: one loop that serves and connects.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/net/test_world.h"

using namespace ringhold;
using namespace ringhold::test;
using std::chrono::milliseconds;

namespace {

// A client that is connected to a server, both ends at hand.
struct Connection {
  explicit Connection(NetTimeouts timeouts = {}, std::size_t buffer_bytes_max = limits::kBufferBytesTotal)
      : world(timeouts, ClientAuth::kRequired, buffer_bytes_max), server(world.world) {
    client.stream = world.world.network.connect(server.address(), Protocol::kRedis, client);
    REQUIRE(world.run_until([this] { return client.connected && !server.peers.empty(); }));
  }
  TestPeer& far() { return *server.peers.front(); }
  bool run_until(const std::function<bool()>& done) { return world.run_until(done); }

  TestWorld world;
  TestServer server;
  TestPeer client;
};

}  // namespace

TEST_CASE("stream: bytes go both ways, and both ends know who the other is") {
  Connection c;
  CHECK(c.client.stream->peer().role == Role::kNode);
  CHECK(c.client.stream->peer().address == c.server.address());
  CHECK(c.far().stream->peer().common_name == "node-1");
  CHECK(c.far().stream->peer().address.host == "127.0.0.1");
  c.client.send("ping");
  REQUIRE(c.run_until([&] { return c.far().received == "ping"; }));
  c.far().send("pong");
  REQUIRE(c.run_until([&] { return c.client.received == "pong"; }));
  CHECK(c.client.stream->unsent() == 0);
}

TEST_CASE("stream: what one turn has appended leaves together") {
  Connection c;
  for (int i = 0; i < 100; ++i) c.client.send("0123456789");
  REQUIRE(c.run_until([&] { return c.far().received.size() == 1000; }));
  CHECK(c.far().input_calls == 1);
}

TEST_CASE("stream: idle streams hold no buffers") {
  Connection c;
  c.client.send(std::string(100000, 'x'));
  REQUIRE(c.run_until([&] { return c.far().received.size() == 100000; }));
  c.world.run_for(milliseconds(20));
  CHECK(c.client.stream->output().capacity() == 0);
  CHECK(c.far().stream->input().capacity() == 0);
}

TEST_CASE("stream: output that is given before the connection stands is sent when it does") {
  TestWorld world;
  TestServer server(world.world);
  TestPeer client;
  client.stream = world.world.network.connect(server.address(), Protocol::kPeer, client);
  client.send("early");
  REQUIRE(world.run_until([&] { return !server.peers.empty() && server.peers[0]->received == "early"; }));
  CHECK(server.peers[0]->stream->peer().protocol == Protocol::kPeer);
}

TEST_CASE("stream: 10 MB each way at once, with one slow reader") {
  Connection c;
  const std::size_t size = 10 << 20;
  std::string pattern(size, '\0');
  for (std::size_t i = 0; i < size; ++i) pattern[i] = static_cast<char>((i * 2654435761U) >> 11U);
  // The far end reads for one millisecond in four.
  bool slow_phase = false;
  std::unique_ptr<Timer> phase;
  phase = c.world.world.scheduler.make_timer([&] {
    slow_phase = !slow_phase;
    if (slow_phase) {
      c.far().stream->pause_reading();
    } else {
      c.far().stream->resume_reading();
    }
    phase->start(milliseconds(slow_phase ? 3 : 1));
  });
  phase->start(milliseconds(1));
  c.client.send(pattern);
  c.far().send(pattern);
  REQUIRE(c.run_until([&] { return c.far().received.size() == size && c.client.received.size() == size; }));
  CHECK(c.far().received == pattern);
  CHECK(c.client.received == pattern);
  CHECK(c.client.drained == 1);
  CHECK(c.client.stream->unsent() == 0);
}

TEST_CASE("stream: a reader that pauses pushes back, and loses nothing") {
  Connection c;
  c.far().stream->pause_reading();
  const std::size_t size = 64 << 20;  // more than the kernel takes
  c.client.send(std::string(size, 'x'));
  c.world.run_for(milliseconds(100));
  CHECK(c.far().received.empty());
  CHECK(c.client.stream->unsent() > size / 2);
  CHECK(c.client.drained == 0);
  c.far().stream->resume_reading();
  REQUIRE(c.run_until([&] { return c.far().received.size() == size; }));
  CHECK(c.client.drained == 1);
  c.client.send("a little more");
  REQUIRE(c.run_until([&] { return c.far().received.size() > size; }));
  CHECK(c.client.drained == 1);
}

// A session pauses when unsent() is high. The kernel may then take a write that was under way before the
// stream looks at its output again, which is not high any more; without on_drained nobody would ever resume.
TEST_CASE("regression: a stream that was high when its reading was paused tells that it has drained") {
  Connection c;
  c.far().stream->pause_reading();
  // In small steps, until the kernel takes no more and a write is under way: never above the high mark.
  const std::string step(limits::kOutputLowBytes, 'x');
  std::size_t size = 0;
  for (int i = 0; i < 2000 && c.client.stream->unsent() == 0; ++i) {
    c.client.send(step);
    size += step.size();
    c.world.run_for(milliseconds(1));
    if (c.client.stream->unsent() > 0) c.world.run_for(milliseconds(50));
  }
  const std::size_t under_way = c.client.stream->unsent();
  REQUIRE(under_way > 0);
  REQUIRE(under_way <= limits::kOutputHighBytes);
  // With the write high, without it not. Not flushed: the end of the write is the next that happens.
  const std::string rest(limits::kOutputHighBytes - under_way / 2, 'x');
  c.client.stream->output().append(rest);
  size += rest.size();
  REQUIRE(c.client.stream->unsent() > limits::kOutputHighBytes);
  c.client.stream->pause_reading();
  CHECK(c.client.drained == 0);
  c.far().stream->resume_reading();
  REQUIRE(c.run_until([&] { return c.far().received.size() == size; }));
  REQUIRE(c.run_until([&] { return c.client.drained > 0; }));
  CHECK(c.client.drained == 1);
  CHECK(c.client.stream->unsent() == 0);
}

TEST_CASE("stream: close sends what was written, says goodbye, and tells both ends once") {
  Connection c;
  const std::size_t size = 8 << 20;
  c.client.send(std::string(size, 'x'));
  c.client.stream->close();
  REQUIRE(c.run_until([&] { return c.client.closed && c.far().closed; }));
  CHECK(c.far().received.size() == size);
  CHECK(c.far().why == "the peer closed the connection");
  CHECK(c.client.why == "closed by this side");
  c.world.run_for(milliseconds(20));
  CHECK(c.client.closed_calls == 1);
  CHECK(c.far().closed_calls == 1);
}

TEST_CASE("stream: after close, what the peer still sends is discarded and does not destroy our last words") {
  Connection c;
  c.far().after_input = [&] {
    c.far().stream->input().consume(c.far().stream->input().size());
    if (c.far().input_calls > 1) return;
    c.far().send("-ERR enough");
    c.far().stream->close();
  };
  c.client.send(std::string(30 << 20, 'x'));
  REQUIRE(c.run_until([&] { return c.far().closed && c.client.closed; }));
  CHECK(c.client.received == "-ERR enough");
  CHECK(c.far().input_calls == 1);
}

TEST_CASE("stream: the peer's end that comes while reading is paused waits until it is resumed") {
  Connection c;
  c.far().after_input = [&] { c.far().stream->pause_reading(); };
  c.client.send("last words");
  c.client.stream->close();
  c.world.run_for(milliseconds(50));
  CHECK_FALSE(c.far().closed);
  CHECK(c.far().stream->input().view() == "last words");
  c.far().stream->resume_reading();
  REQUIRE(c.run_until([&] { return c.far().closed; }));
  CHECK(c.far().why == "the peer closed the connection");
}

TEST_CASE("stream: replies that are due when the peer says goodbye are still sent") {
  Connection c;
  c.far().after_input = [&] {
    c.far().stream->input().consume(c.far().stream->input().size());
    c.far().send("reply");
  };
  c.client.send("request");
  c.client.stream->close();  // closes its writing side; it still reads what comes, but discards it
  REQUIRE(c.run_until([&] { return c.far().closed && c.client.closed; }));
  CHECK(c.far().stream->unsent() == 0);
}

TEST_CASE("stream: abort drops everything and tells later") {
  Connection c;
  c.client.send(std::string(1000, 'x'));
  c.client.stream->abort();
  CHECK_FALSE(c.client.closed);
  REQUIRE(c.run_until([&] { return c.client.closed && c.far().closed; }));
  CHECK(c.far().received.empty());
  CHECK(c.far().why != "the peer closed the connection");
}

TEST_CASE("stream: destroying one closes it at once and calls nobody") {
  Connection c;
  c.client.stream.reset();
  REQUIRE(c.run_until([&] { return c.far().closed; }));
  CHECK_FALSE(c.client.closed);
}

TEST_CASE("stream: destroying one inside its own callbacks does not crash") {
  Connection c;
  SUBCASE("on_input") {
    c.far().after_input = [&] { c.far().stream.reset(); };
    c.client.send("x");
    REQUIRE(c.run_until([&] { return c.client.closed; }));
  }
  SUBCASE("on_accept") {
    TestPeer second;
    c.server.on_peer = [](TestPeer& peer) { peer.stream.reset(); };
    second.stream = c.world.world.network.connect(c.server.address(), Protocol::kRedis, second);
    REQUIRE(c.run_until([&] { return second.closed; }));
  }
  SUBCASE("on_drained") {
    struct Drained : TestPeer {
      void on_drained() override { stream.reset(); }
    } second;
    second.stream = c.world.world.network.connect(c.server.address(), Protocol::kRedis, second);
    second.send(std::string(1 << 20, 'x'));
    REQUIRE(c.run_until([&] { return c.server.peers.size() == 2 && c.server.peers[1]->closed; }));
  }
  SUBCASE("on_connected") {
    struct Connected : TestPeer {
      void on_connected() override { stream.reset(); }
    } second;
    second.stream = c.world.world.network.connect(c.server.address(), Protocol::kRedis, second);
    REQUIRE(c.run_until([&] { return c.server.peers.size() == 2 && c.server.peers[1]->closed; }));
  }
  SUBCASE("on_closed") {
    struct Closed : TestPeer {
      void on_closed(const Error& /*error*/) override {
        ++closed_calls;
        stream.reset();
      }
    } second;
    second.stream = c.world.world.network.connect(c.server.address(), Protocol::kRedis, second);
    REQUIRE(c.run_until([&] { return second.connected && c.server.peers.size() == 2; }));
    c.server.peers[1]->stream->abort();
    REQUIRE(c.run_until([&] { return second.closed_calls == 1; }));
  }
}

TEST_CASE("stream: one that a task owns goes with the task when the loop ends") {
  Connection c;
  const std::shared_ptr<Stream> owned(std::move(c.client.stream));
  c.world.world.scheduler.defer([owned] {});
  c.world.world.scheduler.post([owned] {});
}

TEST_CASE("stream: a peer that does not read cannot hold up a close for long") {
  Connection c({.close = milliseconds(200), .linger = milliseconds(50)});
  c.far().stream->pause_reading();
  c.client.send(std::string(64 << 20, 'x'));
  c.client.stream->close();
  const MonoTime start = c.world.reactor.loop().now();
  REQUIRE(c.run_until([&] { return c.client.closed; }));
  CHECK(c.world.reactor.loop().now() - start >= milliseconds(200));
  CHECK(c.world.reactor.loop().now() - start < milliseconds(2000));
}

TEST_CASE("stream: a peer that never closes its side ends with the linger time-out") {
  Connection c({.linger = milliseconds(50)});
  c.far().stream->pause_reading();  // does not notice the goodbye
  const MonoTime start = c.world.reactor.loop().now();
  c.client.stream->close();
  REQUIRE(c.run_until([&] { return c.client.closed; }));
  CHECK(c.world.reactor.loop().now() - start >= milliseconds(50));
}

TEST_CASE("stream: connecting fails with a reason") {
  TestWorld world({.connect = milliseconds(300)});
  TestPeer client;
  const auto fail = [&](const Address& to, Protocol protocol = Protocol::kRedis) {
    client.closed = false;
    client.stream = world.world.network.connect(to, protocol, client);
    REQUIRE(world.run_until([&] { return client.closed; }));
    CHECK_FALSE(client.connected);
    return client.why;
  };
  SUBCASE("nobody listens") {
    Address free;
    { free = TestServer(world.world).address(); }
    CHECK(fail(free) == "cannot connect to " + free.text() + ": connection refused");
  }
  SUBCASE("an unknown name") {
    CHECK(fail({"no-such-host.invalid", 1}).find("cannot connect to no-such-host.invalid:1: ") == 0);
  }
  SUBCASE("somebody accepts and says nothing") {
    const auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&name), size) == 0);
    REQUIRE(::listen(fd, 1) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0);
    CHECK(fail({"127.0.0.1", ntohs(name.sin_port)}) == "the TLS handshake was not complete within 300 ms");
    ::close(fd);
  }
  SUBCASE("a certificate for another address") {
    TestServer server(world.world);
    CHECK(fail({"127.0.0.2", server.address().port}).find("127.0.0.2") != std::string::npos);
  }
}

TEST_CASE("stream: connects by name") {
  TestWorld world;
  TestServer server(world.world);
  TestPeer client;
  client.stream = world.world.network.connect({"localhost", server.address().port}, Protocol::kRedis, client);
  REQUIRE(world.run_until([&] { return client.connected; }));
}

TEST_CASE("stream: giving up while a name is being resolved, or a connection made, is clean") {
  TestWorld world;
  TestServer server(world.world);
  for (const char* host : {"localhost", "127.0.0.1", "no-such-host.invalid"}) {
    TestPeer client;
    client.stream = world.world.network.connect({host, server.address().port}, Protocol::kRedis, client);
    client.stream.reset();
    client.stream = world.world.network.connect({host, server.address().port}, Protocol::kRedis, client);
    client.stream->abort();
    REQUIRE(world.run_until([&] { return client.closed; }));
    CHECK(client.closed_calls == 1);
  }
}

TEST_CASE("stream: later connections to the same server resume the session") {
  TestWorld world;
  TestServer server(world.world);
  server.on_peer = [](TestPeer& peer) { peer.send("hello"); };
  for (int i = 0; i < 3; ++i) {
    TestPeer client;
    client.stream = world.world.network.connect(server.address(), Protocol::kRedis, client);
    // The ticket comes after the handshake and before the first bytes.
    REQUIRE(world.run_until([&] { return client.received == "hello"; }));
  }
  SSL_CTX* stats = world.reactor.network().context()->server();
  CHECK(SSL_CTX_sess_hits(stats) == 2);
}

TEST_CASE("stream: over the budget of buffered bytes, the stream with the most is closed") {
  Connection c({}, 8 << 20);
  TestPeer small;
  small.stream = c.world.world.network.connect(c.server.address(), Protocol::kRedis, small);
  REQUIRE(c.run_until([&] { return small.connected; }));
  c.far().after_input = [] {};  // leaves all in its buffer
  for (int i = 0; i < 12 && !c.client.closed; ++i) {
    c.client.send(std::string(1 << 20, 'x'));
    c.world.run_for(milliseconds(10));
  }
  REQUIRE(c.run_until([&] { return c.far().closed && c.client.closed; }));
  CHECK(c.far().why == "too much was buffered for this connection");
  CHECK_FALSE(small.closed);
}

TEST_CASE("regression: what the owner holds elsewhere counts towards the budget, though nothing is sent") {
  Connection c({}, 8 << 20);
  c.far().stream->set_held(16 << 20);
  c.far().stream->flush();
  REQUIRE(c.run_until([&] { return c.far().closed && c.client.closed; }));
  CHECK(c.far().why == "too much was buffered for this connection");
}

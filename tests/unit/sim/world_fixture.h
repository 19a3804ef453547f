// Small programs for a simulated world: an echo server, and a client that keeps what it hears.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/reactor/world.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A stream whose events are kept as text; a test decides what else happens.
class Recorder : public StreamHandler {
 public:
  void on_connected() override { connected = true; }
  void on_input() override {
    ++inputs;
    if (!consume) return;
    heard += stream->input().view();
    stream->input().clear();
    if (on_heard) on_heard();
  }
  void on_drained() override { ++drained; }
  void on_closed(const Error& why) override {
    ++closed;
    reason = why.message;
  }

  void say(std::string_view text) {
    stream->output().append(text);
    stream->flush();
  }

  std::unique_ptr<Stream> stream;
  std::string heard;
  std::string reason;
  bool connected = false;
  bool consume = true;
  int inputs = 0;
  int drained = 0;
  int closed = 0;
  std::function<void()> on_heard;
};

// Accepts; each connection is a Recorder that may echo.
class TestServer : public AcceptHandler {
 public:
  TestServer(World world, const Address& address, bool echo, ListenOptions options = {}) : echo_(echo) {
    auto result = world.network.listen(address, options, *this);
    if (result.ok()) {
      listener = std::move(result.value());
    } else {
      error = result.error().message;
    }
  }
  void on_accept(std::unique_ptr<Stream> stream) override {
    auto connection = std::make_unique<Recorder>();
    Recorder* at = connection.get();
    stream->set_handler(at);
    connection->stream = std::move(stream);
    if (echo_) {
      connection->on_heard = [at] {
        at->say(at->heard);
        at->heard.clear();
      };
    }
    connections.push_back(std::move(connection));
  }

  std::unique_ptr<Listener> listener;
  std::string error;
  std::vector<std::unique_ptr<Recorder>> connections;

 private:
  bool echo_;
};

// One server process and one client process, as most tests want them.
struct Pair {
  explicit Pair(std::uint64_t seed, bool echo = true)
      : sim(seed),
        server_process(sim.add_process({.name = "server", .host = "10.0.0.1", .role = Role::kNode})),
        client_process(sim.add_process({.name = "client", .host = "10.0.1.1", .role = Role::kClient})),
        server_loop(server_process.add_loop("main")),
        client_loop(client_process.add_loop("main")) {
    sim.run_on(server_loop,
               [&] { server = std::make_unique<TestServer>(server_loop.world(), address, echo); });
  }
  // Connects one more client; time has to pass before it is connected.
  Recorder& connect(Protocol protocol = Protocol::kRedis) {
    auto& client = *clients.emplace_back(std::make_unique<Recorder>());
    sim.run_on(client_loop,
               [&] { client.stream = client_loop.world().network.connect(address, protocol, client); });
    return client;
  }
  void on_client(const std::function<void()>& code) { sim.run_on(client_loop, code); }
  void on_server(const std::function<void()>& code) { sim.run_on(server_loop, code); }
  Recorder& accepted(std::size_t i = 0) { return *server->connections.at(i); }

  SimWorld sim;
  SimProcess& server_process;
  SimProcess& client_process;
  SimLoop& server_loop;
  SimLoop& client_loop;
  Address address{"10.0.0.1", 9501};
  std::unique_ptr<TestServer> server;
  std::vector<std::unique_ptr<Recorder>> clients;
};

}  // namespace ringhold::sim

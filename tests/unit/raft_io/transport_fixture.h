// Replicas in the simulated world that say what a test tells them, and keep what they hear.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cluster/raft_io/raft_listener.h"
#include "cluster/raft_io/transport.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::raft_io {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline raft::ReplicaId replica(std::uint8_t n) {
  raft::ReplicaId id;
  id.value.bytes[15] = n;
  return id;
}

inline Id128 id_of(std::uint8_t n) {
  Id128 id;
  id.bytes[0] = n;
  return id;
}

// One replica: its process, and while it lives, its transport.
class TestReplica final : public TransportHandler {
 public:
  TestReplica(sim::SimWorld& sim, std::uint8_t n, Role role = Role::kNode)
      : id(replica(n)),
        host("10.0.0." + std::to_string(n)),
        identity{id_of(0xC1), id_of(0x51), id},
        process(sim.add_process({.name = "r" + std::to_string(n), .host = host, .role = role})),
        sim_(sim) {}

  Address address() const { return {host, port}; }
  PeerAddress as_peer() const { return {id, address().text()}; }

  void start() {
    loop = &process.add_loop("main");
    run([&] {
      transport =
          std::make_unique<Transport>(loop->world(), TransportOptions{identity, address().text()}, *this);
      listener = std::make_unique<RaftListener>(*transport);
      REQUIRE(listener->start(loop->world(), address()).ok());
    });
  }
  void end() {
    run([&] { destroy(); });
  }
  void crash(sim::CrashMode mode) {
    process.crash(mode, [&] { destroy(); });
  }
  void destroy() {
    listener.reset();
    transport.reset();
  }

  void run(const std::function<void()>& code) { sim_.run_on(*loop, code); }
  void know(const std::vector<PeerAddress>& peers) {
    run([&] { transport->set_peers(peers); });
  }
  void send(raft::ReplicaId to, raft::MessageBody body) {
    run([&] { transport->send({id, to, {1}, std::move(body)}); });
  }
  PeerState state_of(raft::ReplicaId peer) const {
    for (PeerState& state : transport->peers()) {
      if (state.id == peer) return state;
    }
    return {};
  }
  bool up(raft::ReplicaId peer) const {
    const PeerState state = state_of(peer);
    return state.up[0] && state.up[1];
  }
  template <typename Body>
  std::size_t count() const {
    std::size_t n = 0;
    for (const raft::Message& message : heard) n += std::holds_alternative<Body>(message.body) ? 1 : 0;
    return n;
  }

  void on_message(raft::Message message) override {
    heard.push_back(std::move(message));
    if (on_heard) on_heard(heard.back());
  }
  void on_peer_lost(raft::ReplicaId peer) override {
    lost.push_back(peer);
    if (on_lost) on_lost();
  }

  raft::ReplicaId id;
  std::string host;
  std::uint16_t port = 9501;
  RaftIdentity identity;
  sim::SimProcess& process;
  sim::SimLoop* loop = nullptr;
  std::unique_ptr<Transport> transport;
  std::unique_ptr<RaftListener> listener;
  std::vector<raft::Message> heard;
  std::vector<raft::ReplicaId> lost;
  std::function<void(const raft::Message&)> on_heard;
  std::function<void()> on_lost;

 private:
  sim::SimWorld& sim_;
};

// Two replicas that know each other, and a third that nobody knows.
struct Shard {
  explicit Shard(std::uint64_t seed = 1) : sim(seed), a(sim, 1), b(sim, 2), c(sim, 3) {}
  ~Shard() {
    for (TestReplica* replica : {&a, &b, &c}) {
      if (replica->transport != nullptr) replica->end();
    }
    sim.run_for(milliseconds(100));
    CHECK(sim.violations().empty());
    for (TestReplica* replica : {&a, &b, &c}) {
      CHECK(replica->process.live_streams() == 0);
      CHECK(replica->process.live_timers() == 0);
    }
  }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void start() {
    a.start();
    b.start();
    a.know({a.as_peer(), b.as_peer()});
    b.know({a.as_peer(), b.as_peer()});
    REQUIRE(until([&] { return a.up(b.id) && b.up(a.id); }));
  }
  bool until(const std::function<bool()>& done) { return sim.run_until(done, seconds(20)); }
  void pass(std::chrono::microseconds time) { sim.run_for(time); }

  sim::SimWorld sim;
  TestReplica a;
  TestReplica b;
  TestReplica c;
};

inline raft::AppendRequest append_of(std::uint64_t index, std::size_t bytes) {
  raft::AppendRequest append{{{index - 1}, {1}}, {0}, {}};
  append.entries = {{{{index}, {1}}, raft::EntryKind::kCommand, raft::make_payload(std::string(bytes, 'x'))}};
  return append;
}

}  // namespace ringhold::raft_io

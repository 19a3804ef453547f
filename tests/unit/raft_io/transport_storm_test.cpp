// Everything at once: three replicas talk while connections are cut, processes crash, stop and vanish, the
// network stalls one way, and the lists of members change.
#include <doctest/doctest.h>

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/world/random.h"
#include "tests/unit/raft_io/transport_fixture.h"

namespace ringhold::raft_io {
namespace {

class Storm {
 public:
  explicit Storm(std::uint64_t seed) : shard_(seed), rng_(seed * 7919) {
    for (TestReplica* replica : all_) {
      replica->on_heard = [this, replica](const raft::Message& message) { check(*replica, message); };
      come_up(*replica);
    }
  }

  void blow() {
    for (int step = 0; step < 400; ++step) {
      chat();
      if (rng_.one_in(8)) break_something();
      shard_.pass(std::chrono::microseconds(rng_.between(10, 20'000)));
    }
  }

  void calm_down() {
    shard_.sim.fabric().unstall_all();
    for (TestReplica* replica : all_) {
      replica->process.resume();
      if (replica->transport == nullptr) come_up(*replica);
      replica->know(everybody());
    }
    CHECK(shard_.until([&] {
      for (const TestReplica* one : all_) {
        for (const TestReplica* other : all_) {
          if (one != other && !one->up(other->id)) return false;
        }
      }
      return true;
    }));
    shard_.pass(seconds(12));  // for connections whose other end has vanished
    for (const TestReplica* replica : all_) {
      CHECK(replica->transport->incoming() == 4);
      CHECK(replica->transport->peers().size() == 2);
    }
    std::map<raft::ReplicaId, std::size_t> before;
    for (const TestReplica* replica : all_) before[replica->id] = replica->heard.size();
    chat();
    CHECK(shard_.until([&] {
      for (const TestReplica* replica : all_) {
        if (replica->heard.size() != before[replica->id] + 4) return false;
      }
      return true;
    }));
  }

 private:
  std::vector<PeerAddress> everybody() const {
    return {shard_.a.as_peer(), shard_.b.as_peer(), shard_.c.as_peer()};
  }
  TestReplica& somebody() { return *all_.at(static_cast<std::size_t>(rng_.between(0, 2))); }

  void come_up(TestReplica& replica) {
    replica.start();
    replica.know(everybody());
  }

  // Everybody who can says one message on each channel to everybody else, with a number that only rises.
  void chat() {
    for (TestReplica* from : all_) {
      if (from->transport == nullptr || from->process.paused()) continue;
      for (const TestReplica* to : all_) {
        if (from == to) continue;
        ++number_;
        from->send(to->id, append_of(number_, static_cast<std::size_t>(rng_.between(0, 30'000))));
        from->send(to->id, raft::Heartbeat{number_, {0}});
      }
    }
  }

  // Nothing comes twice, or behind what was said later on the same channel.
  void check(const TestReplica& at, const raft::Message& message) {
    const auto* heartbeat = std::get_if<raft::Heartbeat>(&message.body);
    const std::uint64_t number = heartbeat != nullptr
                                     ? heartbeat->round
                                     : std::get<raft::AppendRequest>(message.body).previous.index.value + 1;
    std::uint64_t& last = last_[{at.id, message.from}][heartbeat != nullptr ? 0 : 1];
    CHECK(number > last);
    last = number;
  }

  void break_something() {
    TestReplica& one = somebody();
    TestReplica& other = somebody();
    sim::Fabric& fabric = shard_.sim.fabric();
    switch (rng_.between(0, 7)) {
      case 0:
        if (&one != &other) fabric.cut(one.process, other.process, 50);
        break;
      case 1:
        if (one.transport != nullptr && !one.process.paused())
          one.crash(rng_.one_in(2) ? sim::CrashMode::kReset : sim::CrashMode::kSilent);
        break;
      case 2:
        one.process.pause();
        break;
      case 3:
        one.process.resume();
        break;
      case 4:
        if (&one != &other) fabric.stall(one.process, other.process);
        break;
      case 5:
        fabric.unstall_all();
        break;
      case 6:
        if (one.transport != nullptr && !one.process.paused())
          one.know(rng_.one_in(2) ? everybody() : std::vector{other.as_peer()});
        break;
      default:
        if (one.transport == nullptr) come_up(one);
    }
  }

  Shard shard_;
  sim::SimRng rng_;
  std::array<TestReplica*, 3> all_{&shard_.a, &shard_.b, &shard_.c};
  std::uint64_t number_ = 0;
  std::map<std::pair<raft::ReplicaId, raft::ReplicaId>, std::array<std::uint64_t, 2>> last_;
};

TEST_CASE("transport storm: afterwards everybody hears everybody, and nothing ever came twice or backwards") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Storm storm(seed);
    storm.blow();
    storm.calm_down();
  }
}

}  // namespace
}  // namespace ringhold::raft_io

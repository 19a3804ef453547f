#include "cluster/raft_io/transport.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/unit/raft_io/transport_fixture.h"

namespace ringhold::raft_io {
namespace {

TEST_CASE("transport: what one replica says, the other hears, on both channels and in order") {
  Shard shard;
  shard.start();
  for (std::uint64_t i = 1; i <= 50; ++i) {
    shard.a.send(shard.b.id, append_of(i, 1000));
    shard.b.send(shard.a.id, raft::Heartbeat{i, {0}});
  }
  REQUIRE(shard.until([&] { return shard.b.heard.size() == 50 && shard.a.heard.size() == 50; }));
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const raft::Message& append = shard.b.heard[i - 1];
    CHECK(append.from == shard.a.id);
    CHECK(append.to == shard.b.id);
    CHECK(std::get<raft::AppendRequest>(append.body).previous.index.value == i - 1);
    CHECK(std::get<raft::Heartbeat>(shard.a.heard[i - 1].body).round == i);
  }
  CHECK(shard.a.lost.empty());
  CHECK(shard.a.transport->figures().sent == 50);
  CHECK(shard.a.transport->figures().received == 50);
  CHECK(shard.a.transport->figures().dropped == 0);
}

TEST_CASE("transport: what is said in one turn arrives as one packet") {
  Shard shard;
  shard.start();
  shard.a.process.after_turn = nullptr;
  int turns = 0;
  std::size_t before = 0;
  shard.b.process.after_turn = [&] {
    if (shard.b.heard.size() > std::exchange(before, shard.b.heard.size())) ++turns;
  };
  shard.a.run([&] {
    for (std::uint64_t i = 1; i <= 20; ++i)
      shard.a.transport->send({shard.a.id, shard.b.id, {1}, append_of(i, 100)});
  });
  REQUIRE(shard.until([&] { return shard.b.heard.size() == 20; }));
  CHECK(turns == 1);
  shard.b.process.after_turn = nullptr;
}

TEST_CASE("transport: messages arrive whole however the network cuts them up") {
  for (const sim::Splits splits : {sim::Splits::kBytes, sim::Splits::kPieces}) {
    Shard shard(2);
    sim::Weather weather;
    weather.splits = splits;
    shard.sim.fabric().set_weather(weather);
    shard.start();
    for (std::uint64_t i = 1; i <= 20; ++i) {
      shard.a.send(shard.b.id, append_of(i, 5000));
      shard.a.send(shard.b.id, raft::Heartbeat{i, {0}});
    }
    REQUIRE(shard.until([&] { return shard.b.heard.size() == 40; }));
    CHECK(shard.b.count<raft::Heartbeat>() == 20);
  }
}

TEST_CASE("transport: before the welcome messages are dropped; a loss is told when there is a way again") {
  Shard shard;
  shard.a.start();
  shard.a.know({shard.b.as_peer()});
  shard.a.send(shard.b.id, append_of(1, 10));
  shard.a.send(shard.b.id, raft::Heartbeat{1, {0}});
  CHECK(shard.a.transport->figures().dropped == 2);
  shard.pass(seconds(1));
  CHECK(shard.a.lost.empty());
  shard.b.start();
  REQUIRE(shard.until([&] { return shard.a.up(shard.b.id); }));
  CHECK(shard.b.heard.empty());
  CHECK(shard.a.lost == std::vector{shard.b.id});
}

TEST_CASE("transport: whoever says hello is not kept waiting for its answer") {
  Shard shard;
  shard.start();
  shard.b.crash(sim::CrashMode::kReset);
  shard.pass(seconds(30));
  shard.b.start();
  shard.b.know({shard.a.as_peer()});
  CHECK(shard.sim.run_until([&] { return shard.a.up(shard.b.id); }, milliseconds(5)));
}

TEST_CASE("transport: a replica that comes up is connected to again within a second") {
  Shard shard;
  shard.start();
  shard.b.crash(sim::CrashMode::kReset);
  shard.pass(seconds(30));
  CHECK_FALSE(shard.a.up(shard.b.id));
  shard.b.start();
  CHECK(shard.sim.run_until([&] { return shard.a.up(shard.b.id); }, seconds(1)));
}

TEST_CASE(
    "transport: both replicas' links come back after all connections were cut; each loss is told once") {
  Shard shard;
  shard.start();
  for (std::size_t round = 1; round <= 3; ++round) {
    REQUIRE(shard.sim.fabric().cut(shard.a.process, shard.b.process, 100) == 4);
    REQUIRE(shard.until([&] { return shard.a.lost.size() == round && shard.b.lost.size() == round; }));
    REQUIRE(shard.until([&] { return shard.a.up(shard.b.id) && shard.b.up(shard.a.id); }));
    shard.pass(seconds(1));
    CHECK(shard.a.lost == std::vector(round, shard.b.id));
    CHECK(shard.b.lost == std::vector(round, shard.a.id));
    CHECK(shard.a.transport->incoming() == 2);
  }
  shard.a.send(shard.b.id, append_of(1, 10));
  REQUIRE(shard.until([&] { return shard.b.heard.size() == 1; }));
}

TEST_CASE("transport: a loss is told again when there is a way, if something was dropped meanwhile") {
  Shard shard;
  shard.start();
  shard.b.crash(sim::CrashMode::kReset);
  REQUIRE(shard.until([&] { return shard.a.lost.size() == 1; }));
  shard.a.send(shard.b.id, append_of(1, 10));
  shard.pass(seconds(1));
  CHECK(shard.a.lost.size() == 1);
  shard.b.start();
  REQUIRE(shard.until([&] { return shard.a.up(shard.b.id); }));
  CHECK(shard.a.lost.size() == 2);
}

TEST_CASE("transport: a host that vanishes without a word is noticed, and found again when it is back") {
  Shard shard;
  shard.start();
  shard.b.crash(sim::CrashMode::kSilent);
  REQUIRE(shard.until([&] { return !shard.a.state_of(shard.b.id).up[0]; }));
  REQUIRE(shard.until([&] { return !shard.a.state_of(shard.b.id).up[1]; }));
  CHECK(shard.a.lost == std::vector{shard.b.id});
  // What it had connected to is given up too.
  REQUIRE(shard.until([&] { return shard.a.transport->incoming() == 0; }));
  shard.pass(seconds(10));
  shard.b.start();
  shard.b.know({shard.a.as_peer()});
  CHECK(shard.sim.run_until([&] { return shard.a.up(shard.b.id) && shard.b.up(shard.a.id); }, seconds(1)));
}

TEST_CASE("transport: a network that swallows what one side sends: its links are made anew") {
  Shard shard;
  shard.start();
  shard.sim.fabric().stall(shard.a.process, shard.b.process);
  REQUIRE(shard.until([&] { return !shard.a.up(shard.b.id); }));
  shard.pass(seconds(10));
  shard.sim.fabric().unstall(shard.a.process, shard.b.process);
  REQUIRE(shard.until([&] { return shard.a.up(shard.b.id) && shard.b.up(shard.a.id); }));
  shard.pass(seconds(1));
  CHECK(shard.a.transport->incoming() == 2);
  CHECK(shard.b.transport->incoming() == 2);
}

TEST_CASE("transport: a peer that does not read costs a bounded amount of memory, and is probed afterwards") {
  Shard shard;
  shard.start();
  shard.b.process.pause();
  // Until the link is given up for its silence.
  std::size_t most = 0;
  for (std::uint64_t i = 1; i <= 400; ++i) {
    shard.a.send(shard.b.id, append_of(i, 100'000));
    most = std::max(most, shard.a.state_of(shard.b.id).unsent);
    shard.pass(milliseconds(10));
  }
  CHECK(most > limits::kRaftUnsentBytesMax);
  CHECK(most < limits::kRaftUnsentBytesMax + 200'000);
  CHECK(shard.a.transport->figures().dropped > 300);
  CHECK(shard.a.state_of(shard.b.id).up[1]);
  CHECK(shard.a.lost.empty());
  shard.b.process.resume();
  REQUIRE(shard.until([&] { return shard.a.state_of(shard.b.id).unsent <= limits::kOutputLowBytes; }));
  CHECK(shard.sim.run_until([&] { return !shard.a.lost.empty(); }, milliseconds(1)));
  shard.pass(seconds(1));
  CHECK(shard.a.lost.size() == 1);
  CHECK(shard.a.state_of(shard.b.id).unsent < 1000);
  // What was sent came, in order, and only the rest is missing.
  std::uint64_t next = 0;
  for (const raft::Message& message : shard.b.heard) {
    if (const auto* append = std::get_if<raft::AppendRequest>(&message.body))
      CHECK(append->previous.index.value == next++);
  }
  CHECK(next > 80);
}

TEST_CASE("transport: 8 MB of entries in front do not delay a heartbeat") {
  Shard shard;
  shard.start();
  shard.a.run([&] {
    for (std::uint64_t i = 1; i <= 80; ++i)
      shard.a.transport->send({shard.a.id, shard.b.id, {1}, append_of(i, 100'000)});
    shard.a.transport->send({shard.a.id, shard.b.id, {1}, raft::Heartbeat{1, {0}}});
  });
  const MonoTime sent = shard.sim.now();
  REQUIRE(shard.until([&] { return shard.b.count<raft::Heartbeat>() == 1; }));
  CHECK(shard.sim.now() - sent < milliseconds(2));
  CHECK(shard.b.count<raft::AppendRequest>() < 10);
  REQUIRE(shard.until([&] { return shard.b.count<raft::AppendRequest>() == 80; }));
  CHECK(shard.sim.now() - sent > milliseconds(10));
}

TEST_CASE("transport: a message that is too large is not sent, and harms no other") {
  Shard shard;
  shard.start();
  shard.a.send(shard.b.id, append_of(1, limits::kRaftFrameBytesMax));
  CHECK(shard.a.transport->figures().dropped == 1);
  shard.a.send(shard.b.id, append_of(1, limits::kRaftFrameBytesMax - 1000));
  REQUIRE(shard.until([&] { return shard.b.heard.size() == 1; }));
  CHECK(shard.a.up(shard.b.id));
}

TEST_CASE("transport: a learner that knows nobody can answer the leader that contacts it") {
  Shard shard;
  shard.start();
  shard.c.start();  // its own membership is empty
  shard.c.on_heard = [&](const raft::Message& message) {
    if (std::holds_alternative<raft::AppendRequest>(message.body))
      shard.c.transport->send({shard.c.id, message.from, {1}, raft::AppendReply{true, {1}, {0}, {}}});
    if (std::holds_alternative<raft::Heartbeat>(message.body))
      shard.c.transport->send({shard.c.id, message.from, {1}, raft::HeartbeatReply{9}});
  };
  shard.a.know({shard.b.as_peer(), shard.c.as_peer()});
  // Its way back is made when the leader's hello comes: an answer to the first messages may be lost.
  REQUIRE(shard.until([&] { return shard.a.up(shard.c.id) && shard.c.up(shard.a.id); }));
  CHECK_FALSE(shard.c.state_of(shard.a.id).listed);
  shard.a.send(shard.c.id, append_of(1, 10));
  shard.a.send(shard.c.id, raft::Heartbeat{9, {0}});
  REQUIRE(shard.until([&] { return shard.a.heard.size() == 2; }));
  CHECK(shard.a.count<raft::AppendReply>() == 1);
  CHECK(shard.a.count<raft::HeartbeatReply>() == 1);
  // It learns of its membership: nothing breaks.
  shard.c.know({shard.a.as_peer(), shard.b.as_peer(), shard.c.as_peer()});
  CHECK(shard.c.up(shard.a.id));
  CHECK(shard.c.state_of(shard.a.id).listed);
  CHECK(shard.c.lost.empty());
}

TEST_CASE("transport: a stranger is forgotten when it has gone") {
  Shard shard;
  shard.start();
  shard.c.start();
  shard.c.know({shard.a.as_peer()});
  REQUIRE(shard.until([&] { return shard.c.up(shard.a.id) && shard.a.up(shard.c.id); }));
  shard.c.end();
  REQUIRE(shard.until([&] { return shard.a.transport->peers().size() == 1; }));
  CHECK(shard.a.transport->incoming() == 2);
}

TEST_CASE("transport: a member that was removed is answered for as long as it asks") {
  Shard shard;
  shard.start();
  shard.a.know({});
  CHECK_FALSE(shard.a.state_of(shard.b.id).listed);
  shard.b.send(shard.a.id, raft::VoteRequest{true, false, {}});
  REQUIRE(shard.until([&] { return shard.a.heard.size() == 1; }));
  shard.a.send(shard.b.id, raft::VoteReply{true, false, true});
  REQUIRE(shard.until([&] { return shard.b.heard.size() == 1; }));
  // It has understood.
  shard.b.know({});
  REQUIRE(shard.until([&] { return shard.a.transport->incoming() + shard.b.transport->incoming() == 0; }));
  REQUIRE(shard.until(
      [&] { return shard.a.transport->peers().size() + shard.b.transport->peers().size() == 0; }));
}

TEST_CASE("transport: a member that has moved is found at its new address, and where its hello says") {
  Shard shard;
  shard.start();
  shard.b.crash(sim::CrashMode::kReset);
  shard.b.port = 9601;
  SUBCASE("the list says so") {
    shard.b.start();
    shard.a.know({shard.b.as_peer()});
    CHECK(shard.sim.run_until([&] { return shard.a.up(shard.b.id); }, milliseconds(10)));
  }
  SUBCASE("it says so itself, and the list is old") {
    shard.pass(seconds(2));
    shard.b.start();
    shard.b.know({shard.a.as_peer()});
    CHECK(shard.sim.run_until([&] { return shard.a.up(shard.b.id); }, milliseconds(10)));
    // It moves back without a chance to say so: the list is tried as well.
    shard.b.crash(sim::CrashMode::kReset);
    REQUIRE(shard.until([&] { return !shard.a.up(shard.b.id); }));
    shard.b.port = 9501;
    shard.b.start();
    CHECK(shard.sim.run_until([&] { return shard.a.up(shard.b.id); }, seconds(2)));
  }
}

TEST_CASE("transport: what was under way to an address that was given up counts as lost") {
  Shard shard;
  shard.start();
  shard.a.know({{shard.b.id, "10.0.0.2:9601"}});
  CHECK_FALSE(shard.a.up(shard.b.id));
  CHECK(shard.a.lost.empty());  // not from inside set_peers
  shard.pass(seconds(1));
  shard.a.know({shard.b.as_peer()});
  REQUIRE(shard.until([&] { return shard.a.up(shard.b.id); }));
  CHECK(shard.a.lost == std::vector{shard.b.id});
}

TEST_CASE("transport: an address that is none is an error in the state, until it is put right") {
  Shard shard;
  shard.start();
  shard.c.start();
  shard.a.know({shard.b.as_peer(), {shard.c.id, "nonsense"}});
  shard.pass(seconds(1));
  CHECK_FALSE(shard.a.up(shard.c.id));
  CHECK(shard.a.state_of(shard.c.id).reason == "its address is not known");
  shard.a.know({shard.b.as_peer(), shard.c.as_peer()});
  REQUIRE(shard.until([&] { return shard.a.up(shard.c.id); }));
}

TEST_CASE("transport: it may be destroyed, or be given other peers, inside each of its callbacks") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Shard shard(seed);
    shard.start();
    SUBCASE("destroyed by a message") {
      shard.b.on_heard = [&](const raft::Message& /*message*/) { shard.b.destroy(); };
      shard.a.run([&] {
        for (std::uint64_t i = 1; i <= 5; ++i)
          shard.a.transport->send({shard.a.id, shard.b.id, {1}, raft::Heartbeat{i, {0}}});
      });
      REQUIRE(shard.until([&] { return shard.b.transport == nullptr; }));
      CHECK(shard.b.heard.size() == 1);
    }
    SUBCASE("destroyed by a loss") {
      shard.b.on_lost = [&] { shard.b.destroy(); };
      shard.sim.fabric().cut(shard.a.process, shard.b.process, 100);
      REQUIRE(shard.until([&] { return shard.b.transport == nullptr; }));
    }
    SUBCASE("the peer removed by a message of its own") {
      shard.b.on_heard = [&](const raft::Message& /*message*/) { shard.b.transport->set_peers({}); };
      shard.a.send(shard.b.id, raft::Heartbeat{1, {0}});
      REQUIRE(shard.until([&] { return !shard.b.heard.empty(); }));
    }
    SUBCASE("the peer removed, or moved, by a loss") {
      bool lost = false;
      shard.b.on_lost = [&] {
        lost = true;
        if (seed % 2 == 0) {
          shard.b.transport->set_peers({});
        } else {
          shard.b.transport->set_peers({{shard.a.id, "10.0.0.1:9777"}});
          shard.b.transport->set_peers({shard.a.as_peer()});
        }
      };
      shard.sim.fabric().cut(shard.a.process, shard.b.process, 100);
      REQUIRE(shard.until([&] { return lost; }));
      if (seed % 2 == 1) REQUIRE(shard.until([&] { return shard.b.up(shard.a.id); }));
    }
    shard.pass(seconds(1));
  }
}

TEST_CASE("transport: the same seed gives the same run") {
  const auto run = [] {
    Shard shard(11);
    shard.start();
    for (std::uint64_t i = 1; i <= 30; ++i) {
      shard.a.send(shard.b.id, append_of(i, 1000 * i));
      if (i % 10 == 0) shard.sim.fabric().cut(shard.a.process, shard.b.process, 50);
      shard.pass(milliseconds(20));
    }
    return shard.sim.trace().hash();
  };
  CHECK(run() == run());
}

}  // namespace
}  // namespace ringhold::raft_io

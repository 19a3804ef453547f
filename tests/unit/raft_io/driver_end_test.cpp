// A driver that is destroyed in the middle of what it does: by those that it calls.
#include "tests/unit/raft_io/driver_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

TEST_CASE("driver: it may be destroyed when it says that it cannot be trusted any more") {
  DriverShard shard(3);
  DriverReplica& one = *shard.replicas[0];
  one.start();
  REQUIRE(shard.until([&] { return one.started == ""; }));
  one.on_faulty = [&] { one.destroy_driver(); };
  // Number 3 of the shard has an acknowledgement that this one has never given.
  TestReplica other(shard.sim, 9);
  other.id = other.identity.self = replica(3);
  other.start();
  other.know({{one.id, one.address.text()}});
  REQUIRE(shard.until([&] { return other.up(one.id); }));
  bool refused = false;
  one.run([&] { one.driver->read([&](bool may) { refused = !may; }); });
  CHECK(refused);
  other.send(one.id, raft::Heartbeat{1, {100}});
  REQUIRE(shard.until([&] { return !one.faults.empty(); }));
  CHECK(one.faults[0].find("entries have been lost from its disk") != std::string::npos);
  CHECK(one.driver == nullptr);
  shard.sim.run_for(seconds(1));
  CHECK(one.faults.size() == 1);
  other.end();
}

TEST_CASE("driver: one that cannot be trusted any more answers all that wait, and may be destroyed by any") {
  DriverShard shard(3, 5);
  DriverReplica& one = shard.start();
  shard.isolate(one);
  int ends = 0;
  const auto waits = [&](ProposalEnd end, const std::string& /*why*/) {
    CHECK(end == ProposalEnd::kUnknown);
    ++ends;
    one.destroy_driver();
  };
  one.run([&] {
    for (int i = 0; i < 3; ++i) one.driver->propose("x", waits);
  });
  TestReplica other(shard.sim, 9);
  other.id = other.identity.self = shard.other_than(one).id;
  other.start();
  other.know({{one.id, one.address.text()}});
  REQUIRE(shard.until([&] { return other.up(one.id); }));
  // A second leader of the same term.
  other.run([&] { other.transport->send({other.id, one.id, one.core()->term(), raft::Heartbeat{1, {}}}); });
  REQUIRE(shard.until([&] { return !one.faults.empty(); }));
  shard.sim.run_for(seconds(1));
  CHECK(ends == 1);
  CHECK(one.driver == nullptr);
  other.end();
}

TEST_CASE("driver: it may be destroyed by whoever hears what became of a proposal") {
  DriverShard shard(1);
  DriverReplica& one = shard.start();
  int ends = 0;
  one.run([&] {
    for (int i = 0; i < 3; ++i) {
      one.driver->propose("x", [&](ProposalEnd /*end*/, const std::string& /*why*/) {
        ++ends;
        one.destroy_driver();
      });
    }
  });
  REQUIRE(shard.until([&] { return ends > 0; }));
  shard.sim.run_for(seconds(1));
  CHECK(ends == 1);
  CHECK(one.driver == nullptr);
}

TEST_CASE("driver: it may be destroyed by whoever hears that a proposal is refused") {
  DriverShard shard(3);
  DriverReplica& leader = shard.start();
  DriverReplica& one = shard.other_than(leader);
  one.run([&] {
    one.driver->propose("x", [&](ProposalEnd end, const std::string& /*why*/) {
      CHECK(end == ProposalEnd::kRefused);
      one.destroy_driver();
    });
  });
  CHECK(one.driver == nullptr);
  shard.sim.run_for(seconds(1));
}

TEST_CASE("driver: it may be destroyed by whoever may read") {
  DriverShard shard(3, 1, [](DriverOptions& options) { options.reads = ReadMode::kQuorum; });
  DriverReplica& one = shard.start();
  int answers = 0;
  one.run([&] {
    for (int i = 0; i < 3; ++i) {
      one.driver->read([&](bool may) {
        CHECK(may);
        ++answers;
        one.destroy_driver();
      });
    }
  });
  REQUIRE(shard.until([&] { return answers > 0; }));
  shard.sim.run_for(seconds(1));
  CHECK(answers == 1);
  CHECK(one.driver == nullptr);
}

TEST_CASE("driver: it may be destroyed by whoever may not read") {
  DriverShard shard(3, 1, [](DriverOptions& options) { options.reads = ReadMode::kQuorum; });
  DriverReplica& one = shard.start();
  int refused = 0;
  const auto ask = [&] {
    one.driver->read([&](bool may) {
      if (may) return;
      ++refused;
      one.destroy_driver();
    });
  };
  SUBCASE("the leader hears nobody any more") {
    shard.isolate(one);
  }
  SUBCASE("the leader's disk does not finish") {
    // Reads wait for the others' answers when that is found out.
    const sim::Weather slow{.delay_min_us = 100000, .delay_max_us = 100000};
    shard.sim.fabric().set_weather_of(one.process, slow);
    one.files().faults().slow = seconds(60);
    shard.propose(one, "x");
    shard.sim.run_for(milliseconds(950));
    REQUIRE(one.leads());
  }
  one.run([&] {
    for (int i = 0; i < 3; ++i) ask();
  });
  REQUIRE(shard.until([&] { return refused > 0; }, seconds(2)));
  shard.sim.run_for(seconds(1));
  CHECK(refused == 1);
  CHECK(one.driver == nullptr);
}

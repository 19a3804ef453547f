#include "tests/unit/raft/core_fixture.h"

namespace ringhold::raft::test {

TEST_CASE("three replicas elect a leader, which commits what it is given") {
  Shard shard(3);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  shard.step(leader, Propose{make_payload("x")});
  shard.deliver();
  shard.pass(milliseconds(100));
  for (auto& [number, node] : shard.nodes) {
    REQUIRE(node.applied.size() == 2);
    CHECK(node.applied[0].kind == EntryKind::kNothing);
    CHECK(*node.applied[1].payload == "x");
    CHECK(node.fault.empty());
  }
  CHECK(shard.core(leader).lease_holds(shard.now));
}

TEST_CASE("a shard of one leads at once") {
  Shard shard(1);
  shard.pass(milliseconds(20));
  REQUIRE(shard.core(1).is_leader());
  shard.step(1, Propose{make_payload("x")});
  CHECK(shard.nodes.at(1).applied.size() == 2);
  CHECK(shard.core(1).lease_holds(shard.now));
}

TEST_CASE("a leader that is cut off is replaced, and what it had not committed goes") {
  Shard shard(3);
  const std::uint8_t first = shard.elect();
  shard.cut[first] = true;
  shard.step(first, Propose{make_payload("lost")});
  const std::uint8_t second = shard.elect();
  REQUIRE(second != 0);
  shard.pass(milliseconds(700));
  CHECK_FALSE(shard.core(first).is_leader());  // check-quorum
  shard.step(second, Propose{make_payload("kept")});
  shard.deliver();
  shard.cut.clear();
  shard.pass(milliseconds(500));
  for (auto& [number, node] : shard.nodes) {
    REQUIRE(node.applied.size() == 3);
    CHECK(*node.applied[2].payload == "kept");
  }
}

TEST_CASE("learners join from nothing, catch up, and become voters") {
  Shard shard(1);
  shard.pass(milliseconds(20));
  for (int i = 0; i < 50; ++i) shard.step(1, Propose{make_payload("entry " + std::to_string(i))});
  shard.add(2, Log());
  shard.step(1, ChangeMembership{AddLearner{replica(2), "10.0.0.2:1"}});
  REQUIRE(shard.nodes.at(1).last.refused == "");
  shard.pass(milliseconds(500));
  CHECK(shard.core(1).membership().has_voter(replica(2)));
  CHECK(shard.core(2).role() == RoleName::kFollower);
  CHECK(shard.nodes.at(2).applied.size() == shard.nodes.at(1).applied.size());
  shard.step(1, TransferLeadership{replica(2)});
  shard.pass(milliseconds(100));
  CHECK(shard.core(2).is_leader());
  shard.step(2, ChangeMembership{RemoveMember{replica(1)}});
  shard.pass(milliseconds(500));
  CHECK(shard.core(1).removed());
  CHECK(shard.core(2).membership().members().size() == 1);
}

}  // namespace ringhold::raft::test

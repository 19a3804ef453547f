// What readers have found in how replicas come and go.
#include "tests/unit/raft/one_replica.h"

namespace ringhold::raft::test {

TEST_CASE(
    "regression: a learner that is given a snapshot from before it was added is not taken for removed") {
  Alone learner({.self = 4, .founders = {}});
  const SnapshotMeta snapshot = snapshot_at(4, 1, members({1}));
  REQUIRE(learner.hear(1, 1, whole(snapshot)).store_chunk.has_value());
  REQUIRE(learner.step(ChunkStored{snapshot.id, snapshot.bytes}).install.has_value());
  learner.step(SnapshotInstalled{snapshot.id});
  CHECK_FALSE(learner.core->removed());
  const Entry added = membership_entry(5, 1, members({1}, {4}));
  learner.hear(1, 1, AppendRequest{snapshot.position, {5}, {added}});
  learner.hear(1, 1, AppendRequest{added.position, {6}, {membership_entry(6, 1, members({1, 4}))}});
  CHECK_FALSE(learner.core->removed());
  CHECK(learner.core->role() == RoleName::kFollower);
  // It can do what a voter does.
  learner.hear(1, 1, TimeoutNow{});
  CHECK(learner.core->role() == RoleName::kCandidate);
}

TEST_CASE("regression: a learner that has known its leader hears that it was removed") {
  Alone learner({.self = 4, .founders = members({1, 2, 3}, {4})});
  learner.hear(1, 1, Heartbeat{1, {}});
  REQUIRE(learner.core->leader() == replica(1));
  learner.now += std::chrono::seconds(2);
  REQUIRE(learner.step(Tick{}).send.size() == 3);
  learner.hear(2, 1, VoteReply{.pre = true, .removed = true});
  CHECK(learner.core->removed());
}

TEST_CASE("regression: a removal that would leave no majority that can be heard is refused") {
  Shard shard(3);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  shard.pass(milliseconds(200));
  const auto other = static_cast<std::uint8_t>(leader == 1 ? 2 : 1);
  const auto gone = static_cast<std::uint8_t>(6 - leader - other);
  shard.cut[gone] = true;
  shard.pass(milliseconds(900));
  REQUIRE(shard.core(leader).is_leader());
  shard.step(leader, ChangeMembership{RemoveMember{replica(other)}});
  CHECK(shard.nodes.at(leader).last.refused.find("no majority") != std::string::npos);
  shard.pass(milliseconds(2000));
  CHECK(shard.core(leader).is_leader());
  // Without the one that has gone there is.
  shard.step(leader, ChangeMembership{RemoveMember{replica(gone)}});
  CHECK(shard.nodes.at(leader).last.refused == "");
  shard.pass(milliseconds(100));
  CHECK(shard.core(leader).membership().members().size() == 2);
}

}  // namespace ringhold::raft::test

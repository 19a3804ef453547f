// What the simulator, or a reader, has found in the core, each as the shortest story that shows it.
#include <memory>

#include "tests/unit/raft/one_replica.h"

namespace ringhold::raft::test {
TEST_CASE("regression: entries that were read from the disk while the log was compacted are not sent") {
  Alone one({.bounds = {.memory_bytes = 0}});
  one.lead();
  for (int i = 0; i < 5; ++i) one.step(Propose{make_payload("x")});
  one.accept(2, 6);
  REQUIRE(one.core->applied().value == 6);
  // The third replica has nothing yet, and nothing is in memory any more.
  const Output asked = one.step(from(3, 1, 1, AppendReply{.previous = {0}, .hint = {}}));
  const bool reads = !asked.read_log.empty();
  if (!reads) {
    one.now += milliseconds(200);
    REQUIRE_FALSE(one.step(Tick{}).read_log.empty());
  }
  const SnapshotMeta snapshot = snapshot_at(5, 1, one.core->membership());
  one.step(Compacted{snapshot, {6}});
  const Output out = one.step(LogRead{replica(3), {1}, {command(1, 1), command(2, 1)}});
  CHECK(find<AppendRequest>(out) == nullptr);
  CHECK(out.want_snapshot.size() == 1);
}

TEST_CASE("regression: a replica that is to leave can still lead until that is committed") {
  Shard shard(2);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  const auto other = static_cast<std::uint8_t>(3 - leader);
  shard.pass(milliseconds(100));
  // The removal reaches the other's disk, and never the leader's own.
  shard.nodes.at(leader).disk_works = false;
  shard.step(leader, ChangeMembership{RemoveMember{replica(other)}});
  shard.deliver();
  Log on_disk = shard.core(leader).log();
  on_disk.truncate_from(on_disk.last_index());
  const Vote vote = shard.core(leader).vote();
  shard.nodes.erase(leader);
  shard.wire.clear();
  CoreOptions options{.self = replica(leader), .seed = 9};
  shard.nodes[leader].core = std::make_unique<Core>(options, Recovered{vote, on_disk, {}, {}}, shard.now);
  CHECK(shard.elect() != 0);
  shard.pass(milliseconds(2000));
  CHECK(shard.core(leader).is_leader());
  CHECK(shard.core(other).removed());
}

TEST_CASE("regression: nothing is applied while a snapshot takes the place of the state") {
  Alone one;
  one.step(from(2, 1, 1, AppendRequest{{}, {}, {command(1, 1), command(2, 1)}}));
  const SnapshotMeta snapshot = snapshot_at(9, 1, one.core->membership());
  one.step(from(2, 1, 1, SnapshotChunk{snapshot, 0, make_payload("0123456789")}));
  REQUIRE(one.step(ChunkStored{snapshot.id, 10}).install.has_value());
  CHECK(one.step(from(2, 1, 1, Heartbeat{1, {2}})).apply.empty());
  one.step(SnapshotInstalled{snapshot.id});
  CHECK(one.core->applied().value == 9);
}

TEST_CASE("regression: a log that parts from the leader's before all that is on its disk is replaced") {
  Alone one;
  one.step(
      from(2, 1, 1, AppendRequest{{}, {4}, {command(1, 1), command(2, 1), command(3, 1), command(4, 1)}}));
  one.step(Compacted{snapshot_at(4, 1, one.core->membership()), {5}});
  one.now += std::chrono::seconds(2);
  one.step(Tick{});
  one.step(from(2, 1, 2, VoteReply{.pre = true, .granted = true}));
  one.step(from(2, 1, 2, VoteReply{.granted = true}));
  REQUIRE(one.core->is_leader());
  // The third replica has another entry where the leader's log begins.
  const Output out = one.step(from(3, 1, 2, AppendReply{.previous = {4}, .hint = {{4}, {0}}}));
  CHECK(find<AppendRequest>(out) == nullptr);
  CHECK(out.want_snapshot.size() == 1);
}

TEST_CASE("regression: a learner that replays the time before it was added is not taken for removed") {
  Shard shard(1);
  shard.pass(milliseconds(20));
  shard.step(1, ChangeMembership{AddLearner{replica(7), "10.0.0.7:1"}});
  shard.step(1, ChangeMembership{RemoveMember{replica(7)}});
  shard.pass(milliseconds(1500));
  shard.add(2, Log());
  shard.step(1, ChangeMembership{AddLearner{replica(2), "10.0.0.2:1"}});
  shard.pass(milliseconds(1000));
  CHECK_FALSE(shard.core(2).removed());
  CHECK(shard.core(1).membership().has_voter(replica(2)));
}

TEST_CASE("regression: an acknowledgement that waits for the disk dies with its term") {
  Alone one;
  const Output got = one.core->step(one.now, from(2, 1, 1, AppendRequest{{}, {}, {command(1, 1)}}));
  REQUIRE(got.persist.has_value());
  one.now += std::chrono::seconds(2);
  const Output voted = one.core->step(one.now, from(3, 1, 2, VoteRequest{.last = {{5}, {1}}}));
  REQUIRE(voted.persist.has_value());
  const Output durable = one.core->step(one.now, Persisted{voted.persist->number});
  CHECK(find<AppendReply>(durable) == nullptr);
  REQUIRE(find<VoteReply>(durable) != nullptr);
  CHECK(find<VoteReply>(durable)->granted);
}

}  // namespace ringhold::raft::test

// What readers have found in elections, in what rests on heartbeats (lease, check-quorum, reads), and in
// handing over.
#include "tests/unit/raft/one_replica.h"

namespace ringhold::raft::test {
namespace {

struct Others {
  std::uint8_t first;
  std::uint8_t second;
};

// Of a shard of three.
Others others(std::uint8_t leader) {
  const auto first = static_cast<std::uint8_t>(leader == 1 ? 2 : 1);
  return {first, static_cast<std::uint8_t>(6 - leader - first)};
}

// All acknowledgements of entries are lost.
void deliver_without_acknowledgements(Shard& shard) {
  for (int i = 0; i < 100 && !shard.wire.empty(); ++i) {
    const Message message = std::move(shard.wire.front());
    shard.wire.pop_front();
    if (!std::holds_alternative<AppendReply>(message.body)) shard.step(message.to.value.bytes[15], message);
  }
}

}  // namespace

TEST_CASE("regression: a promise not to vote outlives the term in which it was given") {
  Alone one;
  one.now += std::chrono::seconds(5);
  one.hear(2, 1, AppendRequest{{}, {}, {command(1, 1)}});
  REQUIRE(find<HeartbeatReply>(one.hear(2, 1, Heartbeat{7, {}})) != nullptr);
  one.now += milliseconds(10);
  // A late answer to a question of long ago: all that it says is that there is a later term.
  one.hear(3, 2, VoteReply{.pre = true});
  one.now += milliseconds(10);
  const Output early = one.hear(3, 2, VoteRequest{.last = {{1}, {1}}});
  REQUIRE(find<VoteReply>(early) != nullptr);
  CHECK_FALSE(find<VoteReply>(early)->granted);
  one.now += milliseconds(300);
  const Output late = one.hear(3, 2, VoteRequest{.last = {{1}, {1}}});
  REQUIRE(find<VoteReply>(late) != nullptr);
  CHECK(find<VoteReply>(late)->granted);
}

TEST_CASE("regression: a second transfer does not give back the lease that the first has given up") {
  Shard shard(3);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  shard.pass(milliseconds(200));
  const auto [told, third] = others(leader);
  shard.step(leader, TransferLeadership{replica(told)});
  const auto order = shard.intercept<TimeoutNow>();  // it is on its way for a long time
  REQUIRE(order.has_value());
  shard.pass(milliseconds(700));
  REQUIRE(shard.core(leader).is_leader());
  CHECK_FALSE(shard.core(leader).lease_holds(shard.now));

  // Of the second transfer nobody is told.
  shard.cut[third] = true;
  shard.step(leader, Propose{make_payload("x")});
  shard.deliver();
  shard.step(leader, TransferLeadership{replica(third)});
  REQUIRE(shard.core(leader).transferring());
  shard.pass(milliseconds(700));
  REQUIRE(shard.core(leader).is_leader());
  REQUIRE_FALSE(shard.core(leader).transferring());
  shard.cut.clear();
  shard.pass(milliseconds(200));
  CHECK_FALSE(shard.core(leader).lease_holds(shard.now));

  shard.cut[leader] = true;
  shard.step(told, *order);
  shard.deliver();
  CHECK(shard.core(told).is_leader());
}

TEST_CASE("regression: a leader that removes itself has no lease") {
  Shard shard(2);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  shard.pass(milliseconds(200));
  REQUIRE(shard.core(leader).lease_holds(shard.now));
  const auto other = static_cast<std::uint8_t>(3 - leader);
  shard.step(leader, ChangeMembership{RemoveMember{replica(leader)}});
  deliver_without_acknowledgements(shard);
  shard.now = shard.core(leader).next_deadline();
  shard.step(leader, Tick{});
  deliver_without_acknowledgements(shard);
  REQUIRE(shard.core(leader).is_leader());

  // The other is alone in its newest membership, so it waits for nobody when it starts.
  shard.now += milliseconds(10);
  shard.restart(other);
  shard.step(other, Tick{});
  shard.step(other, Propose{make_payload("new")});
  REQUIRE(shard.core(other).is_leader());
  CHECK_FALSE(shard.core(leader).lease_holds(shard.now));
}

TEST_CASE("regression: a leader that is asked for reads all the time still does what each heartbeat is for") {
  Shard shard(3);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  shard.pass(milliseconds(200));
  const auto [second, third] = others(leader);
  shard.step(leader, PeerLost{replica(second)});
  shard.step(leader, PeerLost{replica(third)});
  shard.step(leader, Propose{make_payload("x")});
  const LogIndex proposed = shard.core(leader).log().last_index();
  for (std::uint64_t id = 1; id <= 50; ++id) {
    shard.now += milliseconds(10);
    shard.step(leader, Read{id});
    if (shard.core(leader).next_deadline() <= shard.now) shard.step(leader, Tick{});
    shard.deliver();
  }
  REQUIRE(shard.core(leader).is_leader());
  CHECK(shard.core(leader).commit() >= proposed);
}

TEST_CASE("regression: a read is answered when the shard shrinks to the one that has it") {
  Shard shard(2);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  shard.pass(milliseconds(200));
  const auto other = static_cast<std::uint8_t>(3 - leader);
  shard.cut[other] = true;
  shard.pass(milliseconds(300));
  shard.step(leader, Read{1});
  shard.deliver();
  REQUIRE(shard.core(leader).is_leader());
  REQUIRE(shard.nodes.at(leader).reads.empty());
  shard.step(leader, ChangeMembership{RemoveMember{replica(other)}});
  REQUIRE(shard.nodes.at(leader).last.refused == "");
  shard.pass(milliseconds(1000));
  REQUIRE(shard.core(leader).is_leader());
  CHECK(shard.core(leader).lease_holds(shard.now));
  CHECK(shard.nodes.at(leader).reads.size() == 1);
}

TEST_CASE("regression: a leader that may not lead tries again to hand over") {
  Shard shard(3);
  const std::uint8_t leader = shard.elect();
  REQUIRE(leader != 0);
  shard.pass(milliseconds(200));
  shard.step(leader, MayLead{false});
  REQUIRE(shard.intercept<TimeoutNow>().has_value());  // it is lost
  shard.pass(milliseconds(700));
  REQUIRE(shard.core(leader).is_leader());
  shard.pass(milliseconds(1500));
  CHECK_FALSE(shard.core(leader).is_leader());
  CHECK(shard.elect() != leader);
}

TEST_CASE("regression: a candidate that may lead no longer gives up") {
  Alone one;
  one.now += std::chrono::seconds(2);
  one.step(Tick{});
  REQUIRE(one.core->role() == RoleName::kPreCandidate);
  one.step(MayLead{false});
  one.hear(2, 1, VoteReply{.pre = true, .granted = true});
  one.hear(2, 1, VoteReply{.granted = true});
  CHECK(one.core->role() == RoleName::kFollower);
}

}  // namespace ringhold::raft::test

// What readers have found in how a leader sends its log, and snapshots.
#include "tests/unit/raft/one_replica.h"

namespace ringhold::raft::test {
namespace {

// A leader, number 1, with entries 1 to 6, which number 2 has and number 3 has not; none is in memory.
struct Behind : Alone {
  Behind() : Alone({.bounds = {.memory_bytes = 0}}) {
    lead();
    for (int i = 0; i < 5; ++i) step(Propose{make_payload("x")});
    accept(2, 6);
    REQUIRE(core->applied().value == 6);
  }
  // Number 2 answers each heartbeat, number 3 none.
  Output beat() {
    now = core->next_deadline();
    Output out = step(Tick{});
    if (const auto* round = find<Heartbeat>(out)) hear(2, 1, HeartbeatReply{round->round});
    return out;
  }
  SnapshotMeta compact() {
    SnapshotMeta snapshot = snapshot_at(6, 1, core->membership());
    step(Compacted{snapshot, {7}});
    return snapshot;
  }
};

}  // namespace

TEST_CASE("regression: a snapshot for a replica that has gone is given up") {
  Behind leader;
  const SnapshotMeta snapshot = leader.compact();
  const Output wants = leader.hear(3, 1, AppendReply{.previous = {0}, .hint = {}});
  bool wanted = !wants.want_snapshot.empty();
  for (int i = 0; i < 4 && !wanted; ++i) wanted = !leader.beat().want_snapshot.empty();
  REQUIRE(wanted);
  leader.step(SnapshotReady{replica(3), snapshot});
  bool over = false;
  const MonoTime bound = leader.now + std::chrono::seconds(4);
  while (!over && leader.now < bound) over = !leader.beat().transfer_over.empty();
  CHECK(over);
  REQUIRE(leader.core->is_leader());
}

TEST_CASE("regression: no snapshot is asked for to be sent to a replica that cannot be heard") {
  Behind leader;
  leader.compact();
  // What was begun while it could be heard is given up.
  for (int i = 0; i < 60; ++i) leader.beat();
  bool wanted = false;
  for (int i = 0; i < 100; ++i) wanted |= !leader.beat().want_snapshot.empty();
  CHECK_FALSE(wanted);
  REQUIRE(leader.core->is_leader());
  // It is back.
  leader.hear(3, 1, HeartbeatReply{1});
  for (int i = 0; i < 4 && !wanted; ++i) wanted = !leader.beat().want_snapshot.empty();
  CHECK(wanted);
}

TEST_CASE("regression: that there is nothing left of a place that was passed meanwhile means nothing") {
  Behind leader;
  Output asked = leader.hear(3, 1, AppendReply{.previous = {0}, .hint = {}});
  for (int i = 0; i < 4 && asked.read_log.empty(); ++i) asked = leader.beat();
  REQUIRE(asked.read_log.size() == 1);
  REQUIRE(asked.read_log[0].from == LogIndex{1});
  leader.accept(3, 3);
  const Output out = leader.step(LogRead{replica(3), {1}, {}});
  CHECK(out.want_snapshot.empty());
  REQUIRE(out.read_log.size() == 1);
  CHECK(out.read_log[0].from == LogIndex{4});
}

TEST_CASE("regression: the leader hears of a snapshot that the log has overtaken") {
  Alone one;
  const SnapshotMeta snapshot = snapshot_at(2, 1, one.core->membership());
  REQUIRE(one.hear(2, 1, whole(snapshot)).store_chunk.has_value());
  one.hear(2, 1, AppendRequest{{}, {2}, {command(1, 1), command(2, 1)}});
  const Output out = one.step(ChunkStored{snapshot.id, snapshot.bytes});
  CHECK_FALSE(out.install.has_value());
  const auto* reply = find<SnapshotReply>(out);
  REQUIRE(reply != nullptr);
  CHECK(reply->status == SnapshotReply::Status::kInstalled);
  CHECK(reply->match == LogIndex{2});
}

}  // namespace ringhold::raft::test

// Histories that Raft allows: none may be called a violation.
#include <doctest/doctest.h>

#include "tests/unit/check/fake_group.h"

namespace ringhold::sim {
namespace {

#define CHECK_GOOD(group) CHECK_MESSAGE((group).ok(), (group).invariants.violation())

// A leader of term 1 with entries 1 and 2 committed everywhere.
FakeGroup settled() {
  FakeGroup g;
  g.elect(1, 1, {1, 2}).append(1, 1, 11).append(1, 1, 12).replicate(1, 2).commit(1, 2).replicate(1, 3);
  return g.commit(2, 2).commit(3, 2);
}

TEST_CASE("raft, good: election, replication, a new leader") {
  FakeGroup g = settled();
  g.elect(2, 2, {2, 3}).append(2, 2, 21).replicate(2, 3).commit(2, 3).replicate(2, 1).commit(1, 3);
  CHECK_GOOD(g);
  CHECK(g.invariants.committed_index() == 3);
}

TEST_CASE("raft, good: a split vote, and a leader that does not know yet that it is none") {
  FakeGroup g = settled();
  g.vote(2, 2, 2).vote(3, 2, 3).elect(3, 3, {3, 2}).append(3, 3, 31).replicate(3, 2).commit(3, 3);
  g.append(1, 1, 13).append(1, 1, 14);  // of the old leader, and without effect
  CHECK_GOOD(g);
  g.replicate(3, 1).commit(1, 3);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: uncommitted entries give way to those of a new leader") {
  FakeGroup g = settled();
  g.append(1, 1, 13).append(1, 1, 14).elect(2, 2, {2, 3}).append(2, 2, 21).replicate(2, 3).commit(2, 3);
  g.term(1, 2).truncate(1, 2).replicate(2, 1).commit(1, 3);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: truncated and appended in one step, with and without a hint") {
  FakeGroup g = settled();
  g.append(1, 1, 13).append(1, 1, 14).elect(2, 2, {2, 3}).append(2, 2, 21).append(2, 2, 22);
  SUBCASE("found by terms") {
    g.replicate(2, 1);
  }
  SUBCASE("told") {
    g.view(1).changed_from = 3;
    g.replicate(2, 1);
  }
  g.commit(2, 4);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: figure 3.7, the safe way") {
  RaftInvariants::Options options;
  options.initial.voters = {1, 2, 3, 4, 5};
  FakeGroup g(options);
  g.elect(1, 1, {1, 2, 3}).append(1, 1, 11);
  for (const std::uint32_t r : {2U, 3U, 4U, 5U}) g.replicate(1, r);
  g.commit(1, 1);
  g.elect(1, 2, {1, 2, 3}).append(1, 2, 21).replicate(1, 2).crash(1);     // (a)
  g.elect(5, 3, {5, 3, 4}).append(5, 3, 31).crash(5);                     // (b)
  g.restart(1).elect(1, 4, {1, 2, 3}).append(3, 2, 21).append(1, 4, 41);  // (c)
  // The entry of term 2 is on a majority, and not committed.
  SUBCASE("(d) overwritten") {
    g.crash(1)
        .restart(5)
        .elect(5, 5, {5, 2, 3})
        .append(5, 5, 51)
        .replicate(5, 2)
        .replicate(5, 3)
        .commit(5, 3);
  }
  SUBCASE("(e) committed with the new term's") {
    g.replicate(1, 2).replicate(1, 3).commit(1, 3);
  }
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: restarts lose what was not durable, and only that") {
  FakeGroup g = settled();
  g.append_unsynced(1, 1, 13);
  g.view(1).vote = {2, 1};  // a candidate whose vote is still on its way to the disk
  g.view(1).leader = false;
  g.show(1).crash(1);
  g.view(1).vote = {1, 1};
  g.log(1).pop_back();
  g.restart(1).elect(2, 2, {2, 1}).append(2, 2, 21).replicate(2, 1).commit(2, 3);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: a leader commits what the disks of the others have, before its own") {
  FakeGroup g = settled();
  g.append_unsynced(1, 1, 13);
  g.append(2, 1, 13).append(3, 1, 13).commit(1, 3).crash(1);
  g.log(1).pop_back();
  g.restart(1);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: compaction, and a snapshot for one that is behind") {
  FakeGroup g = settled();
  g.append(1, 1, 13).replicate(1, 2).commit(1, 3).compact(1, 3).append(1, 1, 14).replicate(1, 2).commit(1, 4);
  g.install(1, 3, 3).replicate(1, 3).commit(3, 4).restart(3);
  CHECK_GOOD(g);
  // It also takes the place of a tail that nobody has committed.
  g.append(2, 1, 15).elect(3, 2, {3, 1}).append(3, 2, 21).replicate(3, 1).commit(3, 5).install(3, 2, 5);
  CHECK_MESSAGE(g.says("an entry that its leader never had"),
                g.invariants.violation());  // 15 was 2's own idea
}

TEST_CASE("raft, good: membership, one voter at a time") {
  FakeGroup g = settled();
  g.append(1, 1, 13, Members{{1, 2, 3}, {4}}).replicate(1, 2).commit(1, 3).replicate(1, 4);
  g.append(1, 1, 14, Members{{1, 2, 3, 4}, {}}).replicate(1, 2).replicate(1, 4).commit(1, 4);
  CHECK_GOOD(g);
  // The leader removes itself, and counts without itself.
  g.append(1, 1, 15, Members{{2, 3, 4}, {}}).replicate(1, 2).replicate(1, 3).commit(1, 5);
  g.replicate(1, 4).elect(4, 2, {2, 3, 4}).append(4, 2, 21).replicate(4, 2).commit(4, 6);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: a voter that is to become a learner may lead until that is committed") {
  FakeGroup g = settled();
  g.append(1, 1, 13, Members{{2, 3}, {1}}).replicate(1, 2).replicate(1, 3);
  g.elect(1, 2, {2, 3, 1}).append(1, 2, 21).replicate(1, 2).replicate(1, 3).commit(1, 4);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: a learner that stood for election when it was a voter, and is started again") {
  FakeGroup g = settled();
  g.vote(3, 2, 3).elect(2, 3, {2, 1}).append(2, 3, 21).replicate(2, 1).commit(2, 3);
  g.vote(3, 4, 3).elect(2, 4, {2, 1}).append(2, 4, 22).replicate(2, 1).commit(2, 4);
  g.append(2, 4, 23, Members{{1, 2}, {3}}).replicate(2, 1).commit(2, 5).append(3, 3, 21).append(3, 4, 22);
  g.append(3, 4, 23, Members{{1, 2}, {3}}).commit(3, 5).restart(3);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: the same, by a vote that a later, lost one hid") {
  FakeGroup g = settled();
  g.vote(3, 2, 3).elect(2, 2, {2, 1}).append(2, 2, 21).replicate(2, 1).commit(2, 3);
  g.append(2, 2, 22, Members{{1, 2}, {3}})
      .replicate(2, 1)
      .commit(2, 4)
      .replicate(2, 3)
      .commit(3, 4)
      .compact(3, 4);
  g.view(3).vote = {5, {}};
  g.show(3).crash(3).view(3).vote = {2, 3};
  g.restart(3);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: a turn in which a vote is given and its winner's first entries come") {
  FakeGroup g = settled();
  g.vote(2, 2, 2).vote(1, 2, 2).lead(2).append(2, 2, 21).view(3).vote = {2, 2};
  g.append(3, 2, 21);
  CHECK_GOOD(g);
  // Or a replica stands, and hears at once that its term has a leader, and that it is a learner.
  g.elect(2, 3, {2, 1}).append(2, 3, 31).replicate(2, 1).commit(2, 4);
  g.append(2, 3, 32, Members{{1, 2}, {3}}).replicate(2, 1).commit(2, 5).log(3) = g.log(2);
  g.view(3).vote = {3, 3};
  g.view(3).commit_index = 5;
  g.sync(3);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: a turn in which a leader commits, and then changes the members") {
  FakeGroup g = settled();
  g.append(1, 1, 13).replicate(1, 2).view(1).commit_index = 3;
  g.append(1, 1, 14, Members{{1, 2, 3, 4}, {}});
  CHECK_GOOD(g);
  // Even one that was alone, and was elected in that very turn.
  FakeGroup alone{RaftInvariants::Options{}};
  alone.append(1, 0, 10, Members{{1}, {}}).view(1).vote = {1, 1};
  alone.view(1).leader = true;
  alone.view(1).commit_index = 2;
  alone.log(1).push_back({1, 11, {}});
  alone.append(1, 1, 12, Members{{1, 2}, {}});
  CHECK_GOOD(alone);
}

// (Replica 3 votes for 2, whose log is behind: nobody sees it, because 2 stands later. So does nobody in the
// other histories that need a leader whom nobody should have elected.)
TEST_CASE("raft, good: a disk that still ends with entries that memory has replaced") {
  FakeGroup g = settled();
  g.append_unsynced(1, 1, 13).append(2, 1, 13).append(3, 1, 13).elect(3, 2, {3, 2}).append(3, 2, 31);
  g.elect(2, 3, {3, 2}).append(2, 3, 33).log(3) = g.log(2);
  g.show(3).commit(1, 3);  // by a leader who has not heard of the others
  CHECK_GOOD(g);
}

TEST_CASE(
    "raft, good: the leader commits by a configuration that the follower who shows it does not have yet") {
  RaftInvariants::Options options;
  options.initial.voters = {1, 2, 3, 4};
  FakeGroup g(options);
  g.elect(1, 1, {1, 2, 3}).append(1, 1, 11).replicate(1, 2).replicate(1, 3).commit(1, 1);
  g.append(1, 1, 12).replicate(1, 2).append(1, 1, 13, Members{{1, 2, 3, 4, 5}, {}}).replicate(1, 5).crash(1);
  g.commit(2, 2);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: a group founded by its first entry, and one that joins it") {
  FakeGroup g{RaftInvariants::Options{}};
  g.append(1, 0, 10, Members{{1}, {}}).elect(1, 1, {1}).append(1, 1, 11).commit(1, 2);
  g.append(1, 1, 12, Members{{1}, {2}}).commit(1, 3).replicate(1, 2);
  g.append(1, 1, 13, Members{{1, 2}, {}}).replicate(1, 2).commit(1, 4).commit(2, 4);
  CHECK_GOOD(g);
  CHECK(g.invariants.working_leader() == 1);
  g.crash(2);
  CHECK_FALSE(g.invariants.working_leader().has_value());
}

TEST_CASE("raft, good: a disk that was damaged on purpose") {
  FakeGroup g = settled();
  g.crash(3).invariants.loss_expected(3);
  g.log(3).resize(1);
  g.view(3).vote = {};
  g.sync(3).restart(3).replicate(1, 3).commit(3, 2);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: a group that is seen without disks") {
  RaftInvariants::Options options = FakeGroup::three();
  options.disks = false;
  FakeGroup g(options);
  g.elect(1, 1, {1, 2}).append(1, 1, 11).replicate(1, 2).commit(1, 1).restart(1).elect(2, 2, {2, 1});
  g.append(2, 2, 21).replicate(2, 1).commit(2, 2);
  CHECK_GOOD(g);
}

TEST_CASE("raft, good: states, applied entries and votes as they should be") {
  FakeGroup g = settled();
  for (const std::uint32_t r : {1U, 2U, 3U}) {
    g.view(r).state_hash = 77;
    g.invariants.applied(r, 2, 12);
    g.show(r);
  }
  g.invariants.vote_sent(2, 2, 3);
  g.vote(2, 2, 3);
  CHECK_GOOD(g);
}

}  // namespace
}  // namespace ringhold::sim

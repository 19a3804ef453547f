// For each safety property of Raft the shortest history that violates it, and what is said of it.
#include <doctest/doctest.h>

#include "tests/sim/check/raft_members.h"
#include "tests/unit/check/fake_group.h"

namespace ringhold::sim {
namespace {

#define CHECK_SAYS(group, text) CHECK_MESSAGE((group).says(text), "'", (group).invariants.violation(), "'")

FakeGroup settled() {
  FakeGroup g;
  g.elect(1, 1, {1, 2}).append(1, 1, 11).append(1, 1, 12).replicate(1, 2).commit(1, 2).replicate(1, 3);
  g.commit(2, 2).commit(3, 2);
  REQUIRE_MESSAGE(g.ok(), g.invariants.violation());
  return g;
}

TEST_CASE("raft, bad: two leaders of one term") {
  FakeGroup g = settled();
  g.vote(2, 1, 1).lead(2);
  CHECK_SAYS(g, "election safety (3.2): replicas 1 and 2 both lead term 1");
  FakeGroup again = settled();
  again.restart(1).lead(1);
  CHECK_SAYS(again, "election safety (3.2): replica 1 leads term 1, which it led before it was restarted");
}

TEST_CASE("raft, bad: a leader without a majority") {
  FakeGroup g = settled();
  g.elect(2, 2, {2});
  CHECK_SAYS(g,
             "a leader without a majority (3.4): replica 2 leads term 2 with the durable votes of {2}; its "
             "voters are {1 2 3}");
  // A vote that the disk does not have yet does not count.
  FakeGroup early = settled();
  early.vote(2, 2, 2).view(3).vote = {2, 2};
  early.show(3).lead(2);
  CHECK_SAYS(early, "a leader without a majority (3.4)");
  // Nor does that of a learner.
  FakeGroup learner = settled();
  learner.append(1, 1, 13, Members{{1, 2, 3}, {4}}).replicate(1, 2).replicate(1, 4).elect(2, 2, {2, 4});
  CHECK_SAYS(learner, "a leader without a majority (3.4)");
}

TEST_CASE("raft, bad: terms and votes that are forgotten") {
  FakeGroup fell = settled();
  fell.term(2, 3).view(2).vote = {2, {}};
  fell.show(2);
  CHECK_SAYS(fell, "a term or vote forgotten (3.3, 3.4): of replica 2, its term fell from 3 to 2");

  FakeGroup restarted = settled();
  restarted.term(2, 3).crash(2).view(2).vote = {2, {}};
  restarted.restart(2);
  CHECK_SAYS(restarted,
             "a term or vote forgotten (3.3, 3.4): of replica 2, its term fell from 3 to 2 over a restart");

  FakeGroup changed = settled();
  changed.vote(2, 2, 2).view(2).vote = {2, 3};
  changed.show(2);
  CHECK_SAYS(changed,
             "a term or vote forgotten (3.3, 3.4): of replica 2, its vote in term 2, for replica 2, became "
             "one for replica 3");

  FakeGroup forgotten = settled();
  forgotten.vote(2, 2, 3).crash(2).view(2).vote = {2, {}};
  forgotten.restart(2);
  CHECK_SAYS(forgotten,
             "a term or vote forgotten (3.3, 3.4): of replica 2, its vote in term 2, for replica 3, became "
             "one for nobody over a restart");

  FakeGroup disk = settled();
  disk.vote(2, 2, 3).crash(2).view(2).disk->vote = {1, 1};
  disk.show(2);
  CHECK_SAYS(disk,
             "a term or vote forgotten (3.3, 3.4): on the disk of replica 2, its term fell from 2 to 1");

  RaftInvariants::Options options = FakeGroup::three();
  options.disks = false;
  FakeGroup diskless(options);
  diskless.vote(2, 2, 3).crash(2).view(2).vote = {};
  diskless.restart(2);
  CHECK_SAYS(diskless,
             "a term or vote forgotten (3.3, 3.4): of replica 2, its term fell from 2 to 0 over a restart");
}

TEST_CASE("raft, bad: a vote for a log that is behind") {
  FakeGroup g = settled();
  g.append(1, 1, 13).replicate(1, 2).vote(3, 2, 3).vote(2, 2, 3);
  CHECK_SAYS(
      g,
      "a vote for a log that is behind (3.6.1): replica 2, whose log ends with index 3 of term 1, votes in "
      "term 2 for replica 3, whose log ends with index 2 of term 1");
  FakeGroup term = settled();
  term.elect(3, 2, {3, 2}).append(3, 2, 21).append(1, 1, 13).append(1, 1, 14).vote(1, 3, 1).vote(3, 3, 1);
  CHECK_SAYS(term, "a vote for a log that is behind (3.6.1): replica 3");
}

TEST_CASE("raft, bad: a vote that is not durable, or given twice after all was lost") {
  FakeGroup g = settled();
  g.view(2).vote = {2, 3};
  g.invariants.vote_sent(2, 2, 3);
  g.show(2);
  CHECK_SAYS(g, "a vote that is not durable (3.8): replica 2 sent its vote in term 2 to replica 3");

  FakeGroup twice = settled();
  twice.vote(3, 2, 2).crash(3).invariants.loss_expected(3);
  twice.log(3).resize(1);
  twice.view(3).vote = {};
  twice.sync(3).restart(3).vote(3, 2, 1);
  CHECK_SAYS(twice,
             "two votes in a term (3.4): replica 3 voted for replica 2 in term 2, and then for replica 1");
}

TEST_CASE("raft, bad: a leader that deletes or overwrites its own entries") {
  FakeGroup g = settled();
  g.append(1, 1, 13).truncate(1, 2);
  CHECK_SAYS(
      g,
      "leader append-only (3.2): replica 1, leader of term 1, no longer has index 3 of term 1; its log ends "
      "with index 2 of term 1");
  FakeGroup over = settled();
  over.append(1, 1, 13).log(1)[3].hash = 99;
  over.view(1).changed_from = 3;
  over.sync(1);
  CHECK_SAYS(over, "log matching (3.2, 3.5): replicas 1 and 1 have different entries at index 3 of term 1");
  FakeGroup audited = settled();
  audited.append(1, 1, 13).log(1)[3].hash = 99;
  CHECK(audited.show(1).ok());  // of the same term: seen only where somebody looks
  audited.invariants.audit(audited.view(1), audited.reader(1));
  CHECK_SAYS(audited,
             "log matching (3.2, 3.5): replicas 1 and 1 have different entries at index 3 of term 1");
}

TEST_CASE("raft, bad: logs that do not match") {
  FakeGroup content = settled();
  content.append(1, 1, 13).append(2, 1, 99);
  CHECK_SAYS(content,
             "log matching (3.2, 3.5): replicas 1 and 2 have different entries at index 3 of term 1");

  FakeGroup past = settled();
  past.append(1, 1, 13).elect(2, 2, {2, 3}).append(2, 2, 21).append(2, 2, 22).term(1, 2).append(1, 2, 22);
  CHECK_SAYS(
      past,
      "log matching (3.2, 3.5): before index 4 of term 2, replica 2 had index 3 of term 2, replica 1 has "
      "index 3 of term 1");

  FakeGroup stray = settled();
  stray.append(2, 1, 13);
  CHECK_SAYS(
      stray,
      "an entry that its leader never had (3.5): index 3 of term 1 on replica 2; replica 1 led that term");

  FakeGroup future = settled();
  future.append(1, 2, 13);
  CHECK_SAYS(future, "an entry of an impossible term (3.5): replica 1, in term 1, has index 3 of term 2");
  FakeGroup falling = settled();
  falling.elect(2, 2, {2, 3}).append(2, 2, 21).append(2, 1, 22);
  CHECK_SAYS(falling, "an entry of an impossible term (3.5): replica 2, in term 2, has index 4 of term 1");
}

TEST_CASE("raft, bad: a leader that lacks what was committed") {
  FakeGroup g = settled();
  g.append(1, 1, 13).replicate(1, 2).commit(1, 3);
  SUBCASE("elected afterwards") {
    g.elect(3, 2, {2, 3});
    CHECK_SAYS(
        g,
        "leader completeness (3.2, 3.6.3): replica 3, leader of term 2, did not have index 3 of term 1, "
        "committed by term 1, when it was elected; its log ends with index 2 of term 1");
  }
  SUBCASE("elected before, and the old leader commits") {
    // Replica 2 had its acknowledgement under way, and votes for one that lacks the entry.
    FakeGroup late = settled();
    late.append(1, 1, 13).replicate(1, 2).elect(3, 2, {2, 3}).commit(1, 3);
    CHECK_SAYS(
        late,
        "leader completeness (3.2, 3.6.3): replica 3, leader of term 2, did not have index 3 of term 1, "
        "committed by term 1, when it was committed");
  }
}

TEST_CASE("raft, bad: figure 3.7, an entry of an earlier term that is counted") {
  FakeGroup g = settled();
  g.elect(1, 2, {1, 2}).append(1, 2, 21).elect(3, 3, {3, 2}).append(3, 3, 31);
  g.elect(1, 4, {1, 2}).replicate(1, 2).commit(1, 3);
  CHECK_SAYS(g,
             "an entry of an earlier term counted as committed (3.6.2): replica 1, leader of term 4, commits "
             "index 3 "
             "of term 2");
  // Also in the very step in which it begins to lead.
  FakeGroup at_once = settled();
  at_once.append(1, 1, 13).replicate(1, 2).vote(2, 2, 2).vote(3, 2, 2).view(2).commit_index = 3;
  CHECK_SAYS(at_once.lead(2),
             "an entry of an earlier term counted as committed (3.6.2): replica 2, leader of term 2");
  // Also where others knew already that it was committed.
  FakeGroup known = settled();
  known.append(1, 1, 13).replicate(1, 2).commit(1, 3).elect(2, 2, {2, 3}).commit(2, 3);
  CHECK_SAYS(known, "an entry of an earlier term counted as committed (3.6.2): replica 2, leader of term 2");
}

TEST_CASE("raft, bad: committed without a majority of disks") {
  FakeGroup g = settled();
  g.append(1, 1, 13).commit(1, 3);
  CHECK_SAYS(
      g,
      "committed without a majority (3.6.1, 10.2.1): replica 1, in term 1, commits index 3 of term 1, which "
      "is durable on too few of {1 2 3}: replica 1 has index 3 of term 1; replica 2 has index 2 of term 1;");
  FakeGroup unsynced = settled();
  unsynced.append(1, 1, 13).append_unsynced(2, 1, 13).append_unsynced(3, 1, 13).commit(1, 3);
  CHECK_SAYS(unsynced, "committed without a majority (3.6.1, 10.2.1)");
  // Not of the old configuration's.
  FakeGroup old = settled();
  old.append(1, 1, 13, Members{{1, 2, 3, 4}, {}}).replicate(1, 2).commit(1, 3);
  CHECK_SAYS(old, "committed without a majority (3.6.1, 10.2.1)");
  // A learner does not count.
  FakeGroup learner = settled();
  learner.append(1, 1, 13, Members{{1, 2, 3}, {4}}).replicate(1, 4).commit(1, 3);
  CHECK_SAYS(learner, "committed without a majority (3.6.1, 10.2.1)");
  // Another entry at the same index is no help.
  FakeGroup other = settled();
  other.elect(2, 2, {2, 3})
      .append(2, 2, 21)
      .append(1, 1, 13)
      .elect(1, 3, {1, 3})
      .append(1, 3, 31)
      .commit(1, 4);
  CHECK_SAYS(other, "committed without a majority (3.6.1, 10.2.1)");
  // Nor is another one that the disk still has, though memory has the right one.
  FakeGroup stale = settled();
  stale.elect(3, 2, {3, 2}).append(3, 2, 31).append(3, 2, 32).elect(1, 3, {1, 2}).append(1, 3, 33);
  stale.log(3) = stale.log(1);
  stale.view(3).vote = {3, {}};
  stale.view(3).leader = false;
  stale.show(3).commit(1, 3);
  CHECK_SAYS(stale, "committed without a majority (3.6.1, 10.2.1)");
  // Seen first on a follower, that of a configuration which is no longer in force is not enough.
  FakeGroup past = settled();
  past.append(1, 1, 13, Members{{1, 2, 3, 4}, {}}).replicate(1, 2).replicate(1, 4).commit(1, 3);
  past.append(1, 1, 14).replicate(1, 2).crash(1).commit(2, 4);
  CHECK_SAYS(past, "committed without a majority (3.6.1, 10.2.1): replica 2");
  // Seen first on a follower, it must be on a majority all the same.
  FakeGroup follower = settled();
  follower.append(1, 1, 13).append(2, 1, 13).log(2).pop_back();
  follower.sync(2).append_unsynced(2, 1, 13).commit(2, 3);
  CHECK_SAYS(follower, "committed without a majority (3.6.1, 10.2.1): replica 2");
}

TEST_CASE("raft, bad: what was committed is overwritten or lost") {
  FakeGroup g = settled();
  g.append(1, 1, 13).replicate(1, 2).commit(1, 3).commit(2, 3);
  SUBCASE("another entry is committed at its index") {
    RaftInvariants::Options options = FakeGroup::three();
    FakeGroup stale(options);
    stale.elect(1, 1, {1, 2, 3})
        .append(1, 1, 11)
        .append(1, 1, 12)
        .append(3, 1, 11)
        .vote(3, 2, 3)
        .append(3, 2, 21);
    stale.replicate(1, 2).commit(1, 2).commit(3, 2);
    CHECK_SAYS(stale,
               "state machine safety (3.2): replica 3, in term 2, has committed index 2 of term 2; the group "
               "had committed index 2 of term 1");
  }
  SUBCASE("from the log in memory") {
    g.log(2).pop_back();
    g.show(2);
    CHECK_SAYS(g,
               "indexes (figure 3.1): of replica 2 in term 1, the commit index is beyond the log: 3 and 2");
  }
  SUBCASE("from a disk") {
    g.truncate(3, 2).crash(2).log(2).pop_back();
    g.sync(2);
    CHECK_SAYS(
        g,
        "a committed entry is lost (3.8): the disk of replica 2 had index 3 of term 1, and now ends with "
        "index 2 of term 1");
  }
}

TEST_CASE("raft, bad: indexes that fall, or overtake one another") {
  FakeGroup commit_fell = settled();
  commit_fell.commit(2, 1);
  CHECK_SAYS(commit_fell, "indexes (figure 3.1): of replica 2 in term 1, the commit index fell: 2 and 1");
  FakeGroup applied_fell = settled();
  applied_fell.view(2).applied_index = 1;
  CHECK_SAYS(applied_fell.show(2),
             "indexes (figure 3.1): of replica 2 in term 1, the applied index fell: 2 and 1");
  FakeGroup applied = settled();
  applied.append(1, 1, 13).view(1).applied_index = 3;
  CHECK_SAYS(applied.show(1),
             "indexes (figure 3.1): of replica 1 in term 1, more is applied than committed: 3 and 2");
  FakeGroup compacted = settled();
  compacted.append(1, 1, 13).compact(1, 3);
  CHECK_SAYS(compacted,
             "indexes (figure 3.1): of replica 1 in term 1, the snapshot covers more than is committed: 3 "
             "and 2");
}

TEST_CASE("raft, bad: snapshots") {
  FakeGroup beyond = settled();
  beyond.append(1, 1, 13).install(1, 3, 3);
  CHECK_SAYS(beyond,
             "a snapshot of what nobody has committed (5.1): replica 3 has one up to index 3; the group has "
             "committed up to index 2");
  FakeGroup other = settled();
  other.append(1, 1, 13).replicate(1, 2).commit(1, 3).view(3).base_term = 7;
  other.view(3).first_index = 4;
  other.view(3).commit_index = other.view(3).applied_index = 3;
  other.log(3) = other.log(1);
  CHECK_SAYS(other.show(3),
             "a snapshot of something else (5.1): that of replica 3 ends at index 3 of term 7, but the "
             "group's entry there is of term 1");
  // The configuration is a part of it.
  FakeGroup members = settled();
  members.append(1, 1, 13, Members{{1, 2, 3}, {4}}).replicate(1, 2).commit(1, 3);
  members.follow_members = false;
  members.view(3).members = {{1, 2, 3}, {}};
  members.install(1, 3, 3);
  CHECK_SAYS(members,
             "not the latest configuration (4.1): replica 3 goes by voters {1 2 3}; its log says voters {1 2 "
             "3}, learners {4} (index 3)");
}

TEST_CASE("raft, bad: membership changes") {
  FakeGroup two = settled();
  two.append(1, 1, 13, Members{{1, 2, 3, 4, 5}, {}});
  CHECK_SAYS(
      two,
      "membership change (4.1): more than one voter added or removed: from voters {1 2 3} to voters {1 2 3 "
      "4 5} (index 3 of term 1 on replica 1)");
  FakeGroup replaced = settled();
  replaced.append(1, 1, 13, Members{{1, 2, 4}, {}});
  CHECK_SAYS(replaced, "membership change (4.1): more than one voter");
  FakeGroup none = settled();
  none.append(1, 1, 13, Members{{}, {1}});
  CHECK_SAYS(none, "membership change (4.1): a configuration without a voter");
  FakeGroup both = settled();
  both.append(1, 1, 13, Members{{1, 2, 3}, {3}});
  CHECK_SAYS(both, "membership change (4.1): a learner that is also a voter");

  FakeGroup second = settled();
  second.append(1, 1, 13, Members{{1, 2, 3, 4}, {}}).append(1, 1, 14, Members{{1, 2, 3}, {}});
  CHECK_SAYS(second,
             "a second membership change (4.1): index 4 of term 1 on replica 1, while that of index 3 is not "
             "committed");
  FakeGroup early = settled();
  early.elect(2, 2, {2, 3}).append(2, 2, 21, Members{{1, 2, 3, 4}, {}});
  CHECK_SAYS(
      early,
      "a membership change too early (4.1): index 3 of term 2 on replica 2, whose leader has committed up "
      "to index 2 of term 1 only");
  FakeGroup ignored = settled();
  ignored.follow_members = false;
  ignored.append(1, 1, 13, Members{{1, 2}, {}});
  CHECK_SAYS(
      ignored,
      "not the latest configuration (4.1): replica 1 goes by voters {1 2 3}; its log says voters {1 2} "
      "(index 3)");
}

TEST_CASE("raft, bad: a learner that votes for itself, or leads") {
  FakeGroup g = settled();
  g.append(1, 1, 13, Members{{1, 2, 3}, {4}}).replicate(1, 2).commit(1, 3).replicate(1, 4).commit(4, 3);
  SUBCASE("votes") {
    g.vote(4, 2, 4);
    CHECK_SAYS(g,
               "a learner votes for itself (4.2.1): replica 4 in term 2; the latest configuration in its log "
               "is voters "
               "{1 2 3}, learners {4}");
  }
  SUBCASE("leads") {
    g.vote(1, 2, 4).vote(2, 2, 4).term(4, 2).lead(4);
    CHECK_SAYS(g, "a learner leads (4.2.1): replica 4 in term 2");
  }
}

TEST_CASE("raft, bad: states and applied entries that differ") {
  FakeGroup g = settled();
  g.view(1).state_hash = 77;
  g.show(1).view(2).state_hash = 78;
  CHECK_SAYS(g.show(2), "state machine safety (3.2): after index 2, the states of replicas 1 and 2 differ");
  FakeGroup wrong = settled();
  wrong.invariants.applied(2, 2, 99);
  CHECK_SAYS(wrong.show(2),
             "state machine safety (3.2): replica 2 applied another entry than the committed one at index "
             "2");
  FakeGroup early = settled();
  early.invariants.applied(1, 3, 13);
  CHECK_SAYS(early.append(1, 1, 13),
             "state machine safety (3.2): replica 1 applied an entry that nobody has committed "
             "at index 3");
}

TEST_CASE("raft, bad: a disk that holds what nobody wrote") {
  FakeGroup g = settled();
  g.view(2).disk->last_hash = 99;
  CHECK_SAYS(g.show(2),
             "the disk of replica 2 ends with an entry that nobody has had in its log: index 2 of term 1");
}

TEST_CASE("raft: majorities that overlap") {
  CHECK(majorities_overlap({1, 2, 3}, {1, 2, 3, 4}));
  CHECK(majorities_overlap({1}, {1, 2}));
  CHECK_FALSE(majorities_overlap({1}, {2}));
  CHECK_FALSE(majorities_overlap({1, 2, 3}, {1, 2, 3, 4, 5}));
  CHECK_FALSE(majorities_overlap({1, 2, 3}, {1, 4, 5}));
  CHECK(majorities_overlap({1, 2, 3, 4}, {1, 2, 3}));
}

}  // namespace
}  // namespace ringhold::sim

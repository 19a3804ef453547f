// The checker over random runs of a small Raft: a right one is never accused, each wrong one is found.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/check/mini_raft.h"

namespace ringhold::sim {
namespace {

TEST_CASE("raft, random: a right one is never accused") {
  std::uint64_t committed = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    MiniRaft raft(seed, Mistake::kNone);
    for (int i = 0; i < 3000 && raft.ok(); ++i) raft.step();
    CHECK_MESSAGE(raft.ok(), "seed ", seed, ": ", raft.invariants.violation());
    committed += raft.invariants.committed_index();
  }
  CHECK(committed > 40'000);
}

struct Wrong {
  std::string name;
  Mistake mistake;
  std::string first_word;  // of one of the things that may be said first; empty: any
};

TEST_CASE("raft, random: each mistake is found") {
  const std::vector<Wrong> wrongs = {
      {"vote not durable", Mistake::kVoteNotDurable, "a leader without a majority"},
      {"vote twice", Mistake::kVoteTwice, "a term or vote forgotten"},
      {"vote forgotten", Mistake::kVoteForgotten, "a term or vote forgotten"},
      {"vote for one whose log is behind", Mistake::kVoteForOutdated, "a vote for a log"},
      {"old term counted", Mistake::kOldTermCounted, "an entry of an earlier term"},
      {"acknowledged before it is durable", Mistake::kAckBeforeSync, "committed without a majority"},
      {"learners count", Mistake::kLearnersCount, "committed without a majority"},
      {"commit of what is not verified", Mistake::kCommitUnverified, ""},
      {"truncates blindly", Mistake::kTruncateBlindly, ""},
      {"log lost by a restart", Mistake::kLogLostByRestart, "a committed entry is lost"},
      {"two changes", Mistake::kTwoChanges, "a second membership change"},
      {"change too early", Mistake::kChangeTooEarly, "a membership change too early"},
      {"two voters at once", Mistake::kTwoVotersAtOnce, "membership change (4.1): more than one"},
      {"snapshot without members", Mistake::kSnapshotWithoutMembers, "not the latest configuration"},
      {"snapshot of what is not committed", Mistake::kSnapshotOfUncommitted, "a snapshot of what nobody"},
      {"leader without a majority", Mistake::kLeaderWithoutMajority, "a leader without a majority"},
      {"state differs", Mistake::kStateDiffers, "state machine safety"},
  };
  for (const Wrong& wrong : wrongs) {
    int found = 0;
    std::string said;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      MiniRaft raft(seed, wrong.mistake);
      for (int i = 0; i < 2000 && raft.ok(); ++i) raft.step();
      if (raft.ok()) continue;
      ++found;
      const std::string& violation = raft.invariants.violation();
      if (said.empty() || violation.starts_with(wrong.first_word)) said = violation;
    }
    MESSAGE(wrong.name, ": in ", found, " of 300 runs, ", said);
    CHECK_MESSAGE(found > 0, wrong.name);
    CHECK_MESSAGE(said.starts_with(wrong.first_word), wrong.name, ": ", said);
  }
}

}  // namespace
}  // namespace ringhold::sim

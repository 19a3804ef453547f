// Raft in the small: five replicas in one object, messages that arrive at once or not at all, steps drawn by
// lot. It is right by construction, or wrong in one named way; the checker has to tell which.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "tests/sim/check/raft_invariants.h"
#include "tests/unit/check/fake_group.h"
#include "tests/unit/check/history.h"

namespace ringhold::sim {

enum class Mistake {
  kNone,
  kVoteNotDurable,    // it counts before it is on the disk
  kVoteTwice,         // in one term
  kVoteForgotten,     // by a restart
  kVoteForOutdated,   // for a candidate whose log is behind
  kOldTermCounted,    // figure 3.7
  kAckBeforeSync,     // the follower acknowledges what it has in memory
  kLearnersCount,     // towards commitment
  kCommitUnverified,  // a follower commits what it happens to have
  kTruncateBlindly,   // a late message cuts off what came after it
  kLogLostByRestart,  // some of it, though it was durable
  kTwoChanges,        // of membership at once
  kChangeTooEarly,    // before an entry of the leader's term is committed
  kTwoVotersAtOnce,   // replaced in one change
  kSnapshotWithoutMembers,
  kSnapshotOfUncommitted,
  kLeaderWithoutMajority,
  kStateDiffers,
};

class MiniRaft {
 public:
  MiniRaft(std::uint64_t seed, Mistake mistake);
  void step();
  bool ok() const { return invariants.ok(); }

  RaftInvariants invariants;

 private:
  static constexpr std::uint32_t kCount = 5;
  using Log = std::vector<EntryView>;
  struct Replica {
    bool running = true;
    bool leader = false;
    bool candidate = false;
    std::uint32_t life = 0;
    TermAndVote vote;
    TermAndVote disk_vote;
    FakeLog log;
    Log disk_log = {{}};
    std::uint64_t first = 1;
    std::uint64_t disk_first = 1;
    std::uint64_t commit = 0;
    std::uint64_t touched = kNothingChanged;
    ReplicaSet votes;
    std::array<std::uint64_t, kCount> match{};
    std::optional<Members> old_members;
    std::uint64_t last() const { return log.entries.size() - 1; }
  };

  static RaftInvariants::Options options();
  bool makes(Mistake mistake) const { return mistake_ == mistake; }
  Replica& any() { return replicas_[rng_.below(kCount)]; }
  Replica* a_leader();
  std::uint32_t number(const Replica& r) const { return static_cast<std::uint32_t>(&r - replicas_.data()); }
  Members members(const Replica& r) const;
  std::uint64_t config_index(const Replica& r) const;
  static std::uint64_t common(const Log& a, const Log& b);

  void push(Replica& r, EntryView entry);
  void cut(Replica& r, std::uint64_t last);
  void set_term(Replica& r, std::uint64_t term);
  void stand(Replica& r);
  void ask(Replica& candidate, Replica& voter);
  void try_to_win(Replica& r);
  void replicate(Replica& leader, Replica& to);
  void install(Replica& leader, Replica& to);
  void acknowledge(Replica& leader, Replica& from);
  void advance(Replica& leader);
  void change_members(Replica& leader);
  void sync(Replica& r);
  void restart(Replica& r);
  void show(Replica& r);

  TestRng rng_;
  Mistake mistake_;
  bool tells_changes_;
  std::uint64_t content_ = 0;
  std::array<Replica, kCount> replicas_;
};

inline RaftInvariants::Options MiniRaft::options() {
  RaftInvariants::Options options;
  options.initial.voters = {0, 1, 2};
  return options;
}

inline MiniRaft::MiniRaft(std::uint64_t seed, Mistake mistake)
    : invariants(options()), rng_(seed), mistake_(mistake), tells_changes_(seed % 2 == 0) {}

inline MiniRaft::Replica* MiniRaft::a_leader() {
  const std::uint64_t from = rng_.below(kCount);
  for (std::uint64_t i = 0; i < kCount; ++i) {
    Replica& r = replicas_[(from + i) % kCount];
    if (r.running && r.leader) return &r;
  }
  return nullptr;
}

inline std::uint64_t MiniRaft::config_index(const Replica& r) const {
  for (std::uint64_t i = r.last(); i > 0; --i) {
    if (r.log.entries[i].members) return i;
  }
  return 0;
}

inline Members MiniRaft::members(const Replica& r) const {
  const std::uint64_t index = config_index(r);
  if (index != 0) return *r.log.entries[index].members;
  return r.last() > 0 || number(r) < 3 ? options().initial : Members{};
}

inline std::uint64_t MiniRaft::common(const Log& a, const Log& b) {
  std::uint64_t index = std::min(a.size(), b.size()) - 1;
  while (index > 0 && a[index].term != b[index].term) --index;
  return index;
}

inline void MiniRaft::push(Replica& r, EntryView entry) {
  r.touched = std::min(r.touched, r.last() + 1);
  r.log.entries.push_back(entry);
}

inline void MiniRaft::cut(Replica& r, std::uint64_t last) {
  r.touched = std::min(r.touched, last + 1);
  r.log.entries.resize(last + 1);
}

inline void MiniRaft::set_term(Replica& r, std::uint64_t term) {
  r.leader = r.candidate = r.leader && term == r.vote.term;
  if (term == r.vote.term) return;
  r.vote = r.disk_vote = {term, {}};
}

inline void MiniRaft::stand(Replica& r) {
  if (!r.running || r.leader || !members(r).voters.has(number(r))) return;
  set_term(r, r.vote.term + 1);
  r.vote.voted_for = number(r);
  r.disk_vote = r.vote;
  r.candidate = true;
  r.votes = {number(r)};
  try_to_win(r);
}

inline void MiniRaft::ask(Replica& candidate, Replica& voter) {
  if (!candidate.running || !candidate.candidate || candidate.leader || !voter.running) return;
  if (voter.vote.term > candidate.vote.term) return;
  if (voter.vote.term < candidate.vote.term) set_term(voter, candidate.vote.term);
  const EntryView& mine = voter.log.entries.back();
  const EntryView& its = candidate.log.entries.back();
  const bool behind = its.term < mine.term || (its.term == mine.term && candidate.last() < voter.last());
  if (behind && !makes(Mistake::kVoteForOutdated)) return;
  const bool free = !voter.vote.voted_for || voter.vote.voted_for == number(candidate);
  if (!free && !(makes(Mistake::kVoteTwice) && !voter.leader)) return;
  voter.vote.voted_for = number(candidate);
  if (!makes(Mistake::kVoteNotDurable)) voter.disk_vote = voter.vote;
  show(voter);  // the answer is an event of its own
  candidate.votes.add(number(voter));
  try_to_win(candidate);
}

inline void MiniRaft::try_to_win(Replica& r) {
  const bool enough = makes(Mistake::kLeaderWithoutMajority) && r.votes.size() >= 2;
  if (!enough && !r.votes.has_majority_of(members(r).voters)) return;
  r.leader = true;
  r.match = {};
  push(r, {r.vote.term, ++content_, {}});
}

inline void MiniRaft::install(Replica& leader, Replica& to) {
  const std::uint64_t base = makes(Mistake::kSnapshotOfUncommitted) ? leader.last() : leader.first - 1;
  const Members old = members(to);
  to.log.entries.assign(leader.log.entries.begin(),
                        leader.log.entries.begin() + static_cast<std::ptrdiff_t>(base) + 1);
  to.first = base + 1;
  to.commit = std::max(to.commit, base);
  to.touched = to.first;
  if (makes(Mistake::kSnapshotWithoutMembers)) to.old_members = old;
  sync(to);
}

inline void MiniRaft::replicate(Replica& leader, Replica& to) {
  if (&leader == &to || !to.running) return;
  if (to.vote.term > leader.vote.term) return set_term(leader, to.vote.term);
  set_term(to, leader.vote.term);
  if (makes(Mistake::kCommitUnverified)) to.commit = std::max(to.commit, std::min(leader.commit, to.last()));
  std::uint64_t same = common(leader.log.entries, to.log.entries);
  if (same + 1 < leader.first && to.commit < leader.first - 1) return install(leader, to);
  if (makes(Mistake::kTruncateBlindly) && same > to.first) {
    same = static_cast<std::uint64_t>(
        rng_.between(static_cast<std::int64_t>(to.first), static_cast<std::int64_t>(same)));
    cut(to, std::max(same, to.commit));
    same = to.last();
  }
  for (int i = 0; i < 3 && same < leader.last(); ++i, ++same) {
    if (to.last() > same) cut(to, same);
    push(to, leader.log.entries[same + 1]);
  }
  to.commit = std::max(to.commit, std::min(leader.commit, same));
}

inline void MiniRaft::acknowledge(Replica& leader, Replica& from) {
  if (!from.running || from.vote.term != leader.vote.term) return;
  const Log& its = makes(Mistake::kAckBeforeSync) ? from.log.entries : from.disk_log;
  leader.match[number(from)] = common(leader.log.entries, its);
}

inline void MiniRaft::advance(Replica& leader) {
  const Members now = members(leader);
  for (std::uint64_t index = leader.last(); index > leader.commit; --index) {
    if (leader.log.entries[index].term != leader.vote.term && !makes(Mistake::kOldTermCounted)) return;
    ReplicaSet have;
    for (std::uint32_t i = 0; i < kCount; ++i) {
      const bool counts = now.voters.has(i) || (makes(Mistake::kLearnersCount) && now.learners.has(i));
      if (counts && leader.match[i] >= index) have.add(i);
    }
    if (have.size() * 2 <= now.voters.size()) continue;
    leader.commit = index;
    if (!now.voters.has(number(leader)) && config_index(leader) <= index) {
      leader.leader = leader.candidate = false;
    }
    return;
  }
}

inline void MiniRaft::change_members(Replica& leader) {
  const bool own = leader.log.entries[leader.commit].term == leader.vote.term;
  if (!own && !makes(Mistake::kChangeTooEarly)) return;
  if (config_index(leader) > leader.commit && !makes(Mistake::kTwoChanges)) return;
  Members next = members(leader);
  for (int i = makes(Mistake::kTwoVotersAtOnce) ? 2 : 1; i > 0; --i) {
    const std::uint32_t who = static_cast<std::uint32_t>(rng_.below(kCount));
    if (next.learners.has(who)) {
      next.learners.remove(who);
      next.voters.add(who);
    } else if (!next.voters.has(who)) {
      next.learners.add(who);
    } else if (next.voters.size() > 1) {
      next.voters.remove(who);
      if (rng_.percent(50)) next.learners.add(who);
    }
  }
  push(leader, {leader.vote.term, ++content_, next});
}

inline void MiniRaft::sync(Replica& r) {
  r.disk_log = r.log.entries;
  r.disk_first = r.first;
}

inline void MiniRaft::restart(Replica& r) {
  if (std::exchange(r.running, !r.running)) {
    r.leader = r.candidate = false;
    return;
  }
  ++r.life;
  if (makes(Mistake::kLogLostByRestart) && r.disk_log.size() > r.disk_first) r.disk_log.resize(r.disk_first);
  r.log.entries = r.disk_log;
  r.first = r.disk_first;
  r.vote = r.disk_vote;
  if (makes(Mistake::kVoteForgotten)) r.vote.voted_for.reset();
  r.commit = r.first - 1;
  r.touched = r.first;
}

inline void MiniRaft::show(Replica& r) {
  ReplicaView view;
  view.replica = number(r);
  view.life = r.life;
  view.running = r.running;
  view.leader = r.leader;
  view.vote = r.vote;
  view.members = r.old_members ? *r.old_members : members(r);
  view.first_index = r.first;
  view.base_term = r.log.entries[r.first - 1].term;
  view.last_index = r.last();
  view.commit_index = view.applied_index = r.commit;
  const bool differs = makes(Mistake::kStateDiffers) && number(r) == 2;
  if (rng_.percent(10)) view.state_hash = r.log.entries[r.commit].hash + (differs ? 1000 : 0);
  view.disk = DiskView{r.disk_vote, r.disk_log.size() - 1, r.disk_log.back().term, r.disk_log.back().hash};
  view.changed_from = tells_changes_ ? r.touched : 0;
  r.touched = kNothingChanged;
  invariants.observe(view, r.log);
}

inline void MiniRaft::step() {
  Replica& r = any();
  Replica* leader = a_leader();
  const std::uint64_t roll = rng_.below(1000);
  if (roll < 10) {
    stand(r);
  } else if (roll < 60) {
    for (Replica& candidate : replicas_) ask(candidate, r);
  } else if (roll < 75) {
    restart(r);
  } else if (roll < 200) {
    if (r.running) sync(r);
  } else if (roll < 215) {
    if (r.running && r.commit >= r.first) r.first = r.commit + 1;
  } else if (leader == nullptr) {
    if (rng_.percent(10)) stand(r);
  } else if (roll < 450) {
    push(*leader, {leader->vote.term, ++content_, {}});
  } else if (roll < 700) {
    replicate(*leader, r);
  } else if (roll < 850) {
    acknowledge(*leader, r);
  } else if (roll < 980) {
    advance(*leader);
  } else {
    change_members(*leader);
  }
  for (Replica& each : replicas_) show(each);
}

}  // namespace ringhold::sim

// Terms, votes, leaders and disks. Logs: raft_invariants_log.cpp. Commitment: raft_invariants_commit.cpp.
#include "tests/sim/check/raft_invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/base/check.h"

namespace ringhold::sim {

RaftInvariants::RaftInvariants(Options options) : options_(options), entries_(options.initial) {}

bool RaftInvariants::observe(const ReplicaView& view, const ReplicaLog& log) {
  if (!ok()) return false;
  Replica& replica = replica_of(view.replica);
  if (nothing_to_do(replica, view, log)) return true;
  const ReplicaView before = std::exchange(replica.view, view);
  const bool new_life = view.running && (!replica.known || !before.running || before.life != view.life);
  const bool led = !new_life && before.leader && before.vote.term == view.vote.term;
  replica.known = true;
  if (view.running) {
    Step step{replica, view, before, log, new_life, led, replica.log.back()};
    observe_running(step);
  } else {
    check_disk(replica, view);
  }
  check_sent(replica);
  if (new_life) replica.loss_expected = false;
  return ok();
}

bool RaftInvariants::audit(ReplicaView view, const ReplicaLog& log) {
  view.changed_from = view.first_index;
  return observe(view, log);
}

bool RaftInvariants::nothing_to_do(const Replica& replica, const ReplicaView& view,
                                   const ReplicaLog& log) const {
  if (!replica.known || !replica.votes_sent.empty() || !replica.applied.empty()) return false;
  if (!(replica.view == view)) return false;
  if (!view.running || view.last_index < view.first_index) return true;
  if (view.changed_from == 0) return log.term_at(view.last_index) == entries_[replica.log.back()].term;
  return view.changed_from > view.last_index;
}

// What comes later relies on what comes before: a commit on the disks, those on the log.
void RaftInvariants::observe_running(Step& step) {
  check_vote(step);
  if (step.now.leader && !step.led) check_first_lead(step);
  if (ok()) check_indexes(step);
  if (ok()) follow_log(step);
  if (ok()) check_members(step);
  if (ok()) check_disk(step.replica, step.now);
  if (!ok()) return;
  // (What a new life begins with was voted by an old one.)
  if (!step.new_life && !(step.now.vote == step.before.vote)) check_new_vote(step);
  if (step.now.leader && !step.led) check_elected(step);
  if (ok()) check_commit(step);
  if (ok()) check_state(step);
}

// 3.3, 3.4 and figure 3.1: currentTerm only increases, a vote in it is never changed, and both are stable
// storage. With disks, memory may run ahead of them and be lost by a crash, but never lag behind.
void RaftInvariants::check_vote(const Step& step) {
  Replica& replica = step.replica;
  const TermAndVote& floor = step.new_life && options_.disks ? replica.disk : replica.memory;
  const bool excused = step.new_life && replica.loss_expected;
  const std::string complaint = excused ? "" : complaint_about_vote(floor, step.now.vote);
  if (!complaint.empty()) {
    fail(fmt::format("a term or vote forgotten (3.3, 3.4): of replica {}, {}{}", step.now.replica, complaint,
                     step.new_life ? " over a restart" : ""));
  }
  if (!options_.disks) record_vote(replica.memory, step.now.vote, step.now.replica);
  replica.memory = step.now.vote;
}

// For the whole run, so that not even a replica that has lost everything votes twice in a term.
void RaftInvariants::record_vote(const TermAndVote& before, const TermAndVote& after, std::uint32_t replica) {
  if (!after.voted_for || after == before) return;
  INVARIANT(*after.voted_for < kReplicasMax);
  const std::string complaint = terms_.vote(after.term, replica, *after.voted_for);
  if (!complaint.empty()) fail("two votes in a term (3.4): " + complaint);
}

// 3.6.1, the election restriction: nobody votes for a candidate whose log ends before its own. What the
// candidate had is known if it has not stood in a later term since. (One step may be a whole turn of a loop,
// in which entries of the new term came after the vote: they do not count.)
void RaftInvariants::check_new_vote(const Step& step) {
  const TermAndVote& vote = step.now.vote;
  if (!vote.voted_for) return;
  const Id own_end = entries_.end_before(step.replica.log.back(), vote.term);
  if (*vote.voted_for == step.now.replica) {
    step.replica.stood_in = vote.term;
    step.replica.stood_with = own_end;
    return check_learner(step, "votes for itself");
  }
  const Replica& candidate = replica_of(*vote.voted_for);
  if (candidate.stood_in != vote.term) return;
  const RaftEntries::Entry& own = entries_[own_end];
  const RaftEntries::Entry& its = entries_[candidate.stood_with];
  if (std::tie(own.term, own.index) <= std::tie(its.term, its.index)) return;
  fail(fmt::format(
      "a vote for a log that is behind (3.6.1): replica {}, whose log ends with {}, votes in term {} "
      "for replica {}, whose log ends with {}",
      step.now.replica, entries_.describe(own_end), vote.term, *vote.voted_for,
      entries_.describe(candidate.stood_with)));
}

// 3.2, election safety.
void RaftInvariants::check_first_lead(const Step& step) {
  const std::string complaint = terms_.lead(step.now.vote.term, step.now.replica, step.now.life);
  if (!complaint.empty()) fail("election safety (3.2): " + complaint);
}

// 3.4: a candidate wins if a majority votes for it; a vote counts once it is in stable storage (3.8). It goes
// by the latest configuration in its own log, and counts its own vote only as one of its voters (4.2.2).
void RaftInvariants::check_elected(const Step& step) {
  const std::uint64_t term = step.now.vote.term;
  const Id end = entries_.end_before(step.replica.log.back(), term);
  const ReplicaSet voters = entries_.config_of(end).members.voters;
  const ReplicaSet votes = terms_.voters_for(term, step.now.replica);
  if (options_.leaders_are_elected && !votes.has_majority_of(voters)) {
    return fail(fmt::format(
        "a leader without a majority (3.4): replica {} leads term {} with the {}votes of {}; its "
        "voters are {}",
        step.now.replica, term, options_.disks ? "durable " : "", describe(votes), describe(voters)));
  }
  check_learner(step, "leads");
  check_complete(step.replica, "when it was elected");
}

// 4.2.1. A voter that is about to become a learner is still needed until that is committed (as one that is
// about to leave, 4.2.2).
void RaftInvariants::check_learner(const Step& step, const char* what) {
  const Id end = entries_.end_before(step.replica.log.back(), step.now.vote.term);
  const RaftEntries::Config& latest = entries_.config_of(end);
  if (!latest.members.learners.has(step.now.replica)) return;
  if (latest.index > step.now.commit_index) {
    const Id holder = step.replica.log[latest.index];
    if (entries_.config_of(entries_[holder].before).members.voters.has(step.now.replica)) return;
  }
  fail(fmt::format("a learner {} (4.2.1): replica {} in term {}; the latest configuration in its log is {}",
                   what, step.now.replica, step.now.vote.term, describe(latest.members)));
}

// Stable storage forgets nothing (3.8): neither a term, nor a vote, nor an entry that has been committed.
void RaftInvariants::check_disk(Replica& replica, const ReplicaView& view) {
  if (!options_.disks || !view.disk || *view.disk == replica.disk_view) return;
  const DiskView& disk = *view.disk;
  const Id end = disk.last_index == 0 ? RaftEntries::kRoot : entries_.find(disk.last_index, disk.last_term);
  if (end == RaftEntries::kNone || (disk.last_hash != 0 && disk.last_hash != entries_[end].hash)) {
    return fail(
        fmt::format("the disk of replica {} ends with an entry that nobody has had in its log: index {} of "
                    "term {}",
                    view.replica, disk.last_index, disk.last_term));
  }
  const Id old_end = std::exchange(replica.disk_end, end);
  const std::uint64_t shared = std::min(entries_[old_end].index, committed_index());
  const bool had = entries_.ancestor(old_end, shared) == committed_[shared];
  if (had && !is_durable(replica, committed_[shared]) && !replica.loss_expected) {
    fail(fmt::format("a committed entry is lost (3.8): the disk of replica {} had {}, and now ends with {}",
                     view.replica, entries_.describe(committed_[shared]), entries_.describe(end)));
  }
  const std::string complaint = complaint_about_vote(replica.disk, disk.vote);
  if (!complaint.empty() && !replica.loss_expected) {
    fail(fmt::format("a term or vote forgotten (3.3, 3.4): on the disk of replica {}, {}", view.replica,
                     complaint));
  }
  record_vote(replica.disk, disk.vote, view.replica);
  replica.disk = disk.vote;
  replica.disk_view = disk;
}

void RaftInvariants::check_sent(Replica& replica) {
  for (const Sent& vote : std::exchange(replica.votes_sent, {})) {
    const auto kept = terms_.vote_of(vote.number, replica.view.replica);
    if (kept == vote.what) continue;
    fail(fmt::format("a vote that is not durable (3.8): replica {} sent its vote in term {} to replica {}",
                     replica.view.replica, vote.number, vote.what));
  }
  for (const Sent& entry : std::exchange(replica.applied, {})) {
    const bool committed = entry.number <= committed_index();
    if (committed && entries_[committed_[entry.number]].hash == entry.what) continue;
    fail(
        fmt::format("state machine safety (3.2): replica {} applied {} at index {}", replica.view.replica,
                    committed ? "another entry than the committed one" : "an entry that nobody has committed",
                    entry.number));
  }
}

void RaftInvariants::vote_sent(std::uint32_t replica, std::uint64_t term, std::uint32_t candidate) {
  replica_of(replica).votes_sent.push_back({term, candidate});
}

void RaftInvariants::applied(std::uint32_t replica, std::uint64_t index, std::uint64_t hash) {
  replica_of(replica).applied.push_back({index, hash});
}

void RaftInvariants::loss_expected(std::uint32_t replica) {
  replica_of(replica).loss_expected = true;
}

std::optional<std::uint32_t> RaftInvariants::working_leader() const {
  if (!ok()) return std::nullopt;
  for (std::uint32_t number = 0; number < replicas_end_; ++number) {
    const Replica& leader = replicas_[number];
    const ReplicaView& view = leader.view;
    if (!view.running || !view.leader || entries_[leader.log[view.commit_index]].term != view.vote.term)
      continue;
    ReplicaSet same_term;
    for (std::uint32_t i = 0; i < replicas_end_; ++i) {
      if (replicas_[i].view.running && replicas_[i].view.vote.term == view.vote.term) same_term.add(i);
    }
    if (same_term.has_majority_of(entries_.config_of(leader.log.back()).members.voters)) return number;
  }
  return std::nullopt;
}

// Only the first is kept: what follows from it would hide it.
void RaftInvariants::fail(std::string text) {
  if (violation_.empty()) violation_ = std::move(text);
}

RaftInvariants::Replica& RaftInvariants::replica_of(std::uint32_t number) {
  INVARIANT(number < kReplicasMax);
  replicas_end_ = std::max(replicas_end_, number + 1);
  replicas_[number].view.replica = number;
  return replicas_[number];
}

}  // namespace ringhold::sim

// Commitment: what counts as committed is final, complete and durable.
#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/check/raft_invariants.h"

namespace ringhold::sim {

// Figure 3.1: commitIndex and lastApplied only increase; they are volatile, so a new life may begin anywhere.
void RaftInvariants::check_indexes(const Step& step) {
  const ReplicaView& now = step.now;
  const auto complain = [&](const char* what, std::uint64_t a, std::uint64_t b) {
    fail(fmt::format("indexes (figure 3.1): of replica {} in term {}, {}: {} and {}", now.replica,
                     now.vote.term, what, a, b));
  };
  if (now.first_index == 0 || now.last_index + 1 < now.first_index) {
    complain("the log ends before it begins", now.first_index, now.last_index);
  }
  if (now.commit_index > now.last_index) {
    complain("the commit index is beyond the log", now.commit_index, now.last_index);
  }
  if (now.applied_index > now.commit_index) {
    complain("more is applied than committed", now.applied_index, now.commit_index);
  }
  if (now.first_index > now.commit_index + 1) {
    complain("the snapshot covers more than is committed", now.first_index - 1, now.commit_index);
  }
  if (step.new_life) return;
  if (now.commit_index < step.before.commit_index) {
    complain("the commit index fell", step.before.commit_index, now.commit_index);
  }
  if (now.applied_index < step.before.applied_index) {
    complain("the applied index fell", step.before.applied_index, now.applied_index);
  }
}

void RaftInvariants::check_commit(const Step& step) {
  const std::vector<Id>& log = step.replica.log;
  const std::uint64_t commit = step.now.commit_index;
  const bool advanced = step.new_life || commit != step.before.commit_index;
  if (!advanced && !step.log_changed) return;
  // 3.2, state machine safety: what one has committed at an index is what all have there.
  const std::uint64_t shared = std::min(commit, committed_index());
  if (log[shared] != committed_[shared]) {
    return fail(
        fmt::format("state machine safety (3.2): replica {}, in term {}, has committed {}; the group had "
                    "committed {}",
                    step.now.replica, step.now.vote.term, entries_.describe(log[shared]),
                    entries_.describe(committed_[shared])));
  }
  // 3.6.2, figure 3.7: only entries of its own term are committed by counting replicas.
  const bool counted = step.now.leader && ((step.led && advanced) || commit > committed_index());
  if (counted && entries_[log[commit]].term != step.now.vote.term) {
    return fail(fmt::format(
        "an entry of an earlier term counted as committed (3.6.2): replica {}, leader of term {}, "
        "commits {}",
        step.now.replica, step.now.vote.term, entries_.describe(log[commit])));
  }
  if (commit > committed_index()) advance_commit(step);
}

void RaftInvariants::advance_commit(const Step& step) {
  const std::vector<Id>& log = step.replica.log;
  check_durable(step, log[step.now.commit_index]);
  for (std::uint64_t index = committed_.size(); index <= step.now.commit_index; ++index) {
    committed_.push_back(log[index]);
    committed_in_.push_back(step.now.vote.term);
  }
  for (std::uint32_t number = 0; number < replicas_end_; ++number) {
    const Replica& other = replicas_[number];
    if (other.view.running && other.view.leader) check_complete(other, "when it was committed");
  }
}

// 3.6.1 with 10.2.1: an entry is committed once it is in the stable storage of a majority of the
// configuration that the leader goes by, the latest in its log; its own disk may be among the late ones. If a
// follower shows it first, the leader's configuration is not known: then any that is not older than the last
// committed one will do.
void RaftInvariants::check_durable(const Step& step, Id entry) {
  const RaftEntries::Config& own = entries_.config_of(step.replica.log.back());
  if (is_durable_on_majority(own.members.voters, entry)) return;
  const Members& before = entries_.config_of(step.old_end).members;
  if (step.now.leader && is_durable_on_majority(before.voters, entry)) return;
  const std::uint64_t oldest = entries_.config_of(committed_.back()).index;
  const auto will_do = [&](const RaftEntries::Config& config) {
    return config.index >= oldest && is_durable_on_majority(config.members.voters, entry);
  };
  const auto& configs = entries_.configs();
  if (!step.now.leader && std::any_of(configs.begin(), configs.end(), will_do)) return;
  fail(fmt::format(
      "committed without a majority (3.6.1, 10.2.1): replica {}, in term {}, commits {}, which is durable "
      "on too few of {}:{}",
      step.now.replica, step.now.vote.term, entries_.describe(entry), describe(own.members.voters),
      describe_disks(own.members.voters)));
}

// 3.6.3, leader completeness: what was committed in a term is in the logs of that term's leader and all later
// ones. A leader of an earlier term that does not know yet that it is none need not have it.
void RaftInvariants::check_complete(const Replica& replica, const char* when) {
  const std::uint64_t term = replica.view.vote.term;
  std::uint64_t index = committed_index();
  while (committed_in_[index] > term) --index;
  if (index < replica.log.size() && replica.log[index] == committed_[index]) return;
  fail(fmt::format(
      "leader completeness (3.2, 3.6.3): replica {}, leader of term {}, did not have {}, committed by term "
      "{}, {}; its log ends with {}",
      replica.view.replica, term, entries_.describe(committed_[index]), committed_in_[index], when,
      entries_.describe(replica.log.back())));
}

// 3.2, state machine safety, seen from the other end: the same entries make the same state.
void RaftInvariants::check_state(const Step& step) {
  if (!step.now.state_hash) return;
  const auto [it, first] =
      states_.try_emplace(step.now.applied_index, State{*step.now.state_hash, step.now.replica});
  if (first || it->second.hash == *step.now.state_hash) return;
  fail(fmt::format("state machine safety (3.2): after index {}, the states of replicas {} and {} differ",
                   step.now.applied_index, it->second.replica, step.now.replica));
}

// Without disks, what is or last was in memory counts. The common case, a disk that is a part of the log in
// memory, needs no walk.
bool RaftInvariants::is_durable(const Replica& replica, Id entry) const {
  const std::uint64_t index = entries_[entry].index;
  if (!options_.disks) return index < replica.log.size() && replica.log[index] == entry;
  const std::uint64_t end = entries_[replica.disk_end].index;
  if (end < index) return false;
  if (end < replica.log.size() && replica.log[end] == replica.disk_end) return replica.log[index] == entry;
  return entries_.ancestor(replica.disk_end, index) == entry;
}

bool RaftInvariants::is_durable_on_majority(ReplicaSet voters, Id entry) const {
  ReplicaSet durable;
  for (std::uint32_t number = 0; number < replicas_end_; ++number) {
    if (voters.has(number) && is_durable(replicas_[number], entry)) durable.add(number);
  }
  return durable.has_majority_of(voters);
}

std::string RaftInvariants::describe_disks(ReplicaSet voters) const {
  std::string text;
  for (std::uint32_t number = 0; number < kReplicasMax; ++number) {
    if (!voters.has(number)) continue;
    const Id end = options_.disks ? replicas_[number].disk_end : replicas_[number].log.back();
    text += fmt::format(" replica {} has {};", number, entries_.describe(end));
  }
  return text;
}

}  // namespace ringhold::sim

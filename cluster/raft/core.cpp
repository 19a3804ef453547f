#include "cluster/raft/core.h"

#include <algorithm>
#include <utility>

#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold::raft {

const char* role_name(RoleName role) {
  switch (role) {
    case RoleName::kFollower:
      return "follower";
    case RoleName::kLearner:
      return "learner";
    case RoleName::kPreCandidate:
      return "pre-candidate";
    case RoleName::kCandidate:
      return "candidate";
    case RoleName::kLeader:
      return "leader";
  }
  return "unknown";
}

Core::Core(const CoreOptions& options, Recovered recovered, MonoTime now)
    : options_(options),
      random_(options.seed),
      now_(now),
      vote_(recovered.vote),
      log_(std::move(recovered.log)),
      commit_(std::max(recovered.applied, log_.snapshot().position.index)),
      applied_(commit_),
      durable_(log_.last_index()) {
  INVARIANT(applied_ <= log_.last_index());
  if (recovered.incoming) incoming_ = Incoming{recovered.incoming->snapshot, recovered.incoming->next_offset};
  // The log may be of a later term than the vote: entries are acknowledged in their leader's term, and what
  // that was is known from them as well.
  vote_.term = std::max(vote_.term, log_.last().term);
  if (vote_.term != recovered.vote.term) vote_.candidate.reset();
  log_.forget(applied_, options_.bounds.memory_bytes);
  removed_ = log_.had_member(self(), applied_) && !is_member_at(applied_);
  restart_election_timer();
  const bool is_alone = log_.membership().voters() == 1 && log_.membership().has_voter(self());
  if (is_alone) {
    election_deadline_ = now_;
    return;
  }
  // Before it stopped it may have promised its leader not to vote for another: the promise has outlived it.
  if (!broken(Bug::kVoteAfterRestart)) {
    refuse_votes_until_ = now_ + options_.timing.election_max;
    election_deadline_ += options_.timing.election_max;
  }
}

Output Core::step(MonoTime now, Event event) {
  INVARIANT(now >= now_);
  now_ = now;
  out_ = {};
  std::visit([this](auto&& one) { handle(std::forward<decltype(one)>(one)); }, std::move(event));
  finish_step();
  return std::exchange(out_, {});
}

MonoTime Core::next_deadline() const {
  if (const Leader* leader = leading()) return leader->heartbeat_at;
  return election_deadline_;
}

RoleName Core::role() const {
  if (leading() != nullptr) return RoleName::kLeader;
  if (std::holds_alternative<Candidate>(role_)) return RoleName::kCandidate;
  if (std::holds_alternative<PreCandidate>(role_)) return RoleName::kPreCandidate;
  return is_voter() ? RoleName::kFollower : RoleName::kLearner;
}

std::optional<ReplicaId> Core::leader() const {
  if (leading() != nullptr) return self();
  const auto* follower = std::get_if<Follower>(&role_);
  return follower != nullptr ? follower->leader : std::nullopt;
}

const Progress* Core::progress(ReplicaId peer) const {
  const Leader* leader = leading();
  if (leader == nullptr) return nullptr;
  const auto it = leader->peers.find(peer);
  return it == leader->peers.end() ? nullptr : &it->second;
}

Progress* Core::peer_of(ReplicaId id) {
  return const_cast<Progress*>(std::as_const(*this).progress(id));
}

bool Core::transferring() const {
  const Leader* leader = leading();
  return leader != nullptr && leader->transfer.has_value();
}

void Core::handle(Tick /*event*/) {
  if (leading() != nullptr) {
    if (now_ < leading()->heartbeat_at) return;
    if (!has_quorum_of_late(membership())) return leave_office();
    leading()->heartbeat_at = now_ + options_.timing.heartbeat;
    if (!may_lead_) hand_over();
    go_on_with_transfer();
    look_after_peers();
    send_round();
    answer_reads();
    return;
  }
  if (now_ < election_deadline_) return;
  restart_election_timer();
  if (auto* follower = std::get_if<Follower>(&role_)) follower->leader.reset();
  if (may_campaign()) {
    ask_before_campaign();
  } else if (!removed_ && !membership().has_voter(self()) && is_member_at(applied_)) {
    // Perhaps it was removed, and the leader's word was lost.
    ask_for_votes(vote_.term.next(), {.pre = true, .last = log_.last()});
  }
}

void Core::handle(MayLead event) {
  may_lead_ = event.may;
  if (may_lead_) return;
  if (leading() != nullptr) return hand_over();
  if (!std::holds_alternative<Follower>(role_)) become_follower(vote_.term, std::nullopt);
}

void Core::handle(Message message) {
  if (message.to != self() || message.from == self()) return;
  receive(message);
}

void Core::receive(const Message& message) {
  std::visit([&](const auto& body) { handle(message, body); }, message.body);
}

// --- saying things ---

void Core::say(ReplicaId to, MessageBody body) {
  out_.send.push_back({self(), to, vote_.term, std::move(body)});
}

void Core::say_when(Until until, ReplicaId to, MessageBody body) {
  spoken_.push_back({until, {self(), to, vote_.term, std::move(body)}});
}

void Core::append_to_log(Entry entry) {
  unsynced_bytes_ += entry.cost();
  new_entries_.push_back(entry);
  const bool is_membership = entry.kind == EntryKind::kMembership;
  log_.append(std::move(entry));
  if (is_membership) membership_in_force();
}

// What the step has changed becomes a request to the disk; what it wants to say waits for what it depends on.
void Core::finish_step() {
  ask_disk();
  for (Spoken& spoken : std::exchange(spoken_, {})) {
    const bool is_vote = spoken.until == Until::kVoteIsDurable;
    const bool at_once = is_vote ? broken(Bug::kVoteNotDurable) : broken(Bug::kAcknowledgedBeforeSynced);
    const std::uint64_t number = is_vote ? vote_number_ : std::max(vote_number_, log_number_);
    if (number <= persisted_ || at_once) {
      out_.send.push_back(std::move(spoken.message));
    } else if (held_.size() < options_.bounds.held_messages) {
      held_.push_back({number, std::move(spoken.message)});
    }
  }
  if (broken(Bug::kFailedAppendIgnored) && stalled_ && leading() != nullptr && persisted_ < last_number_)
    handle(Persisted{last_number_});
}

void Core::ask_disk() {
  if (!vote_changed_ && new_entries_.empty()) return;
  const std::uint64_t number = ++last_number_;
  Persist& persist = out_.persist.emplace();
  persist.number = number;
  persist.commit = std::min(commit_, durable_);
  if (std::exchange(vote_changed_, false)) {
    persist.vote = vote_;
    vote_number_ = number;
  }
  Outstanding outstanding{number, std::nullopt, 0};
  if (!new_entries_.empty()) {
    for (const Entry& entry : new_entries_) outstanding.bytes += entry.cost();
    outstanding.last = new_entries_.back().position;
    persist.entries = std::exchange(new_entries_, {});
    log_number_ = number;
  }
  outstanding_.push_back(outstanding);
}

// --- durability ---

void Core::handle(Persisted event) {
  INVARIANT(event.number <= last_number_);
  persisted_ = std::max(persisted_, event.number);
  while (!outstanding_.empty() && outstanding_.front().number <= persisted_) {
    const Outstanding& done = outstanding_.front();
    if (done.last) durable_ = std::max(durable_, done.last->index);
    unsynced_bytes_ -= done.bytes;
    outstanding_.pop_front();
  }
  release_held();
  if (auto* candidate = std::get_if<Candidate>(&role_); candidate != nullptr && vote_number_ <= persisted_) {
    candidate->votes[self()] = true;
    count_votes(candidate->votes, false);
  }
  if (leading() != nullptr) advance_commit();
  apply_committed();
}

void Core::release_held() {
  std::deque<Held> still;
  for (Held& held : held_) {
    if (held.number <= persisted_) {
      out_.send.push_back(std::move(held.message));
    } else {
      still.push_back(std::move(held));
    }
  }
  held_ = std::move(still);
}

// A leader whose disk takes nothing steps down, so that one whose disk works can do better. Nobody votes or
// acknowledges meanwhile, because neither becomes durable.
void Core::handle(DiskStalled /*event*/) {
  stalled_ = true;
  if (leading() != nullptr) {
    if (!broken(Bug::kFailedAppendIgnored)) leave_office();
    return;
  }
  if (std::holds_alternative<Candidate>(role_) || std::holds_alternative<PreCandidate>(role_))
    become_follower(vote_.term, std::nullopt);
}

void Core::handle(DiskWorks /*event*/) {
  stalled_ = false;
}

// --- committing and applying ---

void Core::commit_to(LogIndex index) {
  if (index <= commit_) return;
  INVARIANT(index <= log_.last_index());
  commit_ = index;
  apply_committed();
}

// Only what is durable here as well: so a snapshot never holds more than the log on the same disk.
void Core::apply_committed() {
  // The state machine is being given a snapshot, which holds all that could be applied.
  if (incoming_ && incoming_->installing) return;
  const LogIndex until = std::min(commit_, durable_);
  while (applied_ < until) {
    const Entry& entry = log_.at(applied_.next());
    applied_ = entry.position.index;
    if (Leader* leader = leading())
      leader->uncommitted_bytes -= std::min(leader->uncommitted_bytes, entry.cost());
    out_.apply.push_back(entry);
    if (entry.kind == EntryKind::kMembership) membership_applied(applied_);
  }
  log_.forget(applied_, options_.bounds.memory_bytes);
  if (leading() != nullptr) admit_reads();
}

void Core::fault(std::string text) {
  if (out_.fault.empty()) out_.fault = std::move(text);
}

}  // namespace ringhold::raft

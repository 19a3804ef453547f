// Elections: pre-vote, vote, and who becomes what (dissertation 3.4, 3.6.1, 4.2.3, 9.6).
#include <algorithm>
#include <utility>

#include "cluster/raft/core.h"
#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold::raft {

namespace {

// 3.6.1: the log with the later last term, or the longer one of the same, is more up to date.
bool is_up_to_date(Position candidate, Position voter) {
  if (candidate.term != voter.term) return candidate.term > voter.term;
  return candidate.index >= voter.index;
}

}  // namespace

void Core::restart_election_timer() {
  const auto span =
      static_cast<std::uint64_t>((options_.timing.election_max - options_.timing.election_min).count());
  const auto extra = span == 0 ? 0 : random_.next() % span;
  election_deadline_ = now_ + options_.timing.election_min + microseconds(static_cast<std::int64_t>(extra));
}

// 4.2.2: one that is to leave is needed until that is committed: perhaps nobody else has the entry that says
// so, and all that stands before it. Its own vote does not count then (count_votes).
bool Core::is_voter() const {
  if (membership().has_voter(self())) return true;
  const LogIndex index = log_.membership_index();
  return index > commit_ && log_.membership_at(index.previous()).has_voter(self());
}

bool Core::may_campaign() const {
  return is_voter() && !removed_ && !stalled_ && may_lead_ && !(incoming_ && incoming_->installing);
}

// Whoever has just heard a leader, or has just started, refuses: a lease may rest on that (6.4.1), and nobody
// who was cut off for a while shall disturb a leader that works (4.2.3).
bool Core::refuses_votes() const {
  if (const Leader* leader = leading()) return now_ < leader->lease_until;
  return now_ < refuse_votes_until_;
}

void Core::ask_before_campaign() {
  auto& asking = role_.emplace<PreCandidate>();
  asking.votes[self()] = true;
  ask_for_votes(vote_.term.next(), {.pre = true, .last = log_.last()});
  count_votes(asking.votes, true);
}

void Core::campaign(bool transfer) {
  become_follower(vote_.term.next(), std::nullopt);
  vote_.candidate = self();
  role_.emplace<Candidate>();
  restart_election_timer();
  ask_for_votes(vote_.term, {.transfer = transfer, .last = log_.last()});
}

void Core::ask_for_votes(Term term, VoteRequest request) {
  for (const Member& member : membership().members()) {
    if (member.id == self() || member.role != MemberRole::kVoter) continue;
    const Message message{self(), member.id, term, request};
    if (request.pre) {
      out_.send.push_back(message);
    } else {
      // Not before its own vote is durable: else it could come back, forget that it was a candidate, and be
      // elected a second time in the same term.
      spoken_.push_back({Until::kVoteIsDurable, message});
    }
  }
}

bool Core::is_removed(const Message& message, const VoteRequest& request) const {
  const Membership& committed = log_.membership_at(std::max(commit_, log_.snapshot().position.index));
  // All that the candidate knows is known here, and committed. It asks, so it was a member (see Tick); or it
  // is a voter in its newest membership, and then it was a learner in one that was committed before.
  return !committed.empty() && committed.find(message.from) == nullptr && request.last.index <= commit_;
}

void Core::handle(const Message& message, const VoteRequest& request) {
  if (is_removed(message, request)) {
    say_when(Until::kVoteIsDurable, message.from, VoteReply{request.pre, false, true});
    return;
  }
  if (request.pre) {
    const bool granted = message.term > vote_.term && is_up_to_date(request.last, log_.last()) &&
                         !refuses_votes() && !stalled_;
    if (granted) {
      out_.send.push_back({self(), message.from, message.term, VoteReply{true, true, false}});
    } else {
      say_when(Until::kVoteIsDurable, message.from, VoteReply{true, false, false});
    }
    return;
  }
  if (message.term > vote_.term) {
    // The term is not taken over either: that alone would end the leader's (4.2.3).
    if (refuses_votes() && !request.transfer) return;
    become_follower(message.term, std::nullopt);
  }
  grant(message, request);
}

void Core::grant(const Message& message, const VoteRequest& request) {
  const auto* follower = std::get_if<Follower>(&role_);
  // A term that is heard of in other ways ends no promise.
  const bool may_vote = !vote_.candidate && (request.transfer || !refuses_votes());
  const bool is_free = may_vote || vote_.candidate == message.from;
  const bool granted = message.term == vote_.term && follower != nullptr && !follower->leader && is_free &&
                       is_up_to_date(request.last, log_.last()) && !stalled_;
  if (granted) {
    if (!vote_.candidate) vote_changed_ = true;
    vote_.candidate = message.from;
    restart_election_timer();
  }
  say_when(Until::kVoteIsDurable, message.from, VoteReply{false, granted, false});
}

void Core::handle(const Message& message, const VoteReply& reply) {
  // True for ever, whatever the term: ids are not used again.
  if (reply.removed && !leader()) {
    removed_ = true;
    return become_follower(std::max(message.term, vote_.term), std::nullopt);
  }
  if (reply.pre && reply.granted) {
    auto* asking = std::get_if<PreCandidate>(&role_);
    if (asking == nullptr || message.term != vote_.term.next()) return;
    asking->votes[message.from] = true;
    return count_votes(asking->votes, true);
  }
  if (message.term > vote_.term) return become_follower(message.term, std::nullopt);
  if (message.term < vote_.term) return;
  if (reply.pre) {
    if (auto* asking = std::get_if<PreCandidate>(&role_)) asking->votes[message.from] = false;
    return;
  }
  auto* candidate = std::get_if<Candidate>(&role_);
  if (candidate == nullptr) return;
  candidate->votes[message.from] = reply.granted;
  count_votes(candidate->votes, false);
}

void Core::count_votes(std::map<ReplicaId, bool>& votes, bool pre) {
  std::size_t granted = 0;
  for (const Member& member : membership().members()) {
    if (member.role != MemberRole::kVoter) continue;
    const auto vote = votes.find(member.id);
    if (vote != votes.end() && vote->second) ++granted;
  }
  if (granted < membership().quorum()) return;
  if (pre) {
    campaign(false);
  } else {
    become_leader();
  }
}

void Core::handle(const Message& message, const TimeoutNow& /*order*/) {
  if (message.term != vote_.term || leader() != message.from || !may_campaign()) return;
  campaign(true);
}

// --- roles ---

void Core::become_follower(Term term, std::optional<ReplicaId> leader) {
  INVARIANT(term >= vote_.term);
  if (term > vote_.term) {
    vote_ = {term, std::nullopt};
    vote_changed_ = true;
    // What waits to be said was meant for a term that is over. An acknowledgement in it would be a lie by
    // now: this replica may vote for somebody who has not what it would acknowledge.
    held_.clear();
  }
  if (leading() != nullptr) {
    leave_office();
  }
  role_ = Follower{leader};
}

// The term stays: somebody may be elected in a later one.
void Core::leave_office() {
  Leader& leader = *leading();
  for (const WaitingRead& read : leader.reads) out_.reads_refused.push_back(read.id);
  for (const std::uint64_t id : leader.reads_before_no_op) out_.reads_refused.push_back(id);
  for (auto& [id, peer] : leader.peers) {
    if (peer.transfer) out_.transfer_over.push_back(id);
  }
  role_ = Follower{};
  restart_election_timer();
}

void Core::become_leader() {
  auto& leader = role_.emplace<Leader>();
  leader.heartbeat_at = now_ + options_.timing.heartbeat;
  leader.no_op = log_.last_index().next();
  for (const Member& member : membership().members()) {
    if (member.id == self()) continue;
    Progress& peer = leader.peers[member.id];
    peer.next = log_.last_index().next();
    peer.heard_at = now_;
  }
  // Whatever is still uncommitted counts towards the bound.
  for (LogIndex i = applied_.next(); i <= log_.last_index(); i = i.next())
    leader.uncommitted_bytes += log_.at(i).cost();
  append_to_log({{leader.no_op, vote_.term}, EntryKind::kNothing, nullptr});
  leader.uncommitted_bytes += Entry::kOverheadBytes;
  send_round();
  send_to_all();
}

}  // namespace ringhold::raft

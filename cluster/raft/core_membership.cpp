// Members come and go, one voter at a time (dissertation 4.1, 4.2), and leadership is handed over (3.10).
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/raft/core.h"
#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold::raft {

std::string Core::why_no_change(const MembershipChange& change) const {
  const Leader* leader = leading();
  if (leader == nullptr) return "this replica does not lead its shard";
  if (leader->transfer) return "this replica is handing over to another";
  // Without it two leaders of different terms could each have a change of their own under way, with
  // majorities that do not overlap (Ongaro, "bug in single-server membership changes", 2015).
  if (commit_ < leader->no_op && !broken(Bug::kMembershipBeforeCommit))
    return "the leader is new and has not committed anything yet; try again in a moment";
  if (log_.membership_index() > commit_) return "an earlier change of the members is still under way";
  if (const auto* promotion = std::get_if<PromoteLearner>(&change)) {
    const Progress* peer = progress(promotion->id);
    const bool is_close = peer != nullptr && peer->match >= commit_;
    if (membership().find(promotion->id) != nullptr && !membership().has_voter(promotion->id) && !is_close)
      return "the learner has not caught up yet";
  }
  return {};
}

void Core::handle(const ChangeMembership& event) {
  out_.refused = why_no_change(event.change);
  if (!out_.refused.empty()) return;
  const auto after = changed(membership(), event.change);
  if (!after.ok()) {
    out_.refused = after.error().message;
    return;
  }
  if (!has_quorum_of_late(*after)) {
    out_.refused = "of the voters that there would be, no majority has been heard of late";
    return;
  }
  Entry entry{{log_.last_index().next(), vote_.term}, EntryKind::kMembership, make_payload(encode(*after))};
  leading()->uncommitted_bytes += entry.cost();
  out_.accepted = entry.position;
  append_to_log(std::move(entry));
  send_to_all();
}

// 4.1: a membership counts from when it is in the log.
void Core::membership_in_force() {
  if (membership().find(self()) != nullptr) removed_ = false;
  Leader* leader = leading();
  if (leader == nullptr) return;
  for (const Member& member : membership().members()) {
    if (member.id == self()) continue;
    const auto [it, is_new] = leader->peers.try_emplace(member.id);
    if (!is_new) continue;
    it->second.next = log_.last_index();
    it->second.heard_at = now_;
  }
  for (auto& [id, peer] : leader->peers) {
    peer.leaving = membership().find(id) == nullptr;
    if (!peer.leaving) peer.forget_at.reset();
  }
  update_lease();
}

void Core::membership_applied(LogIndex index) {
  const Membership& in_force = log_.membership_at(index);
  if (Leader* leader = leading()) {
    // Those that have left are told for a while; whoever misses it hears it when it asks (is_removed).
    for (auto& [id, peer] : leader->peers) {
      if (peer.leaving && in_force.find(id) == nullptr && !peer.forget_at)
        peer.forget_at = now_ + 2 * options_.timing.election_max;
    }
  }
  // A log that is replayed from the time before it was added says nothing: it must have been there.
  if (in_force.find(self()) != nullptr || !is_member_at(index.previous())) return;
  removed_ = true;
  if (leading() == nullptr) return;
  // 4.2.2: a leader that removes itself leads until that is committed. Nobody has to wait for its silence.
  if (const auto successor = best_successor()) say(*successor, TimeoutNow{});
  leave_office();
}

// 4.2.1: a learner that gets what was in the log at the beginning of a round before an election time-out has
// passed will not hold up the shard as a voter.
void Core::promote_if_caught_up(ReplicaId id, Progress& peer) {
  const Member* member = membership().find(id);
  if (member == nullptr || member->role != MemberRole::kLearner || peer.state != Progress::State::kReplicate)
    return;
  if (!peer.round_end) {
    peer.round_end = log_.last_index();
    peer.round_began = now_;
  }
  if (peer.match < *peer.round_end) return;
  const bool is_quick = now_ - peer.round_began <= options_.timing.election_min;
  peer.round_end.reset();
  if (!is_quick || !why_no_change(PromoteLearner{id}).empty()) return;
  handle(ChangeMembership{PromoteLearner{id}});
  // Nobody asked for it.
  out_.accepted.reset();
  out_.refused.clear();
}

// --- transfer ---

std::optional<ReplicaId> Core::best_successor() const {
  std::optional<ReplicaId> best;
  LogIndex best_match;
  for (const auto& [id, peer] : leading()->peers) {
    if (!membership().has_voter(id) || now_ - peer.heard_at > options_.timing.election_min) continue;
    if (best && peer.match <= best_match) continue;
    best = id;
    best_match = peer.match;
  }
  return best;
}

void Core::handle(const TransferLeadership& event) {
  if (leading() == nullptr) {
    out_.refused = "this replica does not lead its shard";
    return;
  }
  if (event.to == self()) return;
  if (leading()->transfer) {
    if (event.to && event.to != leading()->transfer->to)
      out_.refused = "this replica is handing over to another already";
    return;
  }
  const auto to = event.to ? event.to : best_successor();
  if (!to) {
    out_.refused = "no other voter has been heard of late";
  } else if (!membership().has_voter(*to)) {
    out_.refused = fmt::format("replica {} is no voter of this shard", to->value.hex());
  } else {
    begin_transfer(*to);
  }
}

// It may not lead, and somebody else can. Tried again for as long as it leads.
void Core::hand_over() {
  Leader& leader = *leading();
  if (leader.transfer || now_ < leader.hand_over_at) return;
  leader.hand_over_at = now_ + 2 * options_.timing.election_max;
  if (const auto to = best_successor()) begin_transfer(*to);
}

// From here on nothing is promised any more: no lease, no new entries.
void Core::begin_transfer(ReplicaId to) {
  Leader& leader = *leading();
  leader.transfer = Transfer{to, now_ + options_.timing.election_max, false};
  leader.lease_given_up = true;
  go_on_with_transfer();
}

void Core::go_on_with_transfer() {
  Leader* leader = leading();
  if (leader == nullptr || !leader->transfer) return;
  Transfer& transfer = *leader->transfer;
  const auto it = leader->peers.find(transfer.to);
  if (now_ >= transfer.deadline || it == leader->peers.end()) {
    // Once it has been told, it may campaign at any time: the lease is not taken up again in this term.
    leader->lease_given_up = leader->told_somebody;
    leader->transfer.reset();
    return;
  }
  if (transfer.told) return;
  if (it->second.match < log_.last_index()) return send_entries(it->first, it->second);
  transfer.told = leader->told_somebody = true;
  say(transfer.to, TimeoutNow{});
}

}  // namespace ringhold::raft

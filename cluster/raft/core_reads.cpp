// Heartbeats, and what rests on them: check-quorum (dissertation 6.2), reads by index (6.4) and by lease
// (6.4.1).
//
// Each heartbeat has a number, its round. A majority that answers a round sent at time t did not, and will
// not before t + election_min, vote for anybody else: so until t + lease() nobody else leads, and all that is
// committed is committed here.
#include <algorithm>
#include <functional>
#include <utility>

#include "cluster/raft/core.h"
#include "common/base/bug.h"

namespace ringhold::raft {

namespace {
// Rounds whose time is remembered; an answer to an older one no longer prolongs anything.
constexpr std::size_t kRoundsRemembered = 64;
}  // namespace

void Core::send_round() {
  Leader& leader = *leading();
  ++leader.round;
  leader.rounds.push_back({leader.round, now_});
  if (leader.rounds.size() > kRoundsRemembered) leader.rounds.pop_front();
  for (auto& [id, peer] : leader.peers) say(id, Heartbeat{leader.round, std::min(peer.match, commit_)});
  update_lease();
}

void Core::handle(const Message& message, const HeartbeatReply& reply) {
  Progress* peer = hear_peer(message);
  if (peer == nullptr || reply.round <= peer->acked_round || reply.round > leading()->round) return;
  const auto& rounds = leading()->rounds;
  peer->acked_round = reply.round;
  const auto sent = std::find_if(rounds.begin(), rounds.end(),
                                 [&](const SentRound& round) { return round.round == reply.round; });
  if (sent != rounds.end()) peer->lease_from = sent->at;
  update_lease();
  answer_reads();
}

void Core::update_lease() {
  Leader& leader = *leading();
  leader.lease_until = {};
  // One that removes itself has none: another may lead as soon as that is committed, and be alone.
  if (!membership().has_voter(self())) return;
  std::vector<MonoTime> promised;
  for (const Member& member : membership().members()) {
    if (member.role != MemberRole::kVoter) continue;
    if (member.id == self()) {
      promised.push_back(MonoTime::max());
      continue;
    }
    const auto it = leader.peers.find(member.id);
    if (it != leader.peers.end() && it->second.lease_from) promised.push_back(*it->second.lease_from);
  }
  if (promised.size() < membership().quorum()) return;
  std::sort(promised.begin(), promised.end(), std::greater<>());
  const MonoTime from = promised[membership().quorum() - 1];
  leader.lease_until = from == MonoTime::max() ? from : from + options_.timing.lease();
}

bool Core::lease_holds(MonoTime fresh_now) const {
  const Leader* leader = leading();
  if (leader == nullptr || applied_ < leader->no_op) return false;
  if (leader->lease_given_up && !broken(Bug::kLeaseKeptInTransfer)) return false;
  return fresh_now < leader->lease_until || broken(Bug::kReadAfterLease);
}

bool Core::has_quorum_of_late(const Membership& members) const {
  const Leader& leader = *leading();
  std::size_t heard = 0;
  for (const Member& member : members.members()) {
    if (member.role != MemberRole::kVoter) continue;
    const auto it = leader.peers.find(member.id);
    const bool of_late =
        it != leader.peers.end() && now_ - it->second.heard_at <= options_.timing.election_max;
    if (member.id == self() || of_late) ++heard;
  }
  return heard >= members.quorum();
}

void Core::handle(Read event) {
  Leader* leader = leading();
  const bool is_full =
      leader != nullptr && leader->reads.size() + leader->reads_before_no_op.size() >= options_.bounds.reads;
  if (leader == nullptr || is_full) {
    out_.reads_refused.push_back(event.id);
    return;
  }
  leader->reads_before_no_op.push_back(event.id);
  admit_reads();
}

// A leader knows what is committed only after an entry of its own term is (6.4).
void Core::admit_reads() {
  Leader& leader = *leading();
  if (leader.reads_before_no_op.empty() || commit_ < leader.no_op) return;
  // One round at a time for reads: those that come while it is on its way share the next.
  const bool is_round_on_its_way = !leader.reads.empty();
  for (const std::uint64_t id : std::exchange(leader.reads_before_no_op, {}))
    leader.reads.push_back({id, commit_, leader.round + 1});
  if (!is_round_on_its_way) send_round();
  answer_reads();
}

void Core::answer_reads() {
  Leader& leader = *leading();
  if (leader.reads.empty()) return;
  std::vector<std::uint64_t> rounds;
  for (const Member& member : membership().members()) {
    if (member.role != MemberRole::kVoter) continue;
    const auto it = leader.peers.find(member.id);
    rounds.push_back(member.id == self()        ? leader.round
                     : it == leader.peers.end() ? 0
                                                : it->second.acked_round);
  }
  if (rounds.empty()) return;
  std::sort(rounds.begin(), rounds.end(), std::greater<>());
  const std::uint64_t answered = rounds[membership().quorum() - 1];
  bool any = false;
  while (!leader.reads.empty() && leader.reads.front().round <= answered) {
    out_.reads.push_back({leader.reads.front().id, leader.reads.front().index});
    leader.reads.pop_front();
    any = true;
  }
  // Those that came meanwhile wait for a round that was not sent yet.
  if (any && !leader.reads.empty() && leader.reads.front().round > leader.round) send_round();
}

}  // namespace ringhold::raft

#include "tests/sim/check/raft_terms.h"

#include <fmt/format.h>

namespace ringhold::sim {

std::string complaint_about_vote(const TermAndVote& before, const TermAndVote& after) {
  if (after.term < before.term) return fmt::format("its term fell from {} to {}", before.term, after.term);
  if (after.term > before.term || !before.voted_for || after.voted_for == before.voted_for) return {};
  const std::string now = after.voted_for ? fmt::format("for replica {}", *after.voted_for) : "for nobody";
  return fmt::format("its vote in term {}, for replica {}, became one {}", before.term, *before.voted_for,
                     now);
}

std::string RaftTerms::lead(std::uint64_t term, std::uint32_t replica, std::uint32_t life) {
  auto& leader = terms_[term].leader;
  if (!leader) {
    leader = {replica, life};
    return {};
  }
  if (leader->replica != replica) {
    return fmt::format("replicas {} and {} both lead term {}", leader->replica, replica, term);
  }
  if (leader->life == life) return {};
  return fmt::format("replica {} leads term {}, which it led before it was restarted", replica, term);
}

std::string RaftTerms::vote(std::uint64_t term, std::uint32_t replica, std::uint32_t candidate) {
  Term& row = terms_[term];
  if (row.voted.has(replica) && row.vote[replica] != candidate) {
    return fmt::format("replica {} voted for replica {} in term {}, and then for replica {}", replica,
                       row.vote[replica], term, candidate);
  }
  row.voted.add(replica);
  row.vote[replica] = static_cast<std::uint8_t>(candidate);
  return {};
}

std::optional<std::uint32_t> RaftTerms::leader_of(std::uint64_t term) const {
  const auto it = terms_.find(term);
  if (it == terms_.end() || !it->second.leader) return std::nullopt;
  return it->second.leader->replica;
}

std::optional<std::uint32_t> RaftTerms::vote_of(std::uint64_t term, std::uint32_t replica) const {
  const auto it = terms_.find(term);
  if (it == terms_.end() || !it->second.voted.has(replica)) return std::nullopt;
  return it->second.vote[replica];
}

ReplicaSet RaftTerms::voters_for(std::uint64_t term, std::uint32_t candidate) const {
  ReplicaSet set;
  for (std::uint32_t replica = 0; replica < kReplicasMax; ++replica) {
    if (vote_of(term, replica) == candidate) set.add(replica);
  }
  return set;
}

}  // namespace ringhold::sim

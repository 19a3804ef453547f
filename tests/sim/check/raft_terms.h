// Who led each term of a simulated Raft group, and who voted for whom in it: for the whole run.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/sim/check/raft_view.h"

namespace ringhold::sim {

// What is wrong with a term and a vote that come after others of the same replica: terms never fall (3.3),
// and within a term a vote, once given, stays (3.4). Empty if nothing is.
std::string complaint_about_vote(const TermAndVote& before, const TermAndVote& after);

class RaftTerms {
 public:
  // Each returns what is wrong, or nothing. Precondition: replicas are below kReplicasMax.
  std::string lead(std::uint64_t term, std::uint32_t replica, std::uint32_t life);
  std::string vote(std::uint64_t term, std::uint32_t replica, std::uint32_t candidate);

  std::optional<std::uint32_t> leader_of(std::uint64_t term) const;
  std::optional<std::uint32_t> vote_of(std::uint64_t term, std::uint32_t replica) const;
  ReplicaSet voters_for(std::uint64_t term, std::uint32_t candidate) const;

 private:
  struct Leader {
    std::uint32_t replica;
    std::uint32_t life;
  };
  struct Term {
    std::optional<Leader> leader;
    ReplicaSet voted;
    std::array<std::uint8_t, kReplicasMax> vote{};
  };
  std::map<std::uint64_t, Term> terms_;
};

}  // namespace ringhold::sim

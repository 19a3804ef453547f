#include "tests/sim/check/raft_members.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringhold::sim {

std::string describe(ReplicaSet set) {
  std::string text;
  for (std::uint32_t replica = 0; replica < kReplicasMax; ++replica) {
    if (set.has(replica)) text += (text.empty() ? "" : " ") + std::to_string(replica);
  }
  return "{" + text + "}";
}

std::string describe(const Members& members) {
  std::string text = "voters " + describe(members.voters);
  if (!members.learners.empty()) text += ", learners " + describe(members.learners);
  return text;
}

// A majority of each is made of replicas that are not in the other, as far as there are enough; what is
// missing comes from the common ones, which must not suffice for both.
bool majorities_overlap(ReplicaSet a, ReplicaSet b) {
  const std::uint32_t common = (a & b).size();
  const auto from_common = [common](ReplicaSet set) {
    const std::uint32_t majority = set.size() / 2 + 1;
    return majority - std::min(majority, set.size() - common);
  };
  return from_common(a) + from_common(b) > common;
}

std::string complaint_about_change(const Members& before, const Members& after) {
  const std::string step = fmt::format("from {} to {}", describe(before), describe(after));
  if (after.voters.empty()) return "a configuration without a voter: " + step;
  if (!(after.voters & after.learners).empty()) return "a learner that is also a voter: " + step;
  if (before.voters.empty()) return {};
  if ((before.voters ^ after.voters).size() > 1) return "more than one voter added or removed: " + step;
  if (!majorities_overlap(before.voters, after.voters)) return "majorities that do not overlap: " + step;
  return {};
}

}  // namespace ringhold::sim

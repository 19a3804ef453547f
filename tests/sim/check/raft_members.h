// Changes of a Raft group's configuration, as section 4.1 of the dissertation allows them.
#pragma once

#include <string>

#include "tests/sim/check/raft_view.h"

namespace ringhold::sim {

// Every majority of `a` shares a replica with every majority of `b`.
bool majorities_overlap(ReplicaSet a, ReplicaSet b);

// What is wrong with the step from one configuration to the next; empty if nothing is. The step from no
// configuration at all founds the group, and may go anywhere.
std::string complaint_about_change(const Members& before, const Members& after);

}  // namespace ringhold::sim

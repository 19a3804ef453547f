// Deciding the next topology: compare-and-set, in one place (DESIGN 8).
//
// The shard that the topology names as its authority decides its successor. Before there is a topology, the
// shard with the smallest name founds the first one. A cache that was restarted cannot know whether it had
// decided something that is still on its way somewhere; so the first decision of each life opens a new
// generation. So does a takeover: the authority is dead, the operator has taken it out of servers.json, and
// the smallest-named shard that stays decides.
#pragma once

#include "cluster/peer/messages.h"
#include "dataserver/node.h"

namespace ringhold {

// Carries out an edit, or says why not. After kApplied and kConflict node.topology is what the asker should
// look at.
EditResultMessage decide_edit(Node& node, const EditMessage& edit);

}  // namespace ringhold

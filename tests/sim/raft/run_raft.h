// One simulated run of a shard that agrees by Raft, from a seed to a verdict.
#pragma once

#include "tests/sim/scenario/run.h"

namespace ringhold::sim {

RunResult run_raft_seed(const RunOptions& options);

}  // namespace ringhold::sim

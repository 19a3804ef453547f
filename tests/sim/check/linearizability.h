// Is the history of one key linearizable?
//
// A depth-first search with memory for an order of the operations that explains what the clients saw (Wing
// and Gong 1993; the memory is Lowe's, "Testing for linearizability", 2017). The history is replayed event by
// event; a point of the search is a state of the key and the set of open operations that have taken effect.
// Operations take effect as late as possible: when one returns that has not, it and other open ones do, in
// some order, until it has. If every point has been tried in vain, no order explains the history.
//
// Beyond linearizability, operations of one connection take effect in the order sent (promise P3b).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/sim/check/key_model.h"
#include "tests/sim/check/operation.h"

namespace ringhold::sim {

enum class Verdict { kLinearizable, kViolated, kUndecided };

struct CheckResult {
  Verdict verdict = Verdict::kLinearizable;
  std::string explanation;  // of a violation, or of what made it undecidable; many lines
};

struct CheckLimits {
  // Points of the search that are looked at: a history with more concurrency than this is given up,
  // undecided.
  std::size_t configurations_max = 60000;
};

// `operations` are of one key, in any order. Those with outcome kNot are ignored; kUnknown may take effect at
// any time after they were invoked, or never.
CheckResult check_linearizable(std::vector<Operation> operations, const KeyState& initial,
                               const CheckLimits& limits = {});

}  // namespace ringhold::sim

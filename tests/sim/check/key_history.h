// A key's history over a whole run, in which its shard may have crashed or its slot may have moved.
//
// Such a disturbance ends one ownership interval and begins the next. Each interval is checked on its own:
// operations that lie wholly in it strictly, those that overlap a disturbance as ones that may have taken
// effect, at any time from then on, or not at all. What the key holds at the beginning of an interval is said
// by the disturbance.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/check/linearizability.h"

namespace ringhold::sim {

struct Disturbance {
  MonoTime begin;
  MonoTime end;
  // After it the key is nil (a cache shard that has crashed), or anybody's guess (a slot that has moved).
  bool leaves_nil = false;
  std::string what;
};

// `operations` are of one key; `disturbances` concern it, in any order; overlapping ones count as one.
CheckResult check_key_history(const std::vector<Operation>& operations, std::vector<Disturbance> disturbances,
                              const CheckLimits& limits = {});

// No value from nowhere: whatever the history, what a read sees, each item of a list too, begins with the
// argument of a SET, SETNX, GETSET, APPEND or push of this key that was sent before the read returned, or is
// a number if the key was ever incremented. Arguments are unique in the run and none is a prefix of another.
CheckResult check_origin_of_values(const std::vector<Operation>& operations);

}  // namespace ringhold::sim

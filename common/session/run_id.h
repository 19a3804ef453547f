// The id of one life of a process, as INFO shows it.
#pragma once

#include <string>

#include "common/reactor/clock.h"

namespace ringhold {

// 40 random hex digits, as Redis's run_id.
std::string make_run_id(Rng& rng);

}  // namespace ringhold

// The world is a parameter: everything that is not a function of its inputs comes through here.
//
// One World per loop. Real processes get theirs from common/net (libuv, OpenSSL, files), the simulator
// from tests/sim. Whatever holds a World lives on its loop, and is deterministic given it.
#pragma once

#include "common/reactor/clock.h"
#include "common/reactor/disk.h"
#include "common/reactor/network.h"
#include "common/reactor/scheduler.h"

namespace ringhold {

struct World {
  Clock& clock;
  Rng& rng;
  Scheduler& scheduler;
  Network& network;
  Disk& disk;
};

}  // namespace ringhold

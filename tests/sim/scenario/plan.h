// What a seed stands for: the sizes, the clients, the weather and the faults of one run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/load/sim_client.h"
#include "tests/sim/world/fabric.h"

namespace ringhold::sim {

struct FaultMix {
  // Weights; zero switches a kind off.
  std::uint64_t cut = 0;
  std::uint64_t stall = 0;
  std::uint64_t pause = 0;
  std::uint64_t crash = 0;
  std::uint64_t refuse = 0;
  std::uint64_t weather = 0;
  std::int64_t interval_ms = 300;  // mean pause between two faults

  std::uint64_t total() const { return cut + stall + pause + crash + refuse + weather; }
};

struct Plan {
  std::uint64_t seed = 0;
  std::uint32_t servers = 3;  // in the first servers.json
  std::uint32_t spares = 1;   // more that an edit may add
  std::uint32_t proxies = 1;  // none: one stand-alone data server
  std::uint32_t workers = 1;  // of each proxy
  std::uint32_t conns = 3;    // connections per data server, of each proxy
  std::uint32_t clients = 4;
  std::uint64_t direct_percent = 20;  // clients that use data servers directly
  bool short_form = false;
  bool backups =
      false;  // data servers restore what they held; the checks of histories do not know of that yet
  std::int64_t duration_ms = 3000;
  std::int64_t edit_interval_ms = 0;  // mean pause between two edits of servers.json; zero: none
  Weather weather;
  FaultMix faults;
  ClientOptions client;  // what all clients have in common
};

Plan make_plan(std::uint64_t seed);
std::string describe(const Plan& plan);

}  // namespace ringhold::sim

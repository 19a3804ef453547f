// Everything that the clients of a run did and saw. The clients write it, the checkers read it at the end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/reactor/clock.h"
#include "tests/sim/check/operation.h"

namespace ringhold::sim {

// One request, for the checker of availability.
struct RequestRecord {
  std::uint64_t id = 0;
  std::string client;
  std::string front;  // the process that it was sent to
  std::uint32_t connection = 0;
  std::string command;            // for people
  std::vector<std::string> keys;  // none: of the front alone, unless `all_shards`
  bool all_shards = false;        // DBSIZE, KEYS, SCAN
  MonoTime sent{};
  MonoTime returned = MonoTime::max();
  std::string error;           // the error reply, or why the connection was lost
  bool lost = false;           // no reply: the connection was lost, or given up by the client
  bool given_up = false;       // ... by the client
  bool dozed = false;          // the client did not read for a while: lateness is its own doing
  bool bulky = false;          // the reply is long
  bool cluster_aware = false;  // the connection has asked for -MOVED
};

struct RunLog {
  std::vector<Operation> operations;
  std::vector<RequestRecord> requests;
  std::uint64_t next_id = 1;
  std::uint32_t next_connection = 1;
};

}  // namespace ringhold::sim

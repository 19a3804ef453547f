// A simulated client: one process with several connections, each like a stock Redis client: pipelining, RESP2
// or RESP3, some of them slow, some rude. What they do and see goes into the RunLog; a reply that no server
// may give is a violation at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/reactor/world.h"
#include "tests/sim/load/command_mix.h"
#include "tests/sim/load/run_log.h"
#include "tests/sim/world/random.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

// Where a client can connect to.
struct Front {
  std::string name;  // of the process
  Address address;
};

struct ClientOptions {
  std::string name;
  std::vector<Front> fronts;
  std::uint32_t connections = 2;
  std::uint32_t depth_max = 16;       // each connection picks 1..depth_max, mostly small
  std::int64_t think_us_max = 4000;   // pause between two batches
  std::uint64_t rude_percent = 20;    // connections that end by abort in the middle, rather than by close
  std::uint64_t sleepy_percent = 10;  // connections that stop reading now and then
  std::uint64_t resp3_percent = 40;
  std::uint64_t cluster_aware_percent = 0;      // connections that say so: they get -MOVED from data servers
  std::uint64_t requests_per_connection = 400;  // then it is closed and another one opened; at most
  std::uint64_t http_percent = 0;               // connections that speak HTTP
  bool gentle = false;  // no rude or sleepy ways, one connection after the other to each front
  KeySpace keys;
};

class ClientConnection;

class SimClient {
 public:
  SimClient(SimLoop& loop, ClientOptions options, RunLog& log);
  ~SimClient();
  SimClient(const SimClient&) = delete;
  SimClient& operator=(const SimClient&) = delete;

  void start();
  // Sends nothing new; connections close when all has been answered. Then done() is true.
  void stop();
  bool done() const;
  // Requests that wait for a reply, for messages.
  std::vector<std::uint64_t> waiting() const;

 private:
  friend class ClientConnection;
  struct Place;

  void open(Place& place);
  void on_ended(Place& place);

  SimLoop& loop_;
  ClientOptions options_;
  RunLog& log_;
  SimRng rng_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace ringhold::sim

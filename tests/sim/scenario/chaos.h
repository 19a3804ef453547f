// Chaos breaks things at random times, mends them after a while, and writes down what it does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/scenario/availability.h"
#include "tests/sim/scenario/cluster.h"
#include "tests/sim/scenario/file_editor.h"
#include "tests/sim/scenario/plan.h"

namespace ringhold::sim {

class Chaos {
 public:
  Chaos(SimWorld& world, SimCluster& cluster, const FileEditor& editor, std::vector<SimProcess*> clients,
        const FaultMix& mix, FaultLog& log);

  void start();
  // Mends everything, and breaks nothing more.
  void end();

 private:
  void next();
  void strike();
  void cut();
  void stall();
  void pause();
  void crash_server();
  void crash_proxy();
  void refuse();
  void worsen_weather();
  // Two processes that talk to each other.
  std::pair<SimProcess*, SimProcess*> pick_pair();
  SimProcess* pick_node();
  bool claim(const SimProcess& process);
  // Mends after a while, or when chaos ends.
  void mend_later(std::int64_t ms_min, std::int64_t ms_max, std::function<void()> mend);
  void restart(SimProxy& proxy);

  SimWorld& world_;
  SimCluster& cluster_;
  const FileEditor& editor_;
  std::vector<SimProcess*> clients_;
  FaultMix mix_;
  FaultLog& log_;
  SimRng rng_;
  bool over_ = false;
  std::set<std::string> claimed_;                           // processes that are paused or down
  std::map<std::uint64_t, std::function<void()>> to_mend_;  // by the order of breaking
  std::uint64_t next_mend_ = 0;
};

}  // namespace ringhold::sim

// The simulated cluster: real data servers and real proxies, each a process of the simulated world.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cluster/topology/servers_file.h"
#include "dataserver/server.h"
#include "proxy/proxy.h"
#include "tests/sim/scenario/ownership_log.h"
#include "tests/sim/scenario/plan.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

inline constexpr const char* kServersFile = "servers.json";
inline constexpr const char* kBackupFile = "dump.rh";

struct SimServer {
  std::string name;  // of the process; the shard has the same, or its address in the short form
  std::string shard;
  Address address;
  SimProcess* process = nullptr;
  std::unique_ptr<DataServer> program;
};

struct SimProxy {
  std::string name;
  Address address;
  SimProcess* process = nullptr;
  std::vector<std::string> loops;  // names for messages: control, then the workers
  std::unique_ptr<Proxy> program;
};

class SimCluster {
 public:
  SimCluster(SimWorld& world, const Plan& plan, OwnershipLog& ownership);
  ~SimCluster();
  SimCluster(const SimCluster&) = delete;
  SimCluster& operator=(const SimCluster&) = delete;

  std::vector<SimServer>& servers() { return servers_; }
  std::vector<SimProxy>& proxies() { return proxies_; }
  const std::vector<SimServer>& servers() const { return servers_; }
  const std::vector<SimProxy>& proxies() const { return proxies_; }

  void start(SimServer& server);
  // False (and no violation) where servers.json is bad or missing, as a proxy then does not start.
  bool start(SimProxy& proxy);
  void crash(SimServer& server, CrashMode mode);
  void crash(SimProxy& proxy, CrashMode mode);

  // Do all living processes go by the same topology, and does it say `wanted`? The answer names the first
  // that does not.
  std::string disagreement(const std::vector<ShardSpec>& wanted) const;

  // Stops everything as SIGTERM does, then destroys it; a violation if something does not stop, or leaves a
  // stream, a timer or a file watch behind.
  void stop_all();

 private:
  void observe(SimProxy& proxy);
  void check_nothing_left(const SimProcess& process);

  SimWorld& world_;
  const Plan& plan_;
  OwnershipLog& ownership_;
  std::vector<SimServer> servers_;
  std::vector<SimProxy> proxies_;
};

}  // namespace ringhold::sim

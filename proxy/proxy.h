// The proxy: workers that serve clients, and a control part that follows servers.json and the cluster's
// topology. Each worker, and the control part, lives on a loop of its own (they may be the same loop); the
// simulator runs it as it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/topology/topology.h"
#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/reactor/world.h"
#include "common/session/authenticator.h"
#include "common/session/process_probe.h"

namespace ringhold {

struct ProxyOptions {
  Address addr{"127.0.0.1", 9443};
  std::optional<Address> advertise;
  std::string servers_file = "cluster/servers.json";
  std::uint32_t conns = 10;  // connections per data server, shared out over the workers
  std::chrono::milliseconds deadline{2000};
  std::uint32_t connections_max = limits::kConnectionsMax;
  std::uint32_t connections_per_address_max = limits::kConnectionsPerAddressMax;
  std::shared_ptr<const Authenticator> authenticator = std::make_shared<Authenticator>();
  std::shared_ptr<const ProcessProbe> probe = std::make_shared<FixedProcessProbe>();
  std::string_view front_page;  // HTML for "/" over HTTP; outlives the proxy
};

class Proxy {
 public:
  // `workers` holds one World per worker, at least one; each outlives the Proxy.
  Proxy(World control, std::vector<World> workers, ProxyOptions options);
  ~Proxy();  // like a crash. All loops have ended, or this is their one thread.
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // Reads servers.json and listens on every worker; call on the control loop's thread before the other loops
  // run. A file that is missing or bad is an error here; later it changes nothing.
  Result<Address> start();
  // Stops accepting, answers what is in flight, closes, then calls `done` on the control loop.
  void stop(std::function<void()> done);
  void on_shutdown_request(std::function<void()> callback);
  // What the control part, and each worker, go by now; null: none. For the simulator: it looks into all loops
  // at once.
  std::vector<TopologyPtr> topologies() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringhold

// Worker: one loop of the proxy, with its own listener share, client sessions and pools. It shares nothing
// with other workers but the immutable topology; what must cross goes through Scheduler::post.
//
// Made by Proxy before its loop runs; after that every member is for its own loop's thread, except post_*.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "cluster/admin/cluster_status.h"
#include "cluster/peer/topology_holder.h"
#include "cluster/upstream/router.h"
#include "common/reactor/world.h"
#include "common/session/config_table.h"
#include "common/session/resp_session.h"
#include "common/session/server_commands.h"
#include "proxy/proxy.h"

namespace ringhold {

class ProxySession;
class Worker;

// What one worker knows, or several together.
struct WorkerReport {
  WorkerSnapshot own;
  UpstreamReport upstream;

  void add(WorkerReport other) {
    own.add(std::move(other.own));
    upstream.add(other.upstream);
  }
};

// What workers ask of the rest of the proxy. May be called from any worker's thread.
class WorkerHost {
 public:
  virtual ~WorkerHost() = default;
  // A data server showed this worker a newer topology.
  virtual void post_topology(TopologyPtr topology) = 0;
  // `answer` is called on `asker`'s loop.
  virtual void post_status_request(Worker& asker, std::function<void(const ClusterStatus&)> answer) = 0;
  virtual void post_shutdown_request() = 0;
  virtual const std::vector<std::unique_ptr<Worker>>& workers() const = 0;
  virtual const ProcessFacts& facts() const = 0;
  // All keys of the cluster, as the data servers said last. From any thread.
  virtual std::uint64_t cluster_keys() const = 0;
};

class Worker final : private AcceptHandler, private SessionOwner {
 public:
  // `index` of `count` workers; `conns` links per data server.
  struct Place {
    std::uint32_t index = 0;
    std::uint32_t count = 1;
    std::uint32_t conns = 1;
  };

  Worker(World world, Place place, const ProxyOptions& options, WorkerHost& host);
  ~Worker() override;

  // Before the loop runs.
  Result<Address> listen(const Address& address);

  // From any thread: runs `task` on this worker's loop.
  void post(std::function<void()> task) { world_.scheduler.post(std::move(task)); }

  // --- on this worker's loop ---
  void adopt(TopologyPtr topology) { topology_.offer(std::move(topology)); }
  void stop(std::function<void()> done);
  WorkerReport report(const ServerNeeds& needs);
  void apply(const ServerEffects& effects);

  World& world() { return world_; }
  WorkerHost& host() { return host_; }
  Router& router() { return router_; }
  ConfigTable& config() { return config_; }
  const ProxyOptions& options() const { return options_; }
  const TopologyPtr& topology() const { return topology_.current(); }
  // The session of this id, if it still lives.
  ProxySession* find_session(std::uint64_t id);

 private:
  void on_accept(std::unique_ptr<Stream> stream) override;
  void on_session_closed(RespSession& session) override;
  void report_if_done();
  void add_parameters();
  void sample();

  World world_;
  Place place_;
  const ProxyOptions& options_;
  WorkerHost& host_;
  TopologyHolder topology_;
  Router router_;
  ServerStats stats_;
  Slowlog slowlog_;
  TurnShare turns_{world_};
  ConfigTable config_;
  ServerIdentity identity_{.mode = "cluster", .kind = "proxy"};
  std::uint64_t bulk_bytes_max_ = limits::kBulkBytesMax;
  Address local_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Timer> sample_timer_;
  std::uint64_t next_id_;
  std::map<std::uint64_t, std::unique_ptr<ProxySession>> sessions_;
  std::function<void()> done_;
};

}  // namespace ringhold

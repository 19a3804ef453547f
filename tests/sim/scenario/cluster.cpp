#include "tests/sim/scenario/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringhold::sim {

namespace {
// How long SIGTERM may take: what is in flight has a deadline, and a peer that does not read is cut off.
constexpr auto kStopBound = std::chrono::seconds(12);

ProcessOptions node(const std::string& name, const std::string& host, SimRng& rng) {
  return {.name = name, .host = host, .role = Role::kNode, .wall_skew_ms = rng.between(-200, 200)};
}
}  // namespace

SimCluster::SimCluster(SimWorld& world, const Plan& plan, OwnershipLog& ownership)
    : world_(world), plan_(plan), ownership_(ownership) {
  SimRng rng(plan.seed, "cluster");
  for (std::uint32_t i = 0; i < plan.servers + plan.spares; ++i) {
    SimServer server;
    server.name = fmt::format("d{}", i);
    server.address = {fmt::format("10.0.1.{}", i + 1), 9501};
    server.shard = plan.short_form ? server.address.text() : server.name;
    server.process = &world.add_process(node(server.name, server.address.host, rng));
    servers_.push_back(std::move(server));
  }
  for (std::uint32_t i = 0; i < plan.proxies; ++i) {
    SimProxy proxy;
    proxy.name = fmt::format("p{}", i);
    proxy.address = {fmt::format("10.0.2.{}", i + 1), 9443};
    proxy.process = &world.add_process(node(proxy.name, proxy.address.host, rng));
    proxy.loops.push_back(proxy.name + "/control");
    for (std::uint32_t w = 0; w < plan.workers; ++w)
      proxy.loops.push_back(fmt::format("{}/worker{}", proxy.name, w));
    proxies_.push_back(std::move(proxy));
  }
}

SimCluster::~SimCluster() {
  world_.start_or_end([this] {
    for (SimProxy& proxy : proxies_) proxy.program.reset();
    for (SimServer& server : servers_) server.program.reset();
  });
}

void SimCluster::start(SimServer& server) {
  SimLoop& loop = server.process->add_loop("main");
  const bool named = plan_.proxies > 0;
  ownership_.started(server.name, server.address, named);
  server.process->after_turn = [this, &server] {
    if (server.program) ownership_.observe_server(server.name, server.program->topology());
  };
  world_.start_or_end([&] {
    world_.run_on(loop, [&] {
      DataServerOptions options;
      options.addr = server.address;
      if (named) options.name = server.shard;
      if (plan_.backups) options.backup_file = kBackupFile;
      server.program = std::make_unique<DataServer>(loop.world(), options);
      const auto started = server.program->start();
      if (!started.ok()) world_.violation(server.name + " does not start: " + started.error().message);
    });
  });
}

bool SimCluster::start(SimProxy& proxy) {
  SimLoop& control = proxy.process->add_loop("control");
  std::vector<World> workers;
  for (std::uint32_t w = 0; w < plan_.workers; ++w) {
    workers.push_back(proxy.process->add_loop(fmt::format("worker{}", w)).world());
  }
  proxy.process->after_turn = [this, &proxy] { observe(proxy); };
  bool ok = false;
  world_.start_or_end([&] {
    world_.run_on(control, [&] {
      ProxyOptions options;
      options.addr = proxy.address;
      options.servers_file = kServersFile;
      options.conns = plan_.conns;
      proxy.program = std::make_unique<Proxy>(control.world(), std::move(workers), options);
      ok = proxy.program->start().ok();
    });
  });
  if (!ok) crash(proxy, CrashMode::kReset);
  return ok;
}

void SimCluster::crash(SimServer& server, CrashMode mode) {
  server.process->crash(mode, [&] { server.program.reset(); });
  ownership_.crashed(server.name);
}

void SimCluster::crash(SimProxy& proxy, CrashMode mode) {
  proxy.process->crash(mode, [&] { proxy.program.reset(); });
}

void SimCluster::observe(SimProxy& proxy) {
  if (!proxy.program) return;
  const auto topologies = proxy.program->topologies();
  for (std::size_t i = 0; i < topologies.size(); ++i) {
    ownership_.observe_proxy(proxy.loops[i], proxy.process->life(), topologies[i]);
  }
}

std::string SimCluster::disagreement(const std::vector<ShardSpec>& wanted) const {
  TopologyPtr first;
  const auto problem = [&](const std::string& who, const TopologyPtr& topology) -> std::string {
    if (topology == nullptr) return who + " knows no topology";
    if (first == nullptr) first = topology;
    if (topology->version != first->version || topology->cluster != first->cluster) {
      return fmt::format("{} goes by topology {}, another process by {}", who, topology->version.text(),
                         first->version.text());
    }
    if (topology->specs() != wanted)
      return fmt::format("{} goes by a topology that is not what servers.json says", who);
    return {};
  };
  for (const SimProxy& proxy : proxies_) {
    if (!proxy.program) return proxy.name + " is not running";
    for (const TopologyPtr& topology : proxy.program->topologies()) {
      if (auto text = problem(proxy.name, topology); !text.empty()) return text;
    }
  }
  for (const SimServer& server : servers_) {
    // A server that is not part of the cluster need not know of it: a spare, or one that could not be reached
    // when it was removed. (What the latter still serves to those who ask it directly is no part of the
    // cluster's data.)
    const bool listed = std::any_of(wanted.begin(), wanted.end(),
                                    [&](const ShardSpec& spec) { return spec.name == server.shard; });
    if (!server.program || !listed) continue;
    if (auto text = problem(server.name, server.program->topology()); !text.empty()) return text;
  }
  return {};
}

void SimCluster::stop_all() {
  std::size_t running = 0;
  const auto stop = [&](auto& program, SimProcess& process) {
    if (!program) return;
    ++running;
    world_.run_on(*process.loops().front(), [&] { program->stop([&running] { --running; }); });
  };
  for (SimProxy& proxy : proxies_) stop(proxy.program, *proxy.process);
  if (!world_.run_until([&] { return running == 0; }, kStopBound)) {
    world_.violation("a proxy does not stop");
    return;
  }
  for (SimServer& server : servers_) stop(server.program, *server.process);
  if (!world_.run_until([&] { return running == 0; }, kStopBound)) {
    world_.violation("a data server does not stop");
    return;
  }
  world_.start_or_end([this] {
    for (SimProxy& proxy : proxies_) proxy.program.reset();
    for (SimServer& server : servers_) server.program.reset();
  });
  for (SimProxy& proxy : proxies_) check_nothing_left(*proxy.process);
  for (SimServer& server : servers_) check_nothing_left(*server.process);
}

void SimCluster::check_nothing_left(const SimProcess& process) {
  const std::size_t watches = process.files().watches();
  if (process.live_streams() + process.live_timers() + watches == 0) return;
  world_.violation(
      fmt::format("{} is destroyed but has left {} streams, {} timers and {} file watches behind",
                  process.name(), process.live_streams(), process.live_timers(), watches));
}

}  // namespace ringhold::sim

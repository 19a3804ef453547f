// ringhold-proxy: routes commands to data servers. Everything that it consists of is put together here.
//
// Threads: the main thread runs the control loop (servers.json, topology, certificates, signals); each worker
// thread runs a loop of its own, which serves clients. They are started after everything has been set up, and
// have ended before anything is taken down.
#include <fmt/core.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "common/cli/command_line.h"
#include "common/cli/server_flags.h"
#include "common/net/certificate_reloader.h"
#include "common/net/graceful_stop.h"
#include "common/net/reactor.h"
#include "common/session/process_probe.h"
#include "proxy/dashboard.h"
#include "proxy/proxy.h"

namespace ringhold {
namespace {

// More workers than this seldom help: the data servers have one thread each.
constexpr unsigned kThreadsDefaultMax = 4;

struct Flags : ServerFlags {
  std::string servers = "cluster/servers.json";
  std::uint32_t conns = 10;
  std::uint32_t threads = std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsDefaultMax);
};

ProxyOptions options_from(const Flags& flags, std::shared_ptr<const Authenticator> authenticator) {
  ProxyOptions options;
  options.addr = flags.addr;
  options.advertise = flags.advertise;
  options.servers_file = flags.servers;
  options.conns = flags.conns;
  options.deadline = flags.deadline;
  options.connections_max = flags.connections_max;
  options.connections_per_address_max = flags.connections_per_address_max;
  options.authenticator = std::move(authenticator);
  options.probe = make_system_process_probe();
  options.front_page = dashboard_page();
  return options;
}

using Workers = std::vector<std::unique_ptr<Reactor>>;

// Runs the workers' loops for as long as it lives.
class WorkerThreads {
 public:
  explicit WorkerThreads(Workers& workers) : workers_(workers) {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      threads_.emplace_back([&loop = workers_[i]->loop()] { loop.run(); });
      pthread_setname_np(threads_.back().native_handle(), fmt::format("worker-{}", i + 1).c_str());
    }
  }
  ~WorkerThreads() {
    for (const auto& worker : workers_) {
      worker->loop().post([&loop = worker->loop()] { loop.stop(); });
    }
    for (std::thread& thread : threads_) thread.join();
  }
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

 private:
  Workers& workers_;
  std::vector<std::thread> threads_;
};

void use_everywhere(const TlsContextPtr& context, Reactor& control, const Workers& workers) {
  control.network().use(context);
  for (const auto& worker : workers) {
    worker->loop().post([&network = worker->network(), context] { network.use(context); });
  }
}

Result<void> serve(const Flags& flags) {
  prepare_process();
  const auto tls = TlsContext::load(flags.tls);
  if (!tls) return tls.error();
  if ((*tls)->role() != Role::kNode) {
    return Error{
        fmt::format("the certificate in {} has the role {}; a proxy needs one with the role node (OU=node), "
                    "such as certs/make-certs makes as server.crt",
                    flags.tls.cert_file, role_name((*tls)->role()))};
  }
  auto authenticator = load_password_file(flags.password_file);
  if (!authenticator) return authenticator.error();

  const auto resources = std::make_shared<ProcessResources>();
  Reactor control(resources, *tls);
  Workers workers;
  std::vector<World> worlds;
  for (std::uint32_t i = 0; i < flags.threads; ++i) {
    workers.push_back(std::make_unique<Reactor>(resources, *tls));
    worlds.push_back(workers.back()->world());
  }
  Proxy proxy(control.world(), std::move(worlds), options_from(flags, std::move(*authenticator)));
  const auto address = proxy.start();
  if (!address) return address.error();

  CertificateReloader certificates(control.world(), flags.tls, *tls, [&](const TlsContextPtr& context) {
    use_everywhere(context, control, workers);
  });
  SignalWatch signals(control.loop());
  signals.on(SIGHUP, [&certificates] { certificates.reload(); });
  GracefulStop stop(
      control.loop(), [&proxy](GracefulStop::Done done) { proxy.stop(std::move(done)); },
      limits::kStopTimeout);
  proxy.on_shutdown_request([&stop] { stop.request(); });

  const WorkerThreads threads(workers);
  fmt::print("ready addr={}\n", address->text());
  std::fflush(stdout);
  control.loop().run();
  return {};
}

int run(int argc, char** argv) {
  Flags flags;
  CommandLine line("ringhold-proxy", "The proxy of Ringhold: one address for all shards of a cluster.");
  declare(line, flags);
  line.text("servers", flags.servers, "The file that lists the data servers; it is watched");
  line.number("conns", flags.conns, {1, 1000}, "Connections per data server, shared out over the threads");
  line.number("threads", flags.threads, {1, 64}, "Worker threads (default: one per core, at most 4)");
  if (const auto code = line.parse(argc, argv)) return *code;
  if (const auto good = check(flags); !good) return line.usage_error(good.error().message);
  const auto served = serve(flags);
  if (served) return 0;
  line.complain(served.error().message);
  return 1;
}

}  // namespace
}  // namespace ringhold

int main(int argc, char** argv) {
  return ringhold::run(argc, argv);
}

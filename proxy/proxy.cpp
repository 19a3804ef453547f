#include "proxy/proxy.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "common/base/check.h"
#include "common/session/run_id.h"
#include "proxy/control.h"
#include "proxy/session.h"
#include "proxy/worker.h"

namespace ringhold {

class Proxy::Impl final : private WorkerHost {
 public:
  Impl(World control_world, std::vector<World> worker_worlds, ProxyOptions options)
      : world_(control_world),
        options_(std::move(options)),
        control_(world_, ControlOptions{options_.servers_file, "proxy " + options_.addr.text()}) {
    INVARIANT(!worker_worlds.empty());
    WorkerHost& host = *this;
    const auto count = static_cast<std::uint32_t>(worker_worlds.size());
    for (std::uint32_t i = 0; i < count; ++i) {
      // Each worker has its share of the connections, and at least one.
      const std::uint32_t conns =
          std::max(1U, options_.conns / count + (i < options_.conns % count ? 1U : 0U));
      workers_.push_back(
          std::make_unique<Worker>(worker_worlds[i], Worker::Place{i, count, conns}, options_, host));
    }
    control_.on_keys = [this](std::uint64_t keys) { cluster_keys_.store(keys, std::memory_order_relaxed); };
    control_.on_topology = [this](const TopologyPtr& topology) {
      for (const auto& worker : workers_) {
        worker->post([&worker = *worker, topology] { worker.adopt(topology); });
      }
    };
  }

  Result<Address> start() {
    Result<Address> address = options_.addr;
    for (std::size_t i = 0; address.ok() && i < workers_.size(); ++i) address = workers_[i]->listen(*address);
    if (!address) return address;
    if (const Result<void> started = control_.start(); !started) return started.error();
    facts_.kind = "proxy";
    facts_.version = RINGHOLD_VERSION;
    facts_.addr = *address;
    facts_.advertise = options_.advertise.value_or(*address);
    facts_.started_at = world_.clock.turn_time();
    facts_.started_wall_ms = world_.clock.wall_ms();
    facts_.threads = static_cast<std::uint32_t>(workers_.size());
    facts_.clients_max = options_.connections_max;
    facts_.run_id = make_run_id(world_.rng);
    return address;
  }

  void stop(std::function<void()> done) {
    done_ = std::move(done);
    stopping_ = workers_.size();
    for (const auto& worker : workers_) {
      worker->post([this, &worker = *worker] {
        worker.stop([this] { world_.scheduler.post([this] { on_worker_stopped(); }); });
      });
    }
  }

  void on_shutdown_request(std::function<void()> callback) { on_shutdown_request_ = std::move(callback); }

  std::vector<TopologyPtr> topologies() const {
    std::vector<TopologyPtr> list{control_.topology()};
    for (const auto& worker : workers_) list.push_back(worker->topology());
    return list;
  }

 private:
  void on_worker_stopped() {
    if (--stopping_ == 0) std::exchange(done_, nullptr)();
  }

  // WorkerHost, from any worker's thread:
  void post_topology(TopologyPtr topology) override {
    world_.scheduler.post([this, topology = std::move(topology)] { control_.offer(topology); });
  }
  void post_status_request(Worker& asker, std::function<void(const ClusterStatus&)> answer) override {
    world_.scheduler.post([this, &asker, answer = std::move(answer)] {
      asker.post([status = control_.status(), answer] { answer(status); });
    });
  }
  void post_shutdown_request() override {
    world_.scheduler.post([this] {
      if (on_shutdown_request_) on_shutdown_request_();
    });
  }
  const std::vector<std::unique_ptr<Worker>>& workers() const override { return workers_; }
  const ProcessFacts& facts() const override { return facts_; }
  std::uint64_t cluster_keys() const override { return cluster_keys_.load(std::memory_order_relaxed); }

  World world_;
  ProxyOptions options_;
  ProcessFacts facts_;
  Control control_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::uint64_t> cluster_keys_{0};
  std::size_t stopping_ = 0;
  std::function<void()> done_;
  std::function<void()> on_shutdown_request_;
};

Proxy::Proxy(World control, std::vector<World> workers, ProxyOptions options)
    : impl_(std::make_unique<Impl>(control, std::move(workers), std::move(options))) {}
Proxy::~Proxy() = default;
Result<Address> Proxy::start() {
  return impl_->start();
}
void Proxy::stop(std::function<void()> done) {
  impl_->stop(std::move(done));
}
void Proxy::on_shutdown_request(std::function<void()> callback) {
  impl_->on_shutdown_request(std::move(callback));
}
std::vector<TopologyPtr> Proxy::topologies() const {
  return impl_->topologies();
}

}  // namespace ringhold

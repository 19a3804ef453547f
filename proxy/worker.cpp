#include "proxy/worker.h"

#include <utility>

#include "common/base/limits.h"
#include "proxy/session.h"

namespace ringhold {

Worker::Worker(World world, Place place, const ProxyOptions& options, WorkerHost& host)
    : world_(world),
      place_(place),
      options_(options),
      host_(host),
      router_(world_, RouterOptions{.conns = place.conns, .deadline = options.deadline, .caller = "proxy"},
              topology_),
      slowlog_(place.index, place.count),
      sample_timer_(world_.scheduler.make_timer([this] { sample(); })),
      // Client ids are unique within the process: worker i of n takes i + 1, i + 1 + n, …
      next_id_(place.index + 1) {
  topology_.on_change = [this](const TopologyPtr& /*before*/) {
    router_.on_topology_changed();
    host_.post_topology(topology_.current());
  };
  add_parameters();
}

Worker::~Worker() = default;

Result<Address> Worker::listen(const Address& address) {
  const ListenOptions listen{options_.connections_max, options_.connections_per_address_max,
                             place_.count > 1};
  Result<std::unique_ptr<Listener>> listener = world_.network.listen(address, listen, *this);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  local_ = listener_->address();
  sample_timer_->start(limits::kRateSampleInterval);
  return local_;
}

void Worker::sample() {
  stats_.sample(world_.clock.turn_time(), 0);
  sample_timer_->start(limits::kRateSampleInterval);
}

void Worker::add_parameters() {
  add_common_parameters(config_, slowlog_);
  config_.add(config_constant("maxclients", std::to_string(options_.connections_max)));
  config_.add(config_memory(
      "proto-max-bulk-len", [this] { return bulk_bytes_max_; },
      [this](std::uint64_t bytes) { bulk_bytes_max_ = bytes; },
      {.min = limits::kMiB, .max = limits::kBulkBytesMax}));
}

void Worker::on_accept(std::unique_ptr<Stream> stream) {
  if (stream->peer().protocol == Protocol::kPeer) return;  // nobody peers with a proxy
  const std::uint64_t id = next_id_;
  next_id_ += place_.count;
  const SessionEnvironment environment{world_, *options_.authenticator, identity_, stats_, slowlog_, turns_,
                                       *this,  options_.front_page};
  auto session = std::make_unique<ProxySession>(id, local_, std::move(stream), environment, *this);
  ProxySession& made = *session;
  sessions_.emplace(id, std::move(session));
  made.set_bulk_bytes_max(bulk_bytes_max_);
  made.start();
}

void Worker::on_session_closed(RespSession& session) {
  world_.scheduler.defer([this, id = session.client().id] {
    sessions_.erase(id);
    report_if_done();
  });
}

ProxySession* Worker::find_session(std::uint64_t id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

void Worker::stop(std::function<void()> done) {
  done_ = std::move(done);
  listener_.reset();
  for (const auto& [id, session] : sessions_) session->finish();
  report_if_done();
}

void Worker::report_if_done() {
  if (done_ && sessions_.empty()) world_.scheduler.defer(std::exchange(done_, nullptr));
}

WorkerReport Worker::report(const ServerNeeds& needs) {
  WorkerReport report{take_snapshot(needs, stats_, slowlog_), router_.report()};
  report.own.connected_clients = sessions_.size();
  report.own.network = world_.network.figures();
  if (needs.clients) {
    for (const auto& [id, session] : sessions_) report.own.clients.push_back(session->snapshot());
  }
  return report;
}

void Worker::apply(const ServerEffects& effects) {
  if (effects.reset_stats) stats_.reset();
  if (effects.reset_slowlog) slowlog_.reset();
  for (const std::uint64_t id : effects.kill_clients) {
    if (ProxySession* session = find_session(id)) session->kill();
  }
  if (effects.config_changes.empty()) return;
  // The worker that was asked has checked the values; setting them again there is harmless.
  (void)config_.set(effects.config_changes);
  for (const auto& [id, session] : sessions_) session->set_bulk_bytes_max(bulk_bytes_max_);
}

}  // namespace ringhold

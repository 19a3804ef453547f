#include "dataserver/server.h"

#include <map>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "dataserver/about.h"
#include "dataserver/client_session.h"
#include "dataserver/housekeeping.h"
#include "dataserver/node.h"
#include "dataserver/peer_session.h"

namespace ringhold {

class DataServer::Impl final : private AcceptHandler, private DataSessionHost, private PeerSessionHost {
 public:
  Impl(World world, DataServerOptions options) : node_(world, std::move(options)), housekeeping_(node_) {
    add_node_parameters(node_);
    const auto router_hook = node_.topology.on_change;
    node_.topology.on_change = [this, router_hook](const TopologyPtr& before) {
      router_hook(before);
      identity_.mode = "cluster";
      for (const auto& [id, peer] : peers_) peer->show_topology();
    };
    if (!node_.options.name.empty()) identity_.mode = "cluster";
  }

  Result<Address> start() {
    const ListenOptions listen{node_.options.connections_max, node_.options.connections_per_address_max};
    Result<std::unique_ptr<Listener>> listener = world().network.listen(node_.options.addr, listen, *this);
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    local_ = listener_->address();
    node_.self = node_.options.advertise.value_or(local_);
    node_.facts.addr = local_;
    node_.facts.advertise = node_.self;
    housekeeping_.start();
    return local_;
  }

  void stop(std::function<void()> done) {
    done_ = std::move(done);
    listener_.reset();
    // Sessions end one after the other; each removes itself.
    for (const auto& [id, session] : sessions_) session->finish();
    for (const auto& [id, peer] : peers_) peer->finish();
    report_if_done();
  }

  void on_shutdown_request(std::function<void()> callback) {
    node_.on_shutdown_request = std::move(callback);
  }
  TopologyPtr topology() const { return node_.topology.current(); }

 private:
  World& world() { return node_.world; }

  void on_accept(std::unique_ptr<Stream> stream) override {
    const std::uint64_t id = next_id_++;
    if (stream->peer().protocol == Protocol::kPeer) {
      auto peer =
          std::make_unique<PeerSession>(id, std::move(stream), node_, static_cast<PeerSessionHost&>(*this));
      PeerSession& made = *peer;
      peers_.emplace(id, std::move(peer));
      made.start();
      return;
    }
    const SessionEnvironment environment{
        node_.world, *node_.options.authenticator, identity_, node_.stats, node_.slowlog, *this};
    auto session = std::make_unique<DataSession>(id, local_, std::move(stream), environment, node_,
                                                 static_cast<DataSessionHost&>(*this));
    DataSession& made = *session;
    sessions_.emplace(id, std::move(session));
    made.set_bulk_bytes_max(node_.store.options().value_bytes_max);
    made.start();
  }

  // Both kinds of session call these from inside their own callbacks, so they are destroyed a little later.
  void on_session_closed(RespSession& session) override { bury(sessions_, session.client().id); }
  void on_peer_closed(PeerSession& session) override { bury(peers_, session.id()); }

  template <typename Sessions>
  void bury(Sessions& sessions, std::uint64_t id) {
    world().scheduler.defer([this, &sessions, id] {
      sessions.erase(id);
      report_if_done();
    });
  }

  void drop_older(const PeerSession& session) override {
    for (const auto& [id, other] : peers_) {
      if (other.get() != &session && other->link() == session.link() &&
          other->link_generation() < session.link_generation()) {
        other->drop();
      }
    }
  }

  WorkerSnapshot snapshot(const ServerNeeds& needs) override {
    WorkerSnapshot snapshot = take_snapshot(needs, node_.stats, node_.slowlog);
    if (needs.clients) {
      for (const auto& [id, session] : sessions_) snapshot.clients.push_back(session->snapshot());
    }
    return snapshot;
  }

  void apply(const ServerEffects& effects) override {
    if (effects.reset_stats) {
      node_.stats.reset();
      node_.store.reset_stats();
    }
    if (effects.reset_slowlog) node_.slowlog.reset();
    for (const std::uint64_t id : effects.kill_clients) {
      if (const auto found = sessions_.find(id); found != sessions_.end()) found->second->kill();
    }
    if (!effects.config_changes.empty()) {
      for (const auto& [id, session] : sessions_) {
        session->set_bulk_bytes_max(node_.store.options().value_bytes_max);
      }
    }
  }

  void report_if_done() {
    if (!done_ || !sessions_.empty() || !peers_.empty()) return;
    world().scheduler.defer(std::exchange(done_, nullptr));
  }

  Node node_;
  Housekeeping housekeeping_;
  ServerIdentity identity_{.mode = "standalone", .kind = "dataserver"};
  Address local_;
  std::unique_ptr<Listener> listener_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, std::unique_ptr<DataSession>> sessions_;
  std::map<std::uint64_t, std::unique_ptr<PeerSession>> peers_;
  std::function<void()> done_;
};

DataServer::DataServer(World world, DataServerOptions options)
    : impl_(std::make_unique<Impl>(world, std::move(options))) {}
DataServer::~DataServer() = default;
Result<Address> DataServer::start() {
  return impl_->start();
}
void DataServer::stop(std::function<void()> done) {
  impl_->stop(std::move(done));
}
void DataServer::on_shutdown_request(std::function<void()> callback) {
  impl_->on_shutdown_request(std::move(callback));
}
TopologyPtr DataServer::topology() const {
  return impl_->topology();
}

}  // namespace ringhold

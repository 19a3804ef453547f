#include "dataserver/server.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "common/base/limits.h"
#include "common/base/log.h"
#include "dataserver/about.h"
#include "dataserver/backup/restore.h"
#include "dataserver/client_session.h"
#include "dataserver/housekeeping.h"
#include "dataserver/node.h"
#include "dataserver/parameters.h"
#include "dataserver/peer_session.h"

namespace ringhold {

namespace {

// A line in the log now and then while a large file is read.
class RestoreProgress {
 public:
  RestoreProgress(std::string path, Clock& clock)
      : path_(std::move(path)), clock_(clock), last_(clock.now()) {}
  void operator()(std::uint64_t bytes, std::uint64_t bytes_total) {
    if (clock_.now() - last_ < limits::kProgressInterval) return;
    last_ = clock_.now();
    log::info("{}: {} of {} MB read ({}%)", path_, bytes / 1000000, bytes_total / 1000000,
              bytes * 100 / std::max<std::uint64_t>(bytes_total, 1));
  }

 private:
  std::string path_;
  Clock& clock_;
  MonoTime last_;
};

}  // namespace

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
    node_.on_sample = [this] {
      for (const auto& [id, session] : sessions_) session->note_held();
    };
    node_.on_room = [this] {
      for (const auto& [id, session] : sessions_) session->on_room();
      for (const auto& [id, peer] : peers_) peer->on_room();
    };
  }

  Result<Address> start() {
    if (const Result<void> restored = restore(); !restored) return restored.error();
    const ListenOptions listen{node_.options.connections_max, node_.options.connections_per_address_max};
    Result<std::unique_ptr<Listener>> listener = world().network.listen(node_.options.addr, listen, *this);
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    local_ = listener_->address();
    node_.self = node_.options.advertise.value_or(local_);
    node_.facts.addr = local_;
    node_.facts.advertise = node_.self;
    if (remembered_ != nullptr) node_.remember_topology(std::exchange(remembered_, nullptr));
    if (node_.topology.remembered() != nullptr) identity_.mode = "cluster";
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
  bool has_unsaved_changes() const {
    return node_.backup != nullptr && node_.backup->figures().changes_since > 0;
  }

 private:
  World& world() { return node_.world; }

  // Two servers with one file would each replace what the other has saved. Where there can be no lock at all,
  // a server starts all the same: that the file cannot be written will be said when it is to be.
  Result<void> lock_backup(const std::string& path) {
    Result<LockAttempt> attempt = world().disk.lock_file(path + ".lock");
    if (!attempt) {
      log::warn("{} is not protected against a second server that uses it: {}", path,
                attempt.error().message);
      return {};
    }
    if (attempt->lock == nullptr) {
      return Error{
          fmt::format("{} is in use by another process{}: end that one, or give each server its own --backup",
                      path, attempt->holder.empty() ? "" : fmt::format(" ({})", attempt->holder))};
    }
    backup_lock_ = std::move(attempt->lock);
    return {};
  }

  // What the last life has left, then the job that writes the next backup.
  Result<void> restore() {
    const std::string& path = node_.options.backup_file;
    if (path.empty()) return {};
    if (const Result<void> locked = lock_backup(path); !locked) return locked.error();
    if (world().disk.file_exists(path)) {
      const MonoTime started = world().clock.now();
      Result<BackupSummary> summary = restore_backup(world().disk, path, node_.store, node_.log_time(),
                                                     RestoreProgress(path, world().clock));
      if (!summary) return summary.error();
      if (!summary->header.topology.empty()) {
        Result<Topology> topology = decode_topology(summary->header.topology);
        if (!topology) {
          return Error{
              fmt::format("the backup {} cannot be used: its topology: {}", path, topology.error().message)};
        }
        remembered_ = std::make_shared<const Topology>(std::move(*topology));
      }
      node_.keys_loaded = summary->keys - summary->expired;
      node_.keys_expired = summary->expired;
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(world().clock.now() - started);
      log::info("{}: {} keys restored in {} ms; the time of {} more was over", path, node_.keys_loaded,
                took.count(), node_.keys_expired);
    } else {
      log::info("{} does not exist yet: this server starts empty", path);
    }
    BackupJob::Options options;
    options.path = path;
    options.about = [this] { return about_backup(node_); };
    options.log_time = [this] { return node_.log_time(); };
    options.served = [this] { return node_.stats.traffic().commands; };
    node_.backup = std::make_unique<BackupJob>(world(), node_.store, std::move(options));
    node_.backup->on_room = [this] { node_.note_room(); };
    return {};
  }

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
        node_.world, *node_.options.authenticator, identity_, node_.stats, node_.slowlog, node_.turns, *this,
        ""};
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
    snapshot.connected_clients = sessions_.size();
    snapshot.network = world().network.figures();
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
    std::function<void()> done = std::exchange(done_, nullptr);
    if (node_.backup == nullptr || node_.backup->figures().changes_since == 0) {
      world().scheduler.defer(std::move(done));
    } else {
      back_up_at_last(done);
    }
  }

  // Until nothing is unsaved: a backup that is under way shows an earlier moment, and a disk that is full for
  // a moment gets another chance.
  void back_up_at_last(const std::function<void()>& done) {
    node_.backup->start(BackupJob::Pace::kHurry, [this, done](const Result<void>& outcome) {
      if (node_.backup->figures().changes_since == 0) {
        done();
      } else if (outcome.ok()) {
        back_up_at_last(done);
      } else if (--attempts_left_ > 0) {
        retry_timer_ = world().scheduler.make_timer([this, done] { back_up_at_last(done); });
        retry_timer_->start(limits::kLastBackupPause);
      } else {
        log::error("the last backup failed: {} changes are lost", node_.backup->figures().changes_since);
        done();
      }
    });
  }

  std::unique_ptr<FileLock> backup_lock_;  // goes after the job that writes the file
  Node node_;
  Housekeeping housekeeping_;
  ServerIdentity identity_{.mode = "standalone", .kind = "dataserver"};
  Address local_;
  TopologyPtr remembered_;  // from the backup, until this server knows its own address
  std::unique_ptr<Listener> listener_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, std::unique_ptr<DataSession>> sessions_;
  std::map<std::uint64_t, std::unique_ptr<PeerSession>> peers_;
  std::function<void()> done_;
  int attempts_left_ = limits::kLastBackupAttempts;
  std::unique_ptr<Timer> retry_timer_;
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
bool DataServer::has_unsaved_changes() const {
  return impl_->has_unsaved_changes();
}
TopologyPtr DataServer::topology() const {
  return impl_->topology();
}

}  // namespace ringhold

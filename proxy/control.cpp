#include "proxy/control.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <set>
#include <string_view>
#include <utility>

#include "common/base/limits.h"
#include "common/base/log.h"

namespace ringhold {

Control::Control(World world, ControlOptions options)
    : world_(world),
      options_(std::move(options)),
      watch_(world_, options_.servers_file,
             [this](const Result<ServersFile>& file, const std::string& /*text*/) { on_file(file); }),
      pursue_timer_(world_.scheduler.make_timer([this] { pursue(); })),
      retire_timer_(world_.scheduler.make_timer([this] { retired_links_.clear(); })) {
  topology_.on_change = [this](const TopologyPtr& /*before*/) { on_topology_changed(); };
}

Control::~Control() = default;

Result<void> Control::start() {
  Result<ServersFile> file = watch_.start();
  if (!file) return file.error();
  wanted_ = std::move(*file);
  wanted_at_start_ = true;
  sync_links();
  pursue();
  return {};
}

// --- what happens ---

void Control::on_file(const Result<ServersFile>& file) {
  if (!file) {
    log::error("{}", file.error().message);
    // The message names the file, and so does the pending edit.
    std::string_view why = file.error().message;
    if (const std::string prefix = options_.servers_file + ": "; why.starts_with(prefix))
      why.remove_prefix(prefix.size());
    pending_ = PendingEdit{options_.servers_file, std::string(why), ""};
    return;
  }
  log::info("{} has changed: {} shards", options_.servers_file, file->servers.size());
  wanted_ = *file;
  wanted_at_start_ = false;
  // An edit that is still unanswered ends first: it decides what the topology is that this one is made for.
  if (under_way_) under_way_->superseded = true;
  pending_.reset();
  sync_links();
  pursue();
}

void Control::on_topology_changed() {
  const TopologyPtr& topology = topology_.current();
  recalled_.reset();
  log::info("topology {} of cluster {}: {} shards, authority '{}'", topology->version.text(),
            topology->cluster.hex(), topology->shards.size(), topology->authority);
  for (const auto& [address, server] : servers_) server.link->show_topology();
  sync_links();
  if (on_topology) on_topology(topology);
  // From a link's callback: an edit may be sent on that very link, but only after this message has been
  // handled.
  world_.scheduler.defer([this] { pursue(); });
}

Control::Server* Control::server_of(const PeerLink& link) {
  const auto found = servers_.find(link.address());
  return found == servers_.end() || found->second.link.get() != &link ? nullptr : &found->second;
}

void Control::on_link_up(PeerLink& link) {
  log::info("{} is up", link.address().text());
  pursue();
}

void Control::on_link_down(PeerLink& link) {
  log::warn("{} is down: {}", link.address().text(), link.down_reason());
  Server* server = server_of(link);
  if (server == nullptr) return;
  server->pong.reset();
  server->ops = 0;
  if (under_way_ && under_way_->to == link.address()) {
    under_way_.reset();
    pursue();
  }
}

void Control::on_link_failed(PeerLink& link) {
  if (server_of(link) != nullptr)
    log::warn("{} cannot be reached: {}", link.address().text(), link.down_reason());
}

void Control::on_link_pong(PeerLink& link, const PongMessage& pong) {
  Server* known = server_of(link);
  if (known == nullptr) return;
  Server& server = *known;
  const MonoTime now = world_.clock.turn_time();
  if (server.pong && now > server.pong_at && pong.ops >= server.pong->ops) {
    const double seconds = std::chrono::duration<double>(now - server.pong_at).count();
    server.ops = static_cast<double>(pong.ops - server.pong->ops) / seconds;
  }
  server.pong = pong;
  server.pong_at = now;
  std::uint64_t keys = 0;
  for (const auto& [address, other] : servers_) keys += other.pong ? other.pong->keys : 0;
  if (on_keys) on_keys(keys);
}

void Control::on_link_remembered(PeerLink& link) {
  if (server_of(link) == nullptr) return;
  const TopologyPtr& remembered = link.remembered();
  if (recalled_ == nullptr) recalled_at_ = world_.clock.turn_time();
  if (recalled_ == nullptr ||
      (remembered->cluster == recalled_->cluster && remembered->version > recalled_->version)) {
    recalled_ = remembered;
    sync_links();
  }
  pursue();
}

void Control::on_link_edit_result(PeerLink& /*link*/, const EditResultMessage& result) {
  if (!under_way_ || under_way_->request != result.request) return;
  const EditUnderWay edit = *under_way_;
  under_way_.reset();
  if (edit.superseded) {
    pursue();
    return;
  }
  switch (result.status) {
    case EditStatus::kApplied:
      settle("");
      return;
    case EditStatus::kRefused:
      settle(result.message);
      return;
    case EditStatus::kConflict:
      // The authority has shown its topology before this answer. If that is what the file says, all is well.
      if (wanted_ && !differs_from_topology(*wanted_)) {
        settle("");
      } else {
        settle(fmt::format(
            "{}; look at the difference, and edit the file again to insist (a blank line is enough)",
            result.message));
      }
      return;
    case EditStatus::kNotAuthority:
      log::info("edit of {}: {}", options_.servers_file, result.message);
      wait_for(result.message);
      if (topology_.version() != edit.expected) pursue();
      return;
  }
}

// --- links ---

void Control::sync_links() {
  std::set<Address> wanted;
  if (wanted_) {
    for (const ShardSpec& shard : wanted_->servers)
      wanted.insert(shard.replicas.begin(), shard.replicas.end());
  }
  for (const TopologyPtr& topology : {topology_.current(), recalled_}) {
    if (topology == nullptr) continue;
    for (const Shard& shard : topology->shards) wanted.insert(shard.replicas.begin(), shard.replicas.end());
  }
  for (auto it = servers_.begin(); it != servers_.end();) {
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    // With the link goes the answer to an edit that was sent on it.
    if (under_way_ && under_way_->to == it->first) under_way_.reset();
    // Perhaps one of its callbacks is on the stack; and the server has yet to be told that it is out.
    retired_links_.push_back(std::move(it->second.link));
    it = servers_.erase(it);
  }
  if (!retired_links_.empty()) retire_timer_->start(limits::kFarewellTime);
  PeerLinkHandler& handler = *this;
  for (const Address& address : wanted) {
    Server& server = servers_[address];
    if (server.link != nullptr) continue;
    server.link =
        std::make_unique<PeerLink>(world_, PeerLinkOptions{address, options_.caller}, topology_, handler);
  }
}

// --- edits ---

void Control::pursue() {
  if (under_way_ || (topology_.current() == nullptr && recall()) || !wanted_) return;
  if (topology_.current() == nullptr) {
    pursue_founding();
  } else if (!resolve_wanted()) {
    return;
  } else if (!differs_from_topology(*wanted_)) {
    settle("");
  } else if (wanted_at_start_) {
    note_startup_difference();
  } else {
    pursue_edit();
  }
}

bool Control::resolve_wanted() {
  Result<ServersFile> resolved = resolve_short_form(*topology_.current(), *wanted_);
  if (!resolved) {
    settle(resolved.error().message);
    return false;
  }
  wanted_ = std::move(*resolved);
  return true;
}

// A topology that a server went by was decided by the authority; of several, the newest is what the cluster
// had arrived at. So nothing is taken up before everybody had his say, but one who does not come back at all
// must not silence the others.
bool Control::recall() {
  std::vector<std::string> missing;
  for (const auto& [address, server] : servers_) {
    const PeerLink& link = *server.link;
    if (!link.up()) {
      missing.push_back(fmt::format("{} ({})", address.text(), link.down_reason()));
    } else if (!link.peer_version().is_none() || (link.peer_remembers() && link.remembered() == nullptr)) {
      return true;  // what it knows is on its way to us
    } else if (link.remembered() != nullptr && link.remembered()->cluster != recalled_->cluster) {
      wait_for(
          fmt::format("{} was part of cluster {}, others of cluster {}; take it out, or move its backup away",
                      address.text(), link.remembered()->cluster.hex(), recalled_->cluster.hex()));
      return true;
    }
  }
  if (recalled_ == nullptr) return false;
  const std::string version = recalled_->version.text();
  const auto waited = world_.clock.turn_time() - recalled_at_;
  if (!missing.empty() && waited < limits::kRecallPatience) {
    wait_for(fmt::format("topology {} is remembered; waiting for {}", version, fmt::join(missing, ", ")));
    pursue_timer_->start(limits::kRecallPatience - waited);
    return true;
  }
  log::info("topology {} is taken up again, as the newest that servers remember{}", version,
            missing.empty() ? "" : fmt::format("; silent: {}", fmt::join(missing, ", ")));
  topology_.offer(TopologyPtr(recalled_));
  return true;
}

// Every listed server must have said that it knows no topology: then this file is the first one.
void Control::pursue_founding() {
  std::vector<std::string> missing;
  for (const ShardSpec& shard : wanted_->servers) {
    for (const Address& address : shard.replicas) {
      const PeerLink& link = *servers_[address].link;
      if (!link.up()) {
        missing.push_back(
            fmt::format("shard '{}' at {} ({})", shard.name, address.text(), link.down_reason()));
      } else if (!link.peer_version().is_none()) {
        return;  // its topology is on its way to us
      }
    }
  }
  if (!missing.empty()) {
    wait_for(fmt::format("a new cluster is founded once every server has answered; waiting for {}",
                         fmt::join(missing, ", ")));
    return;
  }
  send_edit(wanted_->servers.front().replicas.front(), {});
}

void Control::pursue_edit() {
  const Topology& topology = *topology_.current();
  const Shard* authority = topology.find_shard(topology.authority);
  const Address& to = authority->replicas.front();
  const PeerLink& link = *servers_[to].link;
  if (link.up()) {
    send_edit(to, topology.version);
    return;
  }
  // An operator who removes a dead server means it; a cache that was the authority has nothing left that
  // could be contradicted.
  const Address* heir = successor();
  const bool waited = world_.clock.turn_time() - link.down_since() >= limits::kTakeoverAfter;
  if (heir != nullptr && waited && servers_[*heir].link->up()) {
    send_edit(*heir, topology.version, /*takeover=*/true);
    return;
  }
  wait_for(fmt::format("shard '{}' at {} decides, and is down ({})", authority->name, to.text(),
                       link.down_reason()));
  if (heir != nullptr) pursue_timer_->start(limits::kTakeoverAfter);
}

const Address* Control::successor() const {
  const Topology& topology = *topology_.current();
  const Address* first = nullptr;
  for (const ShardSpec& shard : wanted_->servers) {
    if (shard.name == topology.authority) return nullptr;
    if (first == nullptr && topology.find_shard(shard.name) != nullptr) first = &shard.replicas.front();
  }
  return first;
}

bool Control::differs_from_topology(const ServersFile& file) const {
  const Result<Topology> next =
      edit_topology(*topology_.current(), file, world_.rng, /*new_generation=*/false);
  return !next || next->version != topology_.version();
}

void Control::note_startup_difference() {
  const auto difference = describe_difference(topology_.current()->specs(), wanted_->servers);
  settle(
      fmt::format("when this proxy started it differed from the running topology {}: {}; edit it to apply it "
                  "(a blank line is enough)",
                  topology_.version().text(), fmt::join(difference, ", ")));
}

void Control::send_edit(const Address& to, TopologyVersion expected, bool takeover) {
  PeerLink& link = *servers_[to].link;
  under_way_ = EditUnderWay{next_request_++, to, expected};
  const std::string servers = format_servers_file(*wanted_);
  write_message(link.output(), EditMessage{under_way_->request, expected, takeover, servers});
  link.flush();
  pending_ = PendingEdit{options_.servers_file, "", "being applied"};
}

// The wanted edit is over: made, or, with an error, given up.
void Control::settle(std::string error) {
  wanted_.reset();
  pending_.reset();
  if (error.empty()) return;
  log::error("{}: {}", options_.servers_file, error);
  pending_ = PendingEdit{options_.servers_file, std::move(error), "the running topology stays"};
}

void Control::wait_for(std::string note) {
  if (pending_ && pending_->note == note) return;
  log::info("{}: {}", options_.servers_file, note);
  pending_ = PendingEdit{options_.servers_file, "", std::move(note)};
}

// --- status ---

ReplicaStatus Control::replica_status(const Address& address) const {
  ReplicaStatus status{address.text(), "unknown", "connecting", 0};
  const auto found = servers_.find(address);
  if (found == servers_.end()) return status;
  const PeerLink& link = *found->second.link;
  if (link.up()) {
    status.role = "leader";
    status.state = "up";
  } else if (link.down_reason() != "connecting") {
    status.state = "down: " + link.down_reason();
  }
  return status;
}

ClusterStatus Control::status() const {
  ClusterStatus status = status_of_topology(topology_.current().get());
  status.pending = pending_;
  for (std::size_t i = 0; i < status.shards.size(); ++i) {
    ShardStatus& entry = status.shards[i];
    const std::vector<Address>& replicas = topology_.current()->shards[i].replicas;
    for (std::size_t k = 0; k < replicas.size(); ++k) entry.replicas[k] = replica_status(replicas[k]);
    const auto found = servers_.find(replicas.front());
    if (found == servers_.end() || !found->second.pong) continue;
    entry.keys = found->second.pong->keys;
    entry.bytes = found->second.pong->bytes;
    entry.ops = found->second.ops;
    const KeyFigures& figures = found->second.pong->figures;
    entry.use = {figures.hits, figures.misses, figures.expired, figures.evicted};
  }
  return status;
}

}  // namespace ringhold

#include "cluster/raft_io/transport.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cluster/raft_io/drop_stream.h"
#include "common/base/log.h"

namespace ringhold::raft_io {

Transport::Transport(World world, TransportOptions options, TransportHandler& handler)
    : world_(world), options_(std::move(options)), handler_(handler) {}

Transport::~Transport() {
  for (auto& [id, peer] : peers_) {
    for (auto& link : peer.links) retire(std::move(link));
  }
  for (auto& [number, link] : incoming_) retire(std::move(link));
}

// A link that is on the stack lives until its callback has returned.
template <typename Link>
void Transport::retire(std::unique_ptr<Link> link) {
  if (link == nullptr) return;
  link->detach();
  if (!link->busy()) return;
  world_.scheduler.defer([link = std::shared_ptr<Link>(std::move(link))]() mutable { link.reset(); });
}

// --- Peers ---

void Transport::set_peers(const std::vector<PeerAddress>& peers) {
  std::set<raft::ReplicaId> listed;
  for (const PeerAddress& wanted : peers) {
    if (wanted.id == options_.identity.self) continue;
    listed.insert(wanted.id);
    Peer& peer = add(wanted.id);
    const bool moved = wanted.address != (peer.listed ? peer.address : peer.claimed);
    peer.listed = true;
    peer.address = wanted.address;
    for (const auto& link : peer.links) link->set_wanted(true);
    if (!moved) continue;
    peer.claimed.clear();
    set_addresses(wanted.id, peer);
    for (const auto& link : peer.links) link->redial();
  }
  std::vector<raft::ReplicaId> gone;
  for (auto& [id, peer] : peers_) {
    if (!peer.listed || listed.contains(id)) continue;
    peer.listed = false;
    for (const auto& link : peer.links) link->set_wanted(false);
    gone.push_back(id);
  }
  for (const raft::ReplicaId& id : gone) remove_if_forgotten(id);
}

Transport::Peer& Transport::add(raft::ReplicaId id) {
  Peer& peer = peers_[id];
  for (const Channel channel : {Channel::kSmall, Channel::kBulk}) {
    auto& link = peer.links[static_cast<std::size_t>(channel)];
    if (link != nullptr) continue;
    link = std::make_unique<OutgoingLink>(
        world_, OutgoingLinkOptions{id, channel, options_.address, options_.frame_bytes_max},
        static_cast<OutgoingLinkHost&>(*this));
  }
  return peer;
}

void Transport::remove_if_forgotten(raft::ReplicaId id) {
  const auto it = peers_.find(id);
  if (it == peers_.end() || it->second.listed || is_wanted_by(id)) return;
  for (auto& link : it->second.links) retire(std::move(link));
  peers_.erase(it);
}

bool Transport::is_wanted_by(raft::ReplicaId id) const {
  return std::any_of(incoming_.begin(), incoming_.end(), [&](const auto& entry) {
    const IncomingLink& link = *entry.second;
    return link.open() && link.hello().from == id && link.hello().wanted;
  });
}

std::size_t Transport::strangers() const {
  return static_cast<std::size_t>(
      std::count_if(peers_.begin(), peers_.end(), [](const auto& entry) { return !entry.second.listed; }));
}

void Transport::set_addresses(raft::ReplicaId id, Peer& peer) {
  std::vector<Address> addresses;
  for (const std::string* text : {&peer.claimed, &peer.address}) {
    if (text->empty()) continue;
    Result<Address> address = parse_address(*text);
    if (!address) {
      log::error("replica {}: {}", id.value.hex(), address.error().message);
    } else if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(std::move(*address));
    }
  }
  for (const auto& link : peer.links) link->set_addresses(addresses);
}

// --- Out ---

void Transport::send(const raft::Message& message) {
  const auto it = peers_.find(message.to);
  const auto channel = static_cast<std::size_t>(channel_of(message.body));
  if (it != peers_.end() && it->second.links[channel]->send(message)) {
    ++figures_.sent;
  } else {
    ++figures_.dropped;
  }
}

void Transport::on_messages_lost(OutgoingLink& link) {
  if (link.channel() == Channel::kBulk) handler_.on_peer_lost(link.to());
}

// --- In ---

void Transport::accept(std::unique_ptr<Stream> stream) {
  if (incoming_.size() >= limits::kRaftIncomingMax) {
    on_refused(stream->peer().address.host, "there are too many such links already");
    drop_stream(world_.scheduler, std::move(stream));
    return;
  }
  const std::uint64_t number = next_incoming_++;
  auto link = std::make_unique<IncomingLink>(world_, number, std::move(stream), options_.frame_bytes_max,
                                             static_cast<IncomingLinkHost&>(*this));
  IncomingLink& made = *link;
  incoming_.emplace(number, std::move(link));
  made.start();
}

Result<void> Transport::admit(IncomingLink& link, const RaftHello& hello) {
  if (Result<void> fits = check_hello(options_.identity, hello); !fits) return fits;
  if (hello.wanted && !peers_.contains(hello.from) && strangers() >= limits::kRaftStrangersMax)
    return Error{
        fmt::format("replica {} is no member of this shard as far as this one knows, and {} others "
                    "like it are connected already",
                    hello.from.value.hex(), limits::kRaftStrangersMax)};
  drop_predecessor(link);
  note_claim(hello);
  remove_if_forgotten(hello.from);
  return {};
}

// A replica's newer connection of a channel says that it has given up the older one.
void Transport::drop_predecessor(const IncomingLink& link) {
  const RaftHello& hello = link.hello();
  const auto same = [&](const auto& entry) {
    const IncomingLink& other = *entry.second;
    return &other != &link && other.open() && other.hello().from == hello.from &&
           other.hello().channel == hello.channel;
  };
  const auto older = std::find_if(incoming_.begin(), incoming_.end(), same);
  if (older != incoming_.end()) retire_incoming(older->first);
}

void Transport::note_claim(const RaftHello& hello) {
  const bool is_new = !peers_.contains(hello.from);
  if (is_new && (!hello.wanted || strangers() >= limits::kRaftStrangersMax)) return;
  Peer& peer = add(hello.from);
  if (std::exchange(peer.claimed, hello.address) != hello.address || is_new) {
    set_addresses(hello.from, peer);
    // Those that are up have found it.
    for (const auto& link : peer.links) {
      if (!link->up()) link->redial();
    }
  }
  for (const auto& link : peer.links) link->wake();
}

void Transport::on_incoming_message(raft::Message message) {
  ++figures_.received;
  handler_.on_message(std::move(message));
}

void Transport::on_wanted_changed(IncomingLink& link) {
  if (link.hello().wanted) {
    note_claim(link.hello());
  } else {
    remove_if_forgotten(link.hello().from);
  }
}

// Somebody who is refused comes again and again: that is one line in the log.
void Transport::on_refused(const std::string& who, const std::string& reason) {
  if (reported_refusals_.size() >= limits::kRaftIncomingMax) reported_refusals_.clear();
  const std::string text = fmt::format("replica link from {} refused: {}", who, reason);
  if (reported_refusals_.insert(text).second) log::warn("{}", text);
}

void Transport::on_incoming_closed(IncomingLink& link) {
  const raft::ReplicaId from = link.hello().from;
  retire_incoming(link.number());
  remove_if_forgotten(from);
}

void Transport::retire_incoming(std::uint64_t number) {
  const auto it = incoming_.find(number);
  std::unique_ptr<IncomingLink> link = std::move(it->second);
  incoming_.erase(it);
  retire(std::move(link));
}

std::vector<PeerState> Transport::peers() const {
  std::vector<PeerState> states;
  for (const auto& [id, peer] : peers_) {
    PeerState state{id, peer.listed ? peer.address : peer.claimed, peer.listed, {}, 0, {}};
    for (const auto& link : peer.links) {
      state.up[static_cast<std::size_t>(link->channel())] = link->up();
      state.unsent += link->unsent();
      if (!link->up()) state.reason = link->down_reason();
    }
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace ringhold::raft_io

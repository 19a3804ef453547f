// Transport: a replica's traffic with the other replicas of its shard.
//
// Owned by the replica, on its loop. Each replica connects for what it says, twice to each other (Channel);
// what it hears comes over connections that others made. Messages may be lost, at both ends; Raft copes with
// that, and the owner is told where it should begin again with probing. Nothing is queued but in streams, up
// to a bound; nothing is sent twice.
//
// Answers find their way, too, to a replica that is not in the list of peers: one that was just added leads
// nobody and knows nobody, and one that was just removed asks for votes. Whoever says hello says where it
// accepts links, and is connected to for as long as it wants this replica; so there is one way for all
// messages, and answers keep to their channels. For a member that has moved, what it says itself is tried
// first: the list may be older than it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cluster/raft/messages.h"
#include "cluster/raft_io/incoming_link.h"
#include "cluster/raft_io/outgoing_link.h"
#include "common/base/limits.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

struct PeerAddress {
  raft::ReplicaId id;
  std::string address;  // HOST:PORT
};

struct TransportOptions {
  RaftIdentity identity;
  std::string address;  // where others reach this replica
  // At least what the core's largest entry, and its largest chunk of a snapshot, take with 4 KiB to spare.
  std::size_t frame_bytes_max = limits::kRaftFrameBytesMax;
};

// Both are called on the loop, from inside the transport's callbacks and never from inside send() or
// set_peers(). They may call those, and destroy the transport.
class TransportHandler {
 public:
  virtual ~TransportHandler() = default;
  // To this replica, from a replica of this shard that proved to be that one.
  virtual void on_message(raft::Message message) = 0;
  // Entries and the like that were sent to it may have been lost. Called when the connection for them breaks;
  // and when something can be sent again, if messages were dropped meanwhile.
  virtual void on_peer_lost(raft::ReplicaId peer) = 0;
};

// For people and metrics.
struct PeerState {
  raft::ReplicaId id;
  std::string address;  // as it was listed, or as it says itself
  bool listed = false;
  std::array<bool, 2> up{};  // by Channel
  std::size_t unsent = 0;
  std::string reason;  // why one of them is not up
};
struct TransportFigures {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  // instead of being sent
};

class Transport final : private IncomingLinkHost, private OutgoingLinkHost {
 public:
  Transport(World world, TransportOptions options, TransportHandler& handler);
  // At any time, inside a callback too.
  ~Transport() override;

  // Who is there besides this replica (which is left out if it is in the list). A changed address is
  // connected to at once.
  void set_peers(const std::vector<PeerAddress>& peers);
  // Leaves at the end of this loop turn, or never.
  void send(const raft::Message& message);
  // A connection of Protocol::kPeer of which the first frame is a RaftHello; it may have been received
  // already. May call the handler.
  void accept(std::unique_ptr<Stream> stream);
  // It has been learned.
  void set_cluster(const Id128& cluster) { options_.identity.cluster = cluster; }

  // By id.
  std::vector<PeerState> peers() const;
  const TransportFigures& figures() const { return figures_; }
  std::size_t incoming() const { return incoming_.size(); }

 private:
  struct Peer {
    bool listed = false;
    std::string address;  // as listed
    std::string claimed;  // as it said itself
    std::array<std::unique_ptr<OutgoingLink>, 2> links;
  };

  RaftIdentity identity() const override { return options_.identity; }
  void on_messages_lost(OutgoingLink& link) override;
  Result<void> admit(IncomingLink& link, const RaftHello& hello) override;
  void on_incoming_message(raft::Message message) override;
  void on_wanted_changed(IncomingLink& link) override;
  void on_refused(const std::string& who, const std::string& reason) override;
  void on_incoming_closed(IncomingLink& link) override;

  Peer& add(raft::ReplicaId id);
  void remove_if_forgotten(raft::ReplicaId id);
  void set_addresses(raft::ReplicaId id, Peer& peer);
  void note_claim(const RaftHello& hello);
  bool is_wanted_by(raft::ReplicaId id) const;
  std::size_t strangers() const;
  void drop_predecessor(const IncomingLink& link);
  void retire_incoming(std::uint64_t number);
  template <typename Link>
  void retire(std::unique_ptr<Link> link);

  World world_;
  TransportOptions options_;
  TransportHandler& handler_;
  std::map<raft::ReplicaId, Peer> peers_;
  std::map<std::uint64_t, std::unique_ptr<IncomingLink>> incoming_;
  std::uint64_t next_incoming_ = 1;
  std::set<std::string> reported_refusals_;
  TransportFigures figures_;
};

}  // namespace ringhold::raft_io

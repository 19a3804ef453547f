// Control: the part of the proxy that follows servers.json and the cluster's topology.
//
// It keeps one link to every data server that the file or the topology names, adopts the newest topology that
// it meets, hands it to the workers, and turns a change of the file into an edit, decided by the authority
// (DESIGN 8):
//
//   file read at start ── no topology anywhere: found the cluster, once every listed server has said that it
//   knows none
//                      └─ a topology is known: it stands; a difference is shown, and made only when the file
//                      is edited again
//                      └─ servers come back that remember one: the newest is taken up, once every server of
//   the file and of that topology has answered, or after limits::kRecallPatience
//   file changed later ── an edit: compare-and-set against the topology at hand, at the authority, until it
//   is applied or refused
//
// Lives on the control loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cluster/admin/cluster_status.h"
#include "cluster/peer/topology_holder.h"
#include "cluster/topology/servers_watch.h"
#include "cluster/upstream/peer_link.h"
#include "common/reactor/world.h"

namespace ringhold {

struct ControlOptions {
  std::string servers_file;
  std::string caller;  // who we are, for the servers' logs
};

class Control final : private PeerLinkHandler {
 public:
  Control(World world, ControlOptions options);
  ~Control() override;

  // Reads the file (an error if it is missing or bad) and begins to connect.
  Result<void> start();
  // A worker has met a topology.
  void offer(TopologyPtr topology) { topology_.offer(std::move(topology)); }
  ClusterStatus status() const;
  const TopologyPtr& topology() const { return topology_.current(); }

  // Called when the data servers have said how many keys they hold, with the sum.
  std::function<void(std::uint64_t keys)> on_keys;
  // Called for each newer topology.
  std::function<void(const TopologyPtr&)> on_topology;

 private:
  // What is known of one data server.
  struct Server {
    std::unique_ptr<PeerLink> link;
    std::optional<PongMessage> pong;
    MonoTime pong_at{};
    double ops = 0;  // per second
  };
  struct EditUnderWay {
    std::uint64_t request = 0;
    Address to;
    TopologyVersion expected;
    bool superseded = false;  // the file has changed again meanwhile
  };

  void on_file(const Result<ServersFile>& file);
  // What is known of the server behind `link`; null for a link that was retired and is about to go.
  Server* server_of(const PeerLink& link);
  void on_topology_changed();
  void on_link_up(PeerLink& link) override;
  void on_link_down(PeerLink& link) override;
  void on_link_failed(PeerLink& link) override;
  void on_link_pong(PeerLink& link, const PongMessage& pong) override;
  void on_link_remembered(PeerLink& link) override;
  void on_link_edit_result(PeerLink& link, const EditResultMessage& result) override;

  // Makes the links those of the servers that the file and the topology name.
  void sync_links();
  // Goes on with the wanted edit as far as it can now; the rest follows when a link or the topology changes.
  void pursue();
  // While nobody goes by a topology: takes up the newest that servers remember. False if none does.
  bool recall();
  void pursue_founding();
  void pursue_edit();
  // The wanted edit in the long form, by the names of the running topology; settles it if that cannot be.
  bool resolve_wanted();
  bool differs_from_topology(const ServersFile& file) const;
  void note_startup_difference();
  void send_edit(const Address& to, TopologyVersion expected, bool takeover = false);
  // The address of who decides in the place of a dead authority that the wanted edit removes; null if it
  // keeps it, or nobody else is left.
  const Address* successor() const;
  void settle(std::string error);
  void wait_for(std::string note);
  ReplicaStatus replica_status(const Address& address) const;

  World world_;
  ControlOptions options_;
  ServersWatch watch_;
  TopologyHolder topology_;
  std::map<Address, Server> servers_;
  std::unique_ptr<Timer> pursue_timer_;  // while something has to be waited for that makes no sound
  std::unique_ptr<Timer> retire_timer_;
  std::vector<std::unique_ptr<PeerLink>> retired_links_;  // of servers that left, for limits::kFarewellTime
  std::optional<ServersFile> wanted_;                     // an edit (or a founding) that is not settled yet
  bool wanted_at_start_ = false;                          // wanted_ is what the file said at start
  std::optional<EditUnderWay> under_way_;
  TopologyPtr recalled_;    // the newest that servers have said they remember; null once one is gone by
  MonoTime recalled_at_{};  // when the first of them did
  std::uint64_t next_request_ = 1;
  std::optional<PendingEdit> pending_;  // what `status` says about the file
};

}  // namespace ringhold

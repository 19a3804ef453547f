// Router: one loop's way to every shard: it knows the topology, owns the pools, and sees that each request is
// answered once, by its deadline at the latest.
//
// Requests belong to it and are reused. A request is retried only when it cannot take effect twice: it was
// not executed (bounced by a server that does not own the slot), or it only reads. A write whose link broke
// ends with -UNCERTAIN.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cluster/peer/topology_holder.h"
#include "cluster/upstream/client_channel.h"
#include "cluster/upstream/shard_upstream.h"

namespace ringhold {

struct RouterOptions {
  std::uint32_t conns = 1;                   // links per shard
  std::chrono::milliseconds deadline{2000};  // of a command, from when it came
  std::string caller;                        // who we are, for the servers' logs
  bool lazy = false;                         // connect to a shard when the first request for it comes
};

struct RouterFigures {
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t expired = 0;    // deadlines that passed
  std::uint64_t uncertain = 0;  // writes whose outcome is unknown

  void add(const RouterFigures& other);
};

// What one loop, or several together, know of their ways to all shards.
struct UpstreamReport {
  RouterFigures totals;
  std::map<std::string, ShardLinkFigures> shards;

  void add(const UpstreamReport& other);
};

class Router final : private ShardUpstreamHandler {
 public:
  Router(World world, RouterOptions options, TopologyHolder& topology);
  ~Router() override;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // The holder's topology has changed: pools are made and retired, the servers are shown the news, and what
  // waited is sent.
  void on_topology_changed();
  const TopologyPtr& topology() const { return topology_.current(); }
  UpstreamReport report() const;
  std::chrono::milliseconds deadline() const { return options_.deadline; }
  World world() const { return world_; }

 private:
  friend class ClientChannel;
  friend class Scatter;

  // --- for channels ---
  // A link for a new client: the first that has not its fill of clients yet, so that few clients share few
  // links and their commands share writes; once all have, the one with the fewest.
  std::uint32_t take_lane();
  void return_lane(std::uint32_t lane) { --lane_clients_[lane]; }
  UpstreamRequest& allocate();
  void route(UpstreamRequest& request);
  // The client is gone: no reply, and the memory comes back when it is safe.
  void cancel(UpstreamRequest& request);
  std::uint64_t route_changes() const { return route_changes_; }
  void complete(UpstreamRequest& request, std::string_view reply);
  void fail(UpstreamRequest& request, std::string_view error);
  void retry(UpstreamRequest& request, std::string_view reason);
  // A channel has something to retry and nothing has changed since: look again a little later.
  void release_later(ClientChannel& channel);
  void forget_channel(ClientChannel& channel);

  void on_request_replied(UpstreamRequest& request, const ReplyMessage& message) override;
  void on_requests_returned(std::span<UpstreamRequest* const> requests) override;
  void on_requests_lost(const ShardUpstream& upstream, std::span<UpstreamRequest* const> requests,
                        bool unexecuted, const std::string& reason) override;
  void on_request_refused(const ShardUpstream& upstream, UpstreamRequest& request,
                          const std::string& reason) override;

  void on_request_parked(UpstreamRequest& request) override;
  void on_request_unparked(UpstreamRequest& request) override;

  void route_to_owner(UpstreamRequest& request);
  bool has_several_owners(std::span<const std::string_view> args, const CommandRow& row);
  // A large command takes time to arrive: its deadline moves by what the slowest supported network needs for
  // it.
  void allow_for_transfer(UpstreamRequest& request);
  void add_deadline(UpstreamRequest& request);
  // A part of a command has the command's deadline, not one of its own.
  void advance_deadline(UpstreamRequest& request, MonoTime deadline);
  void free_request(UpstreamRequest& request);
  ShardUpstream& upstream_at(std::size_t index);
  std::unique_ptr<ShardUpstream> make_upstream(const Shard& shard);
  void sync_upstreams();
  void drop_idle_retired();
  void arm_deadline_timer();
  void expire_requests();
  void expire(UpstreamRequest& request);
  std::string expiry_error(const UpstreamRequest& request) const;
  void release_channels();

  struct Deadline {
    MonoTime at;
    UpstreamRequest* request;
    std::uint64_t id;
  };

  World world_;
  RouterOptions options_;
  TopologyHolder& topology_;
  // By shard name and address: a shard that moved to another address gets new links.
  std::map<std::pair<std::string, Address>, std::unique_ptr<ShardUpstream>> upstreams_;
  // In the order of the topology's shards; null: not connected yet (lazy).
  std::vector<ShardUpstream*> by_index_;
  // Of links to earlier addresses of shards that are there: what was counted is not forgotten.
  std::map<std::string, LatencyHistogram> past_latencies_;
  std::vector<std::unique_ptr<ShardUpstream>>
      retired_;  // of shards that left: kept until their replies are in
  std::vector<std::unique_ptr<UpstreamRequest>> memory_;  // every request ever made
  std::vector<UpstreamRequest*> free_;
  std::deque<UpstreamRequest*> unrouted_;  // wait for a first topology
  std::deque<Deadline> deadlines_;         // ascending
  std::unique_ptr<Timer> deadline_timer_;
  std::unique_ptr<Timer> release_timer_;
  std::vector<ClientChannel*> to_release_;
  std::vector<std::uint32_t> lane_clients_;   // channels by lane
  std::vector<std::uint32_t> key_positions_;  // scratch
  std::vector<std::string_view> args_;        // scratch
  std::uint64_t next_id_ = 1;
  std::uint64_t route_changes_ = 0;
  RouterFigures figures_;
};

}  // namespace ringhold

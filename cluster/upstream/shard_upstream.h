// ShardUpstream: the links of one loop to one shard, and the requests that are on them.
//
// A client's requests always take the same link (its lane), so they arrive in the order in which they were
// sent. Requests that cannot be written now (the link is down, or too much waits for the shard already) are
// parked, in order. A request whose link breaks is given back as lost.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cluster/upstream/peer_link.h"
#include "cluster/upstream/request.h"
#include "common/base/latency_histogram.h"

namespace ringhold {

class ShardUpstream;

// What becomes of requests. Callbacks may submit new requests, to this shard too.
class ShardUpstreamHandler {
 public:
  virtual ~ShardUpstreamHandler() = default;
  virtual void on_request_replied(UpstreamRequest& request, const ReplyMessage& message) = 0;
  // These were parked and are not with this pool any more: something that came before them must be sent again
  // first.
  virtual void on_requests_returned(std::span<UpstreamRequest* const> requests) = 0;
  // The link broke under these requests, in the order in which they were sent. `unexecuted`: none of them has
  // taken effect or will; else each may or may not have.
  virtual void on_requests_lost(const ShardUpstream& upstream, std::span<UpstreamRequest* const> requests,
                                bool unexecuted, const std::string& reason) = 0;
  // It could not be written at once; it was written, or will be refused or forgotten.
  virtual void on_request_parked(UpstreamRequest& request) = 0;
  virtual void on_request_unparked(UpstreamRequest& request) = 0;
  // The shard has been unreachable for longer than a deadline: `request`, parked or new, is not going to be
  // sent.
  virtual void on_request_refused(const ShardUpstream& upstream, UpstreamRequest& request,
                                  const std::string& reason) = 0;
};

// What is known of the way to one shard.
struct ShardLinkFigures {
  LatencyHistogram latency;  // of replies, from when their requests were written
  std::uint64_t links_up = 0;
  std::uint64_t links_connecting = 0;
  std::uint64_t links_down = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t parked = 0;

  void add(const ShardLinkFigures& other);
};

struct ShardUpstreamOptions {
  std::string shard;  // its name
  Address address;    // of its leader
  std::uint32_t conns = 1;
  std::chrono::milliseconds deadline{2000};
  std::string caller;  // PeerLinkOptions::name
};

class ShardUpstream final : private PeerLinkHandler {
 public:
  ShardUpstream(World world, ShardUpstreamOptions options, TopologyHolder& topology,
                ShardUpstreamHandler& handler);
  ~ShardUpstream() override;

  const std::string& shard() const { return options_.shard; }
  const Address& address() const { return options_.address; }
  // "shard 'b' at 127.0.0.1:9502", for messages.
  std::string describe() const;

  // Sends the request or parks it; may call on_request_refused at once.
  void send(UpstreamRequest& request);
  // Nobody waits for the request any more; a reply that still comes is dropped. Its memory may be reused
  // after this.
  void forget(UpstreamRequest& request);
  void show_topology();
  // The topology has changed: what is parked is given back (on_requests_returned), to be routed anew.
  void return_parked();
  // Whether the reply to an in-flight request may be what is coming in just now.
  bool receiving(const UpstreamRequest& request) const { return lanes_[request.lane].link->receiving(); }
  // Requests in flight or parked.
  std::size_t pending() const { return pending_; }
  ShardLinkFigures figures() const;

 private:
  // One place in the pool.
  struct Lane {
    std::unique_ptr<PeerLink> link;
    // In flight, by consecutive numbers from first_number on; null: answered or forgotten.
    std::deque<UpstreamRequest*> in_flight;
    std::uint64_t first_number = 1;
    std::deque<UpstreamRequest*> parked;
    bool refusing = false;  // parked ones are being refused, which may bring new ones
  };

  Lane& lane_of(const UpstreamRequest& request);
  Lane& lane_of(const PeerLink& link);
  bool congested(const Lane& lane) const;
  void write(Lane& lane, UpstreamRequest& request);
  void send_parked(Lane& lane);
  void refuse_if_long_down(Lane& lane);
  void return_parked(Lane& lane);
  void on_link_up(PeerLink& link) override;
  void on_link_down(PeerLink& link) override;
  void on_link_reply(PeerLink& link, const ReplyMessage& message) override;
  void on_link_drained(PeerLink& link) override;

  World world_;
  ShardUpstreamOptions options_;
  TopologyHolder& topology_;
  ShardUpstreamHandler& handler_;
  std::vector<Lane> lanes_;
  std::size_t pending_ = 0;
  LatencyHistogram latency_;
};

}  // namespace ringhold

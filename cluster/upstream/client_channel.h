// ClientChannel: one client's ordered path into the cluster.
//
// It keeps promise P3b: commands of one client on one slot take effect in the order sent. While the topology
// stands still that comes for free, because a client's commands for one shard share one link. It would break
// when a command is bounced and sent elsewhere while a later one overtakes it; so, from the moment that a
// command must be sent again, or that the topology has changed under commands in flight, the channel holds
// back later commands until the earlier ones are settled, and then sends all of them in their order.
//
//   submit ─▶ route ─▶ (in flight) ─▶ reply ─▶ sink
//     │ behind a barrier          └▶ bounced, lost ─▶ retry ─┐
//     └▶ held ◀───────────── when nothing is in flight ──────┘
//
// Owned by a client's session; destroying it cancels everything that is under way. Lives on the router's
// loop.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "cluster/upstream/request.h"
#include "common/base/result.h"

namespace ringhold {

class Scatter;
class Router;

struct ClientCommand {
  const CommandRow& row;
  std::span<const std::string_view> args;
  RespVersion resp = RespVersion::k2;
  Role role = Role::kClient;
};

class ClientChannel {
 public:
  // `client` is unique within the process. `router` outlives the channel, and chooses the link that it uses
  // in every pool.
  ClientChannel(Router& router, std::uint64_t client);
  ~ClientChannel();
  ClientChannel(const ClientChannel&) = delete;
  ClientChannel& operator=(const ClientChannel&) = delete;

  // A command on keys (Routing::kKeys, kSplit) or on all shards (kScatter). Exactly one on_reply follows,
  // perhaps before this returns. `args` is copied.
  void submit(const ClientCommand& command, ReplySink& sink, std::uint64_t tag);
  // To the owner of `slot`, whatever the command.
  void submit_to_slot(const ClientCommand& command, Slot slot, ReplySink& sink, std::uint64_t tag);

  bool idle() const { return requests_ == 0; }
  // The client should not send more for now: too much of its work is under way, or some of it cannot be sent.
  bool overloaded() const;
  // All in-flight commands were sent under the router's present topology, and none is to be sent again: a
  // command that goes elsewhere now cannot overtake one of them.
  bool settled() const;

 private:
  friend class Scatter;
  friend class Router;

  // --- called by the router ---
  void on_done(UpstreamRequest& request);   // replied or failed; called before the sink is
  void on_retry(UpstreamRequest& request);  // was not executed, or may be executed again
  void release_if_clear();
  // What is to be sent again may go now, though the topology is still the one under which it was bounced.
  void allow_retry() { may_retry_ = true; }

  void on_parked() { ++parked_; }
  void on_unparked() { --parked_; }

  // --- for Scatter ---
  Scatter& add_scatter(std::unique_ptr<Scatter> scatter);
  void remove_scatter(Scatter& scatter);
  // A part of `whole`, in its place in the client's order; `sink` gets its reply under `tag`.
  UpstreamRequest& make_part(const UpstreamRequest& whole, std::span<const std::string_view> args,
                             ReplySink& sink, std::uint64_t tag);
  void route_parts(std::span<UpstreamRequest* const> parts);

  void link(UpstreamRequest& request);
  void unlink(UpstreamRequest& request);
  UpstreamRequest& make_request(const ClientCommand& command, ReplySink& sink, std::uint64_t tag);
  void start(UpstreamRequest& request);
  void route_all(std::span<UpstreamRequest* const> requests);

  Router& router_;
  std::uint64_t client_;
  std::uint32_t lane_;
  std::uint64_t next_order_ = 0;
  UpstreamRequest* first_ = nullptr;  // all requests that are not done, in no order
  std::size_t requests_ = 0;          // not done, in any state
  std::size_t outstanding_ = 0;       // of them: parked or in flight
  std::size_t parked_ = 0;            // of those: parked
  std::size_t argument_bytes_ = 0;    // of them all
  std::uint64_t route_changes_ = 0;   // Router::route_changes() when the outstanding ones were sent
  bool routing_ = false;              // several requests are being routed, one after the other
  bool may_retry_ = false;
  std::deque<UpstreamRequest*> held_;
  std::vector<UpstreamRequest*> retry_;
  std::vector<std::unique_ptr<Scatter>> scatters_;
};

}  // namespace ringhold

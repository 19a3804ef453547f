#include "cluster/upstream/shard_upstream.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"

namespace ringhold {

ShardUpstream::ShardUpstream(World world, ShardUpstreamOptions options, TopologyHolder& topology,
                             ShardUpstreamHandler& handler)
    : world_(world), options_(std::move(options)), topology_(topology), handler_(handler) {
  INVARIANT(options_.conns > 0);
  lanes_.resize(options_.conns);
  PeerLinkHandler& link_handler = *this;
  for (Lane& lane : lanes_) {
    lane.link = std::make_unique<PeerLink>(world_, PeerLinkOptions{options_.address, options_.caller},
                                           topology_, link_handler);
  }
}

ShardUpstream::~ShardUpstream() = default;

std::string ShardUpstream::describe() const {
  return fmt::format("shard '{}' at {}", options_.shard, options_.address.text());
}

void ShardLinkFigures::add(const ShardLinkFigures& other) {
  latency.add(other.latency);
  links_up += other.links_up;
  links_connecting += other.links_connecting;
  links_down += other.links_down;
  in_flight += other.in_flight;
  parked += other.parked;
}

ShardLinkFigures ShardUpstream::figures() const {
  ShardLinkFigures figures;
  figures.latency = latency_;
  for (const Lane& lane : lanes_) {
    const bool never_failed = lane.link->down_reason() == "connecting";
    ++(lane.link->up() ? figures.links_up : never_failed ? figures.links_connecting : figures.links_down);
    figures.parked += lane.parked.size();
  }
  figures.in_flight = pending_ - figures.parked;
  return figures;
}

void ShardUpstream::show_topology() {
  for (const Lane& lane : lanes_) lane.link->show_topology();
}

ShardUpstream::Lane& ShardUpstream::lane_of(const UpstreamRequest& request) {
  return lanes_[request.lane];
}

ShardUpstream::Lane& ShardUpstream::lane_of(const PeerLink& link) {
  const auto found = std::find_if(lanes_.begin(), lanes_.end(),
                                  [&link](const Lane& lane) { return lane.link.get() == &link; });
  INVARIANT(found != lanes_.end());
  return *found;
}

bool ShardUpstream::congested(const Lane& lane) const {
  return lane.link->unsent() > limits::kUpstreamQueueBytesMax / lanes_.size() ||
         lane.in_flight.size() >= limits::kUpstreamQueueRequestsMax;
}

void ShardUpstream::send(UpstreamRequest& request) {
  Lane& lane = lane_of(request);
  ++pending_;
  request.upstream = this;
  if (lane.parked.empty() && lane.link->up() && !congested(lane)) {
    write(lane, request);
    return;
  }
  request.state = UpstreamRequest::State::kParked;
  lane.parked.push_back(&request);
  handler_.on_request_parked(request);
  refuse_if_long_down(lane);
}

// A shard that has been away for a whole deadline is not waited for any more, until it is back.
void ShardUpstream::refuse_if_long_down(Lane& lane) {
  if (lane.refusing || lane.link->up()) return;
  if (world_.clock.turn_time() - lane.link->down_since() < options_.deadline) return;
  lane.refusing = true;
  while (!lane.parked.empty()) {
    UpstreamRequest& request = *lane.parked.front();
    lane.parked.pop_front();
    --pending_;
    request.upstream = nullptr;
    handler_.on_request_unparked(request);
    handler_.on_request_refused(*this, request, lane.link->down_reason());
  }
  lane.refusing = false;
}

void ShardUpstream::write(Lane& lane, UpstreamRequest& request) {
  request.state = UpstreamRequest::State::kInFlight;
  request.sent_at = world_.clock.turn_time();
  request.link_number = lane.first_number + lane.in_flight.size();
  lane.in_flight.push_back(&request);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(request.deadline - world_.clock.turn_time());
  CommandMessage message;
  message.request = request.link_number;
  message.resp = request.resp;
  message.role = request.role;
  message.client = request.client;
  message.deadline = lane.link->log_time() + left.count();
  message.version = topology_.version();
  message.arguments = request.arguments.view();
  write_message(lane.link->output(), message);
  lane.link->flush();
}

void ShardUpstream::send_parked(Lane& lane) {
  while (!lane.parked.empty() && lane.link->up() && !congested(lane)) {
    UpstreamRequest& request = *lane.parked.front();
    lane.parked.pop_front();
    handler_.on_request_unparked(request);
    write(lane, request);
  }
}

void ShardUpstream::return_parked() {
  for (Lane& lane : lanes_) return_parked(lane);
}

void ShardUpstream::return_parked(Lane& lane) {
  if (lane.parked.empty()) return;
  const std::vector<UpstreamRequest*> returned(lane.parked.begin(), lane.parked.end());
  lane.parked.clear();
  pending_ -= returned.size();
  for (UpstreamRequest* request : returned) {
    request->upstream = nullptr;
    handler_.on_request_unparked(*request);
  }
  handler_.on_requests_returned(returned);
}

void ShardUpstream::forget(UpstreamRequest& request) {
  Lane& lane = lane_of(request);
  --pending_;
  request.upstream = nullptr;
  if (request.state == UpstreamRequest::State::kInFlight) {
    lane.in_flight[request.link_number - lane.first_number] = nullptr;
    return;
  }
  const auto found = std::find(lane.parked.begin(), lane.parked.end(), &request);
  INVARIANT(found != lane.parked.end());
  lane.parked.erase(found);
  handler_.on_request_unparked(request);
}

void ShardUpstream::on_link_up(PeerLink& link) {
  send_parked(lane_of(link));
}

void ShardUpstream::on_link_drained(PeerLink& link) {
  send_parked(lane_of(link));
}

void ShardUpstream::on_link_down(PeerLink& link) {
  Lane& lane = lane_of(link);
  std::vector<UpstreamRequest*> lost;
  for (UpstreamRequest* request : lane.in_flight) {
    if (request == nullptr) continue;
    request->upstream = nullptr;
    lost.push_back(request);
  }
  lane.first_number += lane.in_flight.size();
  lane.in_flight.clear();
  pending_ -= lost.size();
  if (lost.empty()) return;
  return_parked(lane);
  handler_.on_requests_lost(*this, lost, link.said_goodbye(), link.down_reason());
}

void ShardUpstream::on_link_reply(PeerLink& link, const ReplyMessage& message) {
  Lane& lane = lane_of(link);
  const std::uint64_t offset = message.request - lane.first_number;
  if (offset >= lane.in_flight.size()) return;  // of an earlier connection, or forgotten long ago
  UpstreamRequest* request = std::exchange(lane.in_flight[offset], nullptr);
  while (!lane.in_flight.empty() && lane.in_flight.front() == nullptr) {
    lane.in_flight.pop_front();
    ++lane.first_number;
  }
  if (request == nullptr) return;
  --pending_;
  request->upstream = nullptr;
  latency_.record(static_cast<std::uint64_t>((world_.clock.turn_time() - request->sent_at).count()));
  handler_.on_request_replied(*request, message);
}

}  // namespace ringhold

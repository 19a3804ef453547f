#include "cluster/upstream/client_channel.h"

#include <algorithm>
#include <utility>

#include "cluster/peer/messages.h"
#include "cluster/upstream/router.h"
#include "cluster/upstream/scatter.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/slot.h"

namespace ringhold {

namespace {

// A reply that is made here, not by a shard.
void answer_error(const ClientCommand& command, ReplySink& sink, std::uint64_t tag, std::string_view error) {
  ByteBuffer reply;
  ReplyWriter(reply, RespVersion::k2).error(error);
  ByteBuffer arguments;
  encode_arguments(arguments, command.args);
  sink.on_reply(tag, reply.view(), arguments.view());
}

}  // namespace

std::vector<std::string_view> sink_arguments(std::string_view arguments) {
  std::vector<std::string_view> args;
  if (!arguments.empty()) INVARIANT(decode_arguments(arguments, args));
  return args;
}

ClientChannel::ClientChannel(Router& router, std::uint64_t client)
    : router_(router), client_(client), lane_(router.take_lane()) {}

ClientChannel::~ClientChannel() {
  router_.forget_channel(*this);
  router_.return_lane(lane_);
}

void ClientChannel::submit(const ClientCommand& command, ReplySink& sink, std::uint64_t tag) {
  if (command.row.routing == Routing::kScatter) {
    start(make_request(command, sink, tag));
    return;
  }
  std::vector<std::uint32_t>& positions = router_.key_positions_;
  if (const Result<void> found = key_positions(command.row, command.args, positions); !found) {
    answer_error(command, sink, tag, found.error().message);
    return;
  }
  INVARIANT(!positions.empty());
  const Slot slot = slot_of(command.args[positions.front()]);
  const bool one_slot = std::all_of(positions.begin() + 1, positions.end(),
                                    [&](std::uint32_t at) { return slot_of(command.args[at]) == slot; });
  if (!one_slot && command.row.routing != Routing::kSplit) {
    answer_error(command, sink, tag, "CROSSSLOT Keys in request don't hash to the same slot");
    return;
  }
  UpstreamRequest& request = make_request(command, sink, tag);
  request.slot = slot;
  request.many_slots = !one_slot;
  start(request);
}

void ClientChannel::submit_to_slot(const ClientCommand& command, Slot slot, ReplySink& sink,
                                   std::uint64_t tag) {
  UpstreamRequest& request = make_request(command, sink, tag);
  request.slot = slot;
  start(request);
}

void ClientChannel::link(UpstreamRequest& request) {
  request.previous = nullptr;
  request.next = first_;
  if (first_ != nullptr) first_->previous = &request;
  first_ = &request;
}

void ClientChannel::unlink(UpstreamRequest& request) {
  (request.previous == nullptr ? first_ : request.previous->next) = request.next;
  if (request.next != nullptr) request.next->previous = request.previous;
}

UpstreamRequest& ClientChannel::make_request(const ClientCommand& command, ReplySink& sink,
                                             std::uint64_t tag) {
  UpstreamRequest& request = router_.allocate();
  request.client = client_;
  request.lane = lane_;
  request.row = &command.row;
  request.resp = command.resp;
  // A client that shows a node's certificate is a client all the same: the node role is for peers.
  request.role = std::min(command.role, Role::kAdmin);
  request.channel = this;
  request.sink = &sink;
  request.tag = tag;
  request.order = next_order_++;
  encode_arguments(request.arguments, command.args);
  if (request.arguments.size() > limits::kMiB) router_.allow_for_transfer(request);
  link(request);
  ++requests_;
  argument_bytes_ += request.arguments.size();
  return request;
}

bool ClientChannel::settled() const {
  return !routing_ && held_.empty() && retry_.empty() &&
         (outstanding_ == 0 || route_changes_ == router_.route_changes());
}

void ClientChannel::start(UpstreamRequest& request) {
  if (!settled()) {
    request.state = UpstreamRequest::State::kHeld;
    held_.push_back(&request);
    return;
  }
  route_changes_ = router_.route_changes();
  ++outstanding_;
  UpstreamRequest* const one = &request;
  route_all({&one, 1});
}

void ClientChannel::on_done(UpstreamRequest& request) {
  unlink(request);
  --requests_;
  argument_bytes_ -= request.arguments.size();
  switch (request.state) {
    case UpstreamRequest::State::kHeld:
      held_.erase(std::find(held_.begin(), held_.end(), &request));
      break;
    case UpstreamRequest::State::kRetry:
      retry_.erase(std::find(retry_.begin(), retry_.end(), &request));
      break;
    default:
      --outstanding_;
      break;
  }
}

void ClientChannel::on_retry(UpstreamRequest& request) {
  --outstanding_;
  request.state = UpstreamRequest::State::kRetry;
  retry_.push_back(&request);
}

// Nothing of this client is in flight any more: what was held back goes out, in its order. Routing may fail a
// request at once, whose reply may bring new commands; those are held, and go out in a further round.
void ClientChannel::release_if_clear() {
  if (routing_) return;
  while (outstanding_ == 0 && (!held_.empty() || !retry_.empty())) {
    const bool bounced_just_now = !retry_.empty() && route_changes_ == router_.route_changes() && !may_retry_;
    if (bounced_just_now) return;
    may_retry_ = false;
    std::vector<UpstreamRequest*> ready = std::exchange(retry_, {});
    ready.insert(ready.end(), held_.begin(), held_.end());
    held_.clear();
    std::stable_sort(ready.begin(), ready.end(),
                     [](const UpstreamRequest* a, const UpstreamRequest* b) { return a->order < b->order; });
    route_changes_ = router_.route_changes();
    outstanding_ += ready.size();
    for (UpstreamRequest* request : ready) request->state = UpstreamRequest::State::kRouting;
    routing_ = true;
    for (UpstreamRequest* request : ready) router_.route(*request);
    routing_ = false;
  }
}

void ClientChannel::route_all(std::span<UpstreamRequest* const> requests) {
  const bool outermost = !std::exchange(routing_, true);
  for (UpstreamRequest* request : requests) router_.route(*request);
  if (!outermost) return;
  routing_ = false;
  release_if_clear();
}

UpstreamRequest& ClientChannel::make_part(const UpstreamRequest& whole,
                                          std::span<const std::string_view> args, ReplySink& sink,
                                          std::uint64_t tag) {
  UpstreamRequest& part = make_request({*whole.row, args, whole.resp, whole.role}, sink, tag);
  router_.advance_deadline(part, whole.deadline);
  part.order = whole.order;
  part.retries = whole.retries;
  return part;
}

void ClientChannel::route_parts(std::span<UpstreamRequest* const> parts) {
  outstanding_ += parts.size();
  route_all(parts);
}

bool ClientChannel::overloaded() const {
  return argument_bytes_ > limits::kInFlightBytesMax || parked_ > 0 || !held_.empty() || !retry_.empty();
}

Scatter& ClientChannel::add_scatter(std::unique_ptr<Scatter> scatter) {
  scatters_.push_back(std::move(scatter));
  return *scatters_.back();
}

void ClientChannel::remove_scatter(Scatter& scatter) {
  const auto found =
      std::find_if(scatters_.begin(), scatters_.end(),
                   [&scatter](const std::unique_ptr<Scatter>& held) { return held.get() == &scatter; });
  INVARIANT(found != scatters_.end());
  scatters_.erase(found);
}

}  // namespace ringhold

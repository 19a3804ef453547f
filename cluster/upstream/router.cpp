#include "cluster/upstream/router.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cluster/peer/messages.h"
#include "cluster/upstream/scatter.h"
#include "common/base/bug.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/slot.h"

namespace ringhold {

Router::Router(World world, RouterOptions options, TopologyHolder& topology)
    : world_(world),
      options_(std::move(options)),
      topology_(topology),
      deadline_timer_(world.scheduler.make_timer([this] { expire_requests(); })),
      release_timer_(world.scheduler.make_timer([this] { release_channels(); })),
      lane_clients_(options_.conns) {
  sync_upstreams();
}

Router::~Router() = default;

// --- topology ---

void Router::on_topology_changed() {
  ++route_changes_;
  for (const auto& [key, upstream] : upstreams_) upstream->return_parked();
  for (const auto& upstream : retired_) upstream->return_parked();
  sync_upstreams();
  for (const auto& [key, upstream] : upstreams_) upstream->show_topology();
  for (const auto& upstream : retired_) upstream->show_topology();
  for (UpstreamRequest* request : std::exchange(unrouted_, {})) {
    on_request_unparked(*request);
    route(*request);
  }
  release_channels();
}

// One pool for each shard of the topology; pools of shards that left stay until their last reply.
void Router::sync_upstreams() {
  by_index_.clear();
  if (topology() == nullptr) return;
  decltype(upstreams_) wanted;
  for (const Shard& shard : topology()->shards) {
    const auto key = std::pair(shard.name, shard.replicas.front());
    std::unique_ptr<ShardUpstream> upstream;
    if (const auto had = upstreams_.find(key); had != upstreams_.end()) {
      upstream = std::move(had->second);
      upstreams_.erase(had);
    } else if (!options_.lazy) {
      upstream = make_upstream(shard);
    }
    by_index_.push_back(upstream.get());
    if (upstream != nullptr) wanted.emplace(key, std::move(upstream));
  }
  for (auto& [key, upstream] : upstreams_) retired_.push_back(std::move(upstream));
  upstreams_ = std::move(wanted);
  std::erase_if(past_latencies_, [this](const auto& past) {
    return std::none_of(topology()->shards.begin(), topology()->shards.end(),
                        [&past](const Shard& shard) { return shard.name == past.first; });
  });
  if (!retired_.empty()) arm_deadline_timer();
}

std::unique_ptr<ShardUpstream> Router::make_upstream(const Shard& shard) {
  ShardUpstreamOptions options{shard.name, shard.replicas.front(), options_.conns, options_.deadline,
                               options_.caller};
  ShardUpstreamHandler& handler = *this;
  return std::make_unique<ShardUpstream>(world_, std::move(options), topology_, handler);
}

ShardUpstream& Router::upstream_at(std::size_t index) {
  if (by_index_[index] == nullptr) {
    const Shard& shard = topology()->shards[index];
    auto& upstream = upstreams_[std::pair(shard.name, shard.replicas.front())];
    upstream = make_upstream(shard);
    by_index_[index] = upstream.get();
  }
  return *by_index_[index];
}

void Router::drop_idle_retired() {
  std::erase_if(retired_, [this](const auto& upstream) {
    if (upstream->pending() > 0) return false;
    past_latencies_[upstream->shard()].add(upstream->figures().latency);
    return true;
  });
}

// --- figures ---

void RouterFigures::add(const RouterFigures& other) {
  requests += other.requests;
  retries += other.retries;
  expired += other.expired;
  uncertain += other.uncertain;
}

void UpstreamReport::add(const UpstreamReport& other) {
  totals.add(other.totals);
  for (const auto& [shard, figures] : other.shards) shards[shard].add(figures);
}

UpstreamReport Router::report() const {
  UpstreamReport report{figures_, {}};
  for (const auto& [key, upstream] : upstreams_) report.shards[key.first].add(upstream->figures());
  for (auto& [shard, figures] : report.shards) {
    if (const auto past = past_latencies_.find(shard); past != past_latencies_.end()) {
      figures.latency.add(past->second);
    }
    for (const auto& upstream : retired_) {
      if (upstream->shard() == shard) figures.latency.add(upstream->figures().latency);
    }
  }
  return report;
}

// --- requests ---

std::uint32_t Router::take_lane() {
  auto chosen = std::find_if(lane_clients_.begin(), lane_clients_.end(),
                             [](std::uint32_t clients) { return clients < limits::kClientsPerLink; });
  if (chosen == lane_clients_.end()) chosen = std::min_element(lane_clients_.begin(), lane_clients_.end());
  ++*chosen;
  return static_cast<std::uint32_t>(chosen - lane_clients_.begin());
}

UpstreamRequest& Router::allocate() {
  if (free_.empty()) {
    memory_.push_back(std::make_unique<UpstreamRequest>());
    free_.push_back(memory_.back().get());
  }
  UpstreamRequest& request = *free_.back();
  free_.pop_back();
  ++figures_.requests;
  request.id = next_id_++;
  request.state = UpstreamRequest::State::kRouting;
  request.slot = {};
  request.shard.clear();
  request.many_slots = false;
  request.retries = 0;
  request.deadline = world_.clock.turn_time() + options_.deadline;
  while (!deadlines_.empty() && deadlines_.front().request->id != deadlines_.front().id)
    deadlines_.pop_front();
  deadlines_.push_back({request.deadline, &request, request.id});
  if (!deadline_timer_->active()) arm_deadline_timer();
  return request;
}

void Router::advance_deadline(UpstreamRequest& request, MonoTime deadline) {
  if (deadline >= request.deadline) return;
  request.deadline = deadline;
  add_deadline(request);
  arm_deadline_timer();
}

void Router::allow_for_transfer(UpstreamRequest& request) {
  const auto ms = request.arguments.size() / (limits::kTransferBytesPerSecondMin / 1000);
  request.deadline += std::chrono::milliseconds(ms);
}

// Nearly always at the end: deadlines ascend as requests come.
void Router::add_deadline(UpstreamRequest& request) {
  const auto later = std::upper_bound(deadlines_.begin(), deadlines_.end(), request.deadline,
                                      [](MonoTime at, const Deadline& entry) { return at < entry.at; });
  deadlines_.insert(later, {request.deadline, &request, request.id});
}

void Router::free_request(UpstreamRequest& request) {
  constexpr std::size_t kKeptArgumentBytes = 512;
  INVARIANT(request.state != UpstreamRequest::State::kFree);
  request.id = 0;
  request.state = UpstreamRequest::State::kFree;
  request.channel = nullptr;
  request.arguments.clear();
  if (request.arguments.capacity() > kKeptArgumentBytes) request.arguments.release_if_empty();
  free_.push_back(&request);
}

void Router::route(UpstreamRequest& request) {
  if (topology() == nullptr) {
    request.state = UpstreamRequest::State::kParked;
    unrouted_.push_back(&request);
    on_request_parked(request);
    return;
  }
  const bool scattered = request.row->routing == Routing::kScatter && request.shard.empty();
  if (scattered || request.many_slots) {
    // Its own vector: routing the parts may come back here.
    std::vector<std::string_view> args = std::exchange(args_, {});
    INVARIANT(decode_arguments(request.arguments.view(), args));
    if (scattered) {
      Scatter::everywhere(*this, request, args);
    } else if (has_several_owners(args, *request.row)) {
      Scatter::split(*this, request, args);
    } else {
      route_to_owner(request);
    }
    args_ = std::move(args);
    return;
  }
  route_to_owner(request);
}

bool Router::has_several_owners(std::span<const std::string_view> args, const CommandRow& row) {
  INVARIANT(key_positions(row, args, key_positions_).ok());
  const auto owner = [&](std::uint32_t at) { return topology()->slots[slot_of(args[at]).value]; };
  const std::uint16_t first = owner(key_positions_.front());
  return std::any_of(key_positions_.begin() + 1, key_positions_.end(),
                     [&](std::uint32_t at) { return owner(at) != first; });
}

void Router::route_to_owner(UpstreamRequest& request) {
  if (request.shard.empty()) {
    upstream_at(topology()->slots[request.slot.value]).send(request);
    return;
  }
  const Shard* shard = topology()->find_shard(request.shard);
  if (shard == nullptr) {
    fail(request, fmt::format("CLUSTERDOWN shard '{}' has just left the cluster; try again", request.shard));
    return;
  }
  upstream_at(static_cast<std::size_t>(shard - topology()->shards.data())).send(request);
}

void Router::on_request_parked(UpstreamRequest& request) {
  if (request.channel != nullptr) request.channel->on_parked();
}

void Router::on_request_unparked(UpstreamRequest& request) {
  request.state = UpstreamRequest::State::kRouting;
  if (request.channel != nullptr) request.channel->on_unparked();
}

void Router::complete(UpstreamRequest& request, std::string_view reply) {
  ClientChannel* channel = request.channel;
  ReplySink* sink = request.sink;
  const std::uint64_t tag = request.tag;
  channel->on_done(request);
  sink->on_reply(tag, reply, request.arguments.view());
  free_request(request);
  channel->release_if_clear();
}

void Router::fail(UpstreamRequest& request, std::string_view error) {
  ByteBuffer reply;
  ReplyWriter(reply, request.resp).error(error);
  complete(request, reply.view());
}

// Precondition: sending it again cannot make it take effect twice.
void Router::retry(UpstreamRequest& request, std::string_view reason) {
  if (++request.retries > limits::kRetriesMax) {
    fail(request, fmt::format("CLUSTERDOWN {}; given up after {} attempts", reason, limits::kRetriesMax));
    return;
  }
  ++figures_.retries;
  ClientChannel& channel = *request.channel;
  channel.on_retry(request);
  release_later(channel);
  channel.release_if_clear();
}

void Router::release_later(ClientChannel& channel) {
  if (std::find(to_release_.begin(), to_release_.end(), &channel) == to_release_.end()) {
    to_release_.push_back(&channel);
  }
  if (!release_timer_->active()) release_timer_->start(limits::kRetryPause);
}

void Router::release_channels() {
  for (ClientChannel* channel : std::exchange(to_release_, {})) {
    channel->allow_retry();
    channel->release_if_clear();
  }
}

void Router::forget_channel(ClientChannel& channel) {
  std::erase(to_release_, &channel);
  while (channel.first_ != nullptr) {
    UpstreamRequest& request = *channel.first_;
    channel.unlink(request);
    cancel(request);
  }
}

void Router::cancel(UpstreamRequest& request) {
  if (request.upstream != nullptr) {
    request.upstream->forget(request);
  } else if (request.state == UpstreamRequest::State::kParked) {
    std::erase(unrouted_, &request);
  }
  free_request(request);
}

// --- what the pools report ---

void Router::on_request_replied(UpstreamRequest& request, const ReplyMessage& message) {
  switch (message.status) {
    case ReplyStatus::kDone:
      complete(request, message.reply);
      return;
    case ReplyStatus::kTooLate:
      fail(request, "CLUSTERDOWN the command reached its shard after its deadline and was not executed");
      return;
    case ReplyStatus::kNotOwner:
      retry(request, "the slot keeps moving");
      return;
  }
}

// A read may be sent again, unless a write of the same client was on the same link after it: that one may
// have taken effect already, and the read must not see it.
void Router::on_requests_lost(const ShardUpstream& upstream, std::span<UpstreamRequest* const> requests,
                              bool unexecuted, const std::string& reason) {
  std::set<const ClientChannel*> wrote;
  std::vector<bool> may_retry(requests.size());
  for (std::size_t i = requests.size(); i-- > 0;) {
    const UpstreamRequest& request = *requests[i];
    const bool reads = request.row->is_read_only() || broken(Bug::kRetryNonIdempotent);
    may_retry[i] = unexecuted || (reads && !wrote.contains(request.channel));
    if (!reads) wrote.insert(request.channel);
  }
  // First what is to be sent again, so that commands which replies to the others bring in are held behind it.
  // Replying cannot touch the requests that are left: they belong to no pool now.
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!may_retry[i]) continue;
    ++figures_.retries;
    ++requests[i]->retries;
    requests[i]->channel->on_retry(*requests[i]);
    release_later(*requests[i]->channel);
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (may_retry[i]) continue;
    UpstreamRequest& request = *requests[i];
    if (request.row->is_read_only()) {
      fail(request, fmt::format("CLUSTERDOWN the connection to {} was lost ({}); try again",
                                upstream.describe(), reason));
    } else {
      ++figures_.uncertain;
      fail(request, fmt::format("UNCERTAIN the connection to {} was lost ({}); "
                                "whether the command took effect is unknown",
                                upstream.describe(), reason));
    }
  }
}

void Router::on_requests_returned(std::span<UpstreamRequest* const> requests) {
  for (UpstreamRequest* request : requests) {
    request->channel->on_retry(*request);
    release_later(*request->channel);
  }
}

void Router::on_request_refused(const ShardUpstream& upstream, UpstreamRequest& request,
                                const std::string& reason) {
  fail(request, fmt::format("CLUSTERDOWN {} is unreachable ({}); the command was not executed",
                            upstream.describe(), reason));
}

// --- deadlines ---

void Router::arm_deadline_timer() {
  constexpr auto kSlack = std::chrono::milliseconds(5);
  const auto left = deadlines_.empty() ? std::chrono::microseconds(options_.deadline)
                                       : deadlines_.front().at - world_.clock.turn_time();
  deadline_timer_->start(std::max<std::chrono::microseconds>(left, std::chrono::microseconds(0)) + kSlack);
}

void Router::expire_requests() {
  const MonoTime now = world_.clock.turn_time();
  while (!deadlines_.empty()) {
    const Deadline next = deadlines_.front();
    const bool done = next.request->id != next.id;
    if (!done && next.at > now) break;
    deadlines_.pop_front();
    if (done) continue;
    if (next.request->deadline > now) {
      add_deadline(*next.request);  // it was given more time
    } else {
      expire(*next.request);
    }
  }
  drop_idle_retired();
  if (!deadlines_.empty() || !retired_.empty()) arm_deadline_timer();
}

void Router::expire(UpstreamRequest& request) {
  // A large reply on its way is not cut off while it makes progress.
  if (request.state == UpstreamRequest::State::kInFlight && request.upstream->receiving(request)) {
    request.deadline = world_.clock.turn_time() + limits::kTransferPatience;
    add_deadline(request);
    return;
  }
  ++figures_.expired;
  const std::string error = expiry_error(request);
  if (request.upstream != nullptr) {
    request.upstream->forget(request);
  } else if (request.state == UpstreamRequest::State::kParked) {
    std::erase(unrouted_, &request);
    on_request_unparked(request);
  }
  if (error.starts_with("UNCERTAIN")) ++figures_.uncertain;
  fail(request, error);
}

std::string Router::expiry_error(const UpstreamRequest& request) const {
  const auto ms = options_.deadline.count();
  if (request.upstream == nullptr) {
    if (topology() == nullptr)
      return "CLUSTERDOWN no topology is known yet, so no data server could be asked";
    return fmt::format("CLUSTERDOWN the slot could not be settled within {} ms; the command was not executed",
                       ms);
  }
  const std::string who = request.upstream->describe();
  if (request.state != UpstreamRequest::State::kInFlight) {
    return fmt::format("CLUSTERDOWN {} could not be reached within {} ms; the command was not executed", who,
                       ms);
  }
  if (request.row->is_read_only()) return fmt::format("CLUSTERDOWN {} did not answer within {} ms", who, ms);
  return fmt::format("UNCERTAIN {} did not answer within {} ms; whether the command took effect is unknown",
                     who, ms);
}

}  // namespace ringhold

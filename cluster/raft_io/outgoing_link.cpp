#include "cluster/raft_io/outgoing_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/peer/messages.h"
#include "cluster/raft_io/busy.h"
#include "cluster/raft_io/drop_stream.h"
#include "common/base/log.h"

namespace ringhold::raft_io {

OutgoingLink::OutgoingLink(World world, OutgoingLinkOptions options, OutgoingLinkHost& host)
    : world_(world),
      options_(std::move(options)),
      host_(&host),
      timer_(world.scheduler.make_timer([this] { on_timer(); })) {}

OutgoingLink::~OutgoingLink() = default;

void OutgoingLink::redial() {
  if (state_ == State::kUp) dropped_ = true;  // what was under way; the host hears of it when it is up again
  retire_stream();
  reconnect_delay_ = limits::kReconnectDelayMin;
  attempt_ = 0;
  connect();
}

void OutgoingLink::set_wanted(bool wanted) {
  wanted_ = wanted;
  if (state_ == State::kUp && wanted_ != said_wanted_) ping();
}

void OutgoingLink::ping() {
  said_wanted_ = wanted_;
  write_message(stream_->output(), RaftPing{wanted_});
  stream_->flush();
}

void OutgoingLink::wake() {
  if (state_ == State::kDown && !refused_) redial();
}

void OutgoingLink::connect() {
  timer_->stop();
  if (addresses_.empty()) {
    state_ = State::kDown;
    down_reason_ = "its address is not known";
    return;
  }
  state_ = State::kConnecting;
  refused_ = false;
  unsent_before_ = 0;
  stream_ = world_.network.connect(addresses_[attempt_ % addresses_.size()], Protocol::kPeer, *this);
}

void OutgoingLink::on_connected() {
  const Busy busy(busy_);
  state_ = State::kGreeting;
  heard_at_ = world_.clock.turn_time();
  const RaftIdentity own = host_->identity();
  said_wanted_ = wanted_;
  write_message(stream_->output(), RaftHello{kRaftProtocolVersion, own.cluster, own.shard, own.self,
                                             options_.to, options_.channel, wanted_, options_.own_address});
  stream_->flush();
  timer_->start(limits::kPingInterval);
}

bool OutgoingLink::send(const raft::Message& message) {
  const bool small = options_.channel == Channel::kSmall;
  if (!fits(message, small ? limits::kRaftSmallFrameBytesMax : options_.frame_bytes_max)) {
    if (!std::exchange(said_too_large_, true))
      log::error("a message to replica {} is larger than a frame may be, and cannot be sent",
                 options_.to.value.hex());
    return false;
  }
  if (state_ != State::kUp ||
      stream_->unsent() > (small ? limits::kRaftSmallUnsentBytesMax : limits::kRaftUnsentBytesMax)) {
    dropped_ = true;
    return false;
  }
  write_message(stream_->output(), message);
  stream_->flush();
  return true;
}

void OutgoingLink::on_timer() {
  const Busy busy(busy_);
  if (state_ == State::kDown) {
    connect();
    return;
  }
  // While entries leave, the answer to a ping waits behind them; that they leave is a sign of life.
  const std::size_t unsent_now = unsent();
  if (unsent_now < std::exchange(unsent_before_, unsent_now)) heard_at_ = world_.clock.turn_time();
  const auto silence = world_.clock.turn_time() - heard_at_;
  if (silence > silence_max()) {
    fail(fmt::format("no answer for {} ms",
                     std::chrono::duration_cast<std::chrono::milliseconds>(silence).count()));
    return;
  }
  if (state_ == State::kUp) {
    if (unsent_now <= limits::kOutputLowBytes) report_dropped();  // if on_drained did not come
    if (state_ != State::kUp || host_ == nullptr) return;
    ping();
  }
  timer_->start(limits::kPingInterval);
}

std::chrono::microseconds OutgoingLink::silence_max() const {
  return options_.channel == Channel::kSmall ? std::chrono::microseconds(limits::kRaftSilenceMax)
                                             : std::chrono::microseconds(limits::kPeerSilenceMax);
}

void OutgoingLink::on_input() {
  const Busy busy(busy_);
  heard_at_ = world_.clock.turn_time();
  while (host_ != nullptr && stream_ != nullptr) {
    const FrameParser::Status status = parser_.next(stream_->input().view());
    if (status == FrameParser::Status::kNeedMore) return;
    if (status == FrameParser::Status::kError) {
      refused(parser_.error());
      return;
    }
    // Before the frame is handled, which may retire the stream, or this.
    const Stream* const stream = stream_.get();
    const std::size_t consumed = parser_.consumed();
    handle(parser_.frame());
    if (host_ == nullptr || stream_.get() != stream) return;
    stream_->input().consume(consumed);
  }
}

void OutgoingLink::handle(const Frame& frame) {
  const auto type = static_cast<PeerMessage>(frame.type);
  if (type == PeerMessage::kRefusal) {
    RefusalMessage refusal;
    refused(ringhold::read_message(frame.body, refusal) ? refusal.reason : "it sends a bad refusal");
  } else if (type == PeerMessage::kRaftWelcome && state_ == State::kGreeting) {
    handle_welcome(frame.body);
  } else if (type != PeerMessage::kRaftPong || state_ != State::kUp) {
    refused(fmt::format("it sends a message of type {}, which makes no sense here", frame.type));
  }
}

void OutgoingLink::handle_welcome(std::string_view body) {
  RaftWelcome welcome;
  if (!read_message(body, welcome) || welcome.version != kRaftProtocolVersion) {
    refused("it sends a bad welcome");
    return;
  }
  if (welcome.replica != options_.to) {
    refused(fmt::format("it is replica {}, but replica {} was looked for", welcome.replica.value.hex(),
                        options_.to.value.hex()));
    return;
  }
  state_ = State::kUp;
  reconnect_delay_ = limits::kReconnectDelayMin;
  down_reason_.clear();
  reported_refusal_.clear();
  if (wanted_ != said_wanted_) ping();
  report_dropped();
}

void OutgoingLink::on_drained() {
  const Busy busy(busy_);
  if (state_ == State::kUp) report_dropped();
}

void OutgoingLink::report_dropped() {
  if (std::exchange(dropped_, false)) host_->on_messages_lost(*this);
}

void OutgoingLink::on_closed(const Error& why) {
  const Busy busy(busy_);
  go_down(why.message, next_pause());
}

void OutgoingLink::fail(const std::string& reason) {
  go_down(reason, next_pause());
}

void OutgoingLink::refused(const std::string& reason) {
  refused_ = true;
  go_down(fmt::format("refused: {}", reason), limits::kRaftRefusedDelay);
}

std::chrono::milliseconds OutgoingLink::next_pause() {
  const auto pause = reconnect_delay_;
  reconnect_delay_ = std::min<std::chrono::milliseconds>(pause * 2, limits::kReconnectDelayMax);
  return pause;
}

void OutgoingLink::go_down(const std::string& reason, std::chrono::milliseconds pause) {
  const bool was_up = state_ == State::kUp;
  state_ = State::kDown;
  retire_stream();
  if (!was_up) ++attempt_;
  const std::string text = fmt::format("link for {} to replica {}: {}", channel_name(options_.channel),
                                       options_.to.value.hex(), reason);
  if (refused_ && reason != reported_refusal_) {
    log::warn("{}", text);
    reported_refusal_ = reason;
  } else if (reason != down_reason_) {
    log::debug("{}", text);
  }
  down_reason_ = reason;
  timer_->start(pause);
  if (was_up) {
    dropped_ = false;
    host_->on_messages_lost(*this);
  }
}

void OutgoingLink::retire_stream() {
  if (stream_ != nullptr) drop_stream(world_.scheduler, std::move(stream_));
}

}  // namespace ringhold::raft_io

#include "cluster/raft_io/incoming_link.h"

#include <fmt/core.h>

#include <utility>

#include "cluster/peer/messages.h"
#include "cluster/raft_io/busy.h"
#include "common/base/log.h"

namespace ringhold::raft_io {

IncomingLink::IncomingLink(World world, std::uint64_t number, std::unique_ptr<Stream> stream,
                           std::size_t frame_bytes_max, IncomingLinkHost& host)
    : world_(world),
      number_(number),
      stream_(std::move(stream)),
      frame_bytes_max_(frame_bytes_max),
      host_(&host),
      timer_(world.scheduler.make_timer([this] { on_timer(); })),
      heard_at_(world.clock.turn_time()) {
  stream_->set_handler(this);
  timer_->start(limits::kHandshakeTimeout);
}

IncomingLink::~IncomingLink() = default;

void IncomingLink::detach() {
  host_ = nullptr;
  timer_->stop();
}

void IncomingLink::on_input() {
  heard_at_ = world_.clock.turn_time();
  process();
}

void IncomingLink::process() {
  const Busy busy(busy_);
  while (host_ != nullptr && state_ != State::kClosing) {
    const FrameParser::Status status = parser_.next(stream_->input().view());
    if (status == FrameParser::Status::kNeedMore) break;
    if (status == FrameParser::Status::kError) {
      refuse(parser_.error());
      return;
    }
    // Not of the parser afterwards: a hello replaces it.
    const std::size_t consumed = parser_.consumed();
    if (handle(parser_.frame()) && host_ != nullptr) stream_->input().consume(consumed);
  }
  if (host_ != nullptr && !stream_->output().empty()) stream_->flush();
}

bool IncomingLink::handle(const Frame& frame) {
  if (state_ == State::kGreeting) return handle_hello(frame);
  return static_cast<PeerMessage>(frame.type) == PeerMessage::kRaftPing ? handle_ping(frame)
                                                                        : handle_message(frame);
}

bool IncomingLink::handle_ping(const Frame& frame) {
  RaftPing ping;
  if (!read_message(frame.body, ping)) return refuse("it sends a bad ping");
  { const FrameWriter pong(stream_->output(), static_cast<std::uint8_t>(PeerMessage::kRaftPong)); }
  if (std::exchange(hello_.wanted, ping.wanted) != ping.wanted) host_->on_wanted_changed(*this);
  return true;
}

bool IncomingLink::handle_hello(const Frame& frame) {
  if (static_cast<PeerMessage>(frame.type) != PeerMessage::kRaftHello || !read_message(frame.body, hello_))
    return refuse("a link between replicas begins with a hello");
  if (stream_->peer().role != Role::kNode) return refuse("the caller's certificate is not a node's");
  state_ = State::kOpen;
  if (const Result<void> admitted = host_->admit(*this, hello_); !admitted)
    return refuse(admitted.error().message);
  parser_ =
      FrameParser(hello_.channel == Channel::kSmall ? limits::kRaftSmallFrameBytesMax : frame_bytes_max_);
  write_message(stream_->output(), RaftWelcome{kRaftProtocolVersion, hello_.to});
  timer_->start(limits::kPeerSilenceMax);
  return true;
}

bool IncomingLink::handle_message(const Frame& frame) {
  if (!belongs_on(frame.type, hello_.channel))
    return refuse(fmt::format("a message of type {} makes no sense on a link for {}", frame.type,
                              channel_name(hello_.channel)));
  Result<raft::Message> message = read_message(frame);
  if (!message) return refuse(message.error().message);
  if (message->from != hello_.from)
    return refuse(fmt::format("replica {} said hello, but this message is replica {}'s",
                              hello_.from.value.hex(), message->from.value.hex()));
  if (message->to != hello_.to)
    return refuse(fmt::format("this is replica {}, but this message is for replica {}", hello_.to.value.hex(),
                              message->to.value.hex()));
  host_->on_incoming_message(std::move(*message));
  return true;
}

// The other side asks again slowly.
bool IncomingLink::refuse(const std::string& reason) {
  host_->on_refused(stream_->peer().address.host, reason);
  state_ = State::kClosing;
  ringhold::write_message(stream_->output(), RefusalMessage{reason});
  stream_->flush();
  stream_->close();
  return false;
}

// Who connected pings: what has been silent for long has gone without a word.
void IncomingLink::on_timer() {
  const Busy busy(busy_);
  if (state_ == State::kClosing) return;
  const auto silence = world_.clock.turn_time() - heard_at_;
  if (state_ == State::kOpen && silence < limits::kPeerSilenceMax) {
    timer_->start(limits::kPeerSilenceMax);
    return;
  }
  log::debug("replica link from {}: nothing was heard for long", stream_->peer().address.text());
  host_->on_incoming_closed(*this);
}

void IncomingLink::on_closed(const Error& why) {
  const Busy busy(busy_);
  log::debug("replica link closed: {}", why.message);
  if (host_ != nullptr) host_->on_incoming_closed(*this);
}

}  // namespace ringhold::raft_io

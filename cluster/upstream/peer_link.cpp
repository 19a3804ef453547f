#include "cluster/upstream/peer_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/log.h"

namespace ringhold {

PeerLink::PeerLink(World world, PeerLinkOptions options, TopologyHolder& topology, PeerLinkHandler& handler)
    : world_(world),
      options_(std::move(options)),
      topology_(topology),
      handler_(handler),
      timer_(world.scheduler.make_timer([this] { on_timer(); })),
      link_(world.rng.next()),
      down_since_(world.clock.turn_time()),
      reconnect_delay_(limits::kReconnectDelayMin) {
  connect();
}

PeerLink::~PeerLink() = default;

void PeerLink::connect() {
  retired_.reset();
  remembered_.reset();
  state_ = State::kConnecting;
  ++generation_;
  said_goodbye_ = false;
  unsent_before_ = 0;
  stream_ = world_.network.connect(options_.address, Protocol::kPeer, *this);
}

void PeerLink::on_connected() {
  state_ = State::kGreeting;
  heard_at_ = world_.clock.turn_time();
  write_message(output(),
                HelloMessage{link_, generation_, options_.name, topology_.cluster(), topology_.version()});
  flush();
  timer_->start(options_.ping_interval);
}

void PeerLink::on_timer() {
  if (state_ == State::kDown) {
    connect();
    return;
  }
  // While a large value leaves, the answer to a ping waits behind it; that it leaves is a sign of life.
  const std::size_t unsent_now = unsent();
  if (unsent_now < std::exchange(unsent_before_, unsent_now)) heard_at_ = world_.clock.turn_time();
  const auto silence = world_.clock.turn_time() - heard_at_;
  if (silence > limits::kPeerSilenceMax) {
    fail(fmt::format("no answer for {} ms",
                     std::chrono::duration_cast<std::chrono::milliseconds>(silence).count()));
    return;
  }
  if (state_ == State::kUp) ping();
  timer_->start(options_.ping_interval);
}

void PeerLink::ping() {
  write_message(output(), PingMessage{topology_.version()});
  flush();
}

void PeerLink::on_input() {
  heard_at_ = world_.clock.turn_time();
  while (stream_ != nullptr) {
    switch (parser_.next(stream_->input().view())) {
      case FrameParser::Status::kNeedMore:
        handler_.on_link_drained(*this);
        return;
      case FrameParser::Status::kError:
        fail(parser_.error());
        return;
      case FrameParser::Status::kFrame:
        break;
    }
    const std::size_t consumed = parser_.consumed();
    handle(parser_.frame());
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.Move): it does not see that the comparison looks for just that
    if (stream_ != nullptr) stream_->input().consume(consumed);
  }
}

void PeerLink::on_drained() {
  handler_.on_link_drained(*this);
}

void PeerLink::handle(const Frame& frame) {
  const auto type = static_cast<PeerMessage>(frame.type);
  if (type == PeerMessage::kRefusal) {
    RefusalMessage refusal;
    fail(read_message(frame.body, refusal) ? fmt::format("it refuses: {}", refusal.reason) : "bad refusal");
    return;
  }
  if (type == PeerMessage::kTopology) {
    handle_topology(frame.body);
    return;
  }
  if (state_ == State::kGreeting) {
    if (type == PeerMessage::kWelcome) {
      handle_welcome(frame.body);
    } else {
      fail("it did not open with a welcome");
    }
    return;
  }
  if (type == PeerMessage::kRemembered) {
    handle_remembered(frame.body);
    return;
  }
  if (type == PeerMessage::kGoodbye) {
    said_goodbye_ = true;
    fail("it is stopping");
    return;
  }
  bool understood = false;
  if (type == PeerMessage::kReply) {
    ReplyMessage reply;
    if ((understood = read_message(frame.body, reply))) handler_.on_link_reply(*this, reply);
  } else if (type == PeerMessage::kPong) {
    PongMessage pong;
    if ((understood = read_message(frame.body, pong))) {
      peer_version_ = pong.version;
      note_log_time(pong.log_time);
      show_topology();
      handler_.on_link_pong(*this, pong);
    }
  } else if (type == PeerMessage::kEditResult) {
    EditResultMessage result;
    if ((understood = read_message(frame.body, result))) handler_.on_link_edit_result(*this, result);
  }
  if (!understood) fail(fmt::format("a message of type {} makes no sense here", frame.type));
}

void PeerLink::handle_welcome(std::string_view body) {
  if (!read_message(body, welcome_)) {
    fail("bad welcome");
    return;
  }
  if (!topology_.compatible(welcome_.cluster)) {
    fail(fmt::format("it belongs to cluster {}, this process to cluster {}", welcome_.cluster.hex(),
                     topology_.cluster().hex()));
    return;
  }
  state_ = State::kUp;
  reconnect_delay_ = limits::kReconnectDelayMin;
  peer_version_ = welcome_.version;
  shown_version_ = {};
  note_log_time(welcome_.log_time);
  show_topology();
  ping();  // the first pong brings the server's figures
  handler_.on_link_up(*this);
}

void PeerLink::handle_topology(std::string_view body) {
  TopologyMessage message;
  if (!read_message(body, message)) {
    fail("bad topology message");
    return;
  }
  peer_version_ = std::max(peer_version_, message.version);
  if (const Result<void> offered = topology_.offer(message); !offered) fail(offered.error().message);
}

// What a server went by was decided once: if it is newer than what is gone by here, it counts like any other.
// Where nothing is gone by, it may be the oldest of several: that is for the handler to judge.
void PeerLink::handle_remembered(std::string_view body) {
  RememberedMessage message;
  if (!read_message(body, message)) {
    fail("bad topology message");
    return;
  }
  if (topology_.current() != nullptr) {
    if (const Result<void> offered = topology_.offer(message.topology); !offered)
      fail(offered.error().message);
    return;
  }
  Result<Topology> decoded = decode_topology(message.topology.payload);
  if (!decoded) {
    fail(decoded.error().message);
    return;
  }
  remembered_ = std::make_shared<const Topology>(std::move(*decoded));
  handler_.on_link_remembered(*this);
}

void PeerLink::show_topology() {
  if (state_ != State::kUp || topology_.current() == nullptr) return;
  const TopologyVersion version = topology_.version();
  if (version <= peer_version_ || version == shown_version_) return;
  shown_version_ = version;
  write_message(output(), topology_.message());
  flush();
}

void PeerLink::note_log_time(UnixMs log_time) {
  log_time_ = log_time;
  log_time_at_ = world_.clock.turn_time();
}

UnixMs PeerLink::log_time() const {
  const auto elapsed = world_.clock.turn_time() - log_time_at_;
  return log_time_ + std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
}

void PeerLink::fail(const std::string& reason) {
  if (stream_ == nullptr) return;
  stream_->abort();
  go_down(reason);
}

void PeerLink::on_closed(const Error& why) {
  go_down(why.message);
}

void PeerLink::go_down(const std::string& reason) {
  if (state_ == State::kDown) return;
  const bool was_up = state_ == State::kUp;
  state_ = State::kDown;
  retired_ = std::move(stream_);
  if (was_up) down_since_ = world_.clock.turn_time();
  const bool news = was_up || reason != down_reason_;
  if (news) log::debug("link to {}: {}", options_.address.text(), reason);
  down_reason_ = reason;
  timer_->start(reconnect_delay_);
  reconnect_delay_ = std::min<std::chrono::milliseconds>(reconnect_delay_ * 2, limits::kReconnectDelayMax);
  if (was_up) {
    handler_.on_link_down(*this);
  } else if (news) {
    handler_.on_link_failed(*this);
  }
}

bool PeerLink::receiving() const {
  constexpr std::size_t kLargeBytes = limits::kMiB;
  return stream_ != nullptr && stream_->input().size() > kLargeBytes &&
         world_.clock.turn_time() - heard_at_ < limits::kTransferPatience;
}

}  // namespace ringhold

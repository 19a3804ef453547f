// PeerLink: one connection to a data server over ringhold-peer/1, kept up for as long as the object lives.
//
// Life: connecting → greeting (Hello sent) → up (Welcome received) → down (lost, waiting to try again) →
// connecting … While up it pings, keeps an estimate of the server's log time, and keeps both sides'
// topologies equal: whoever sees that the other's is older sends its own. How it fails: refused or timed-out
// connects, a Refusal, silence for longer than limits::kPeerSilenceMax, bytes that are no frames. Each is a
// reason in words and a new attempt after a growing pause.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cluster/peer/messages.h"
#include "cluster/peer/topology_holder.h"
#include "common/reactor/world.h"
#include "common/wire/frame.h"

namespace ringhold {

class PeerLink;

// What happens on a link. Callbacks come on the link's loop; the link must not be destroyed inside one.
class PeerLinkHandler {
 public:
  virtual ~PeerLinkHandler() = default;
  virtual void on_link_up(PeerLink& /*link*/) {}
  // It was up and is not any more: nothing that was sent and not answered will be answered.
  virtual void on_link_down(PeerLink& /*link*/) {}
  // It could not be brought up, for a reason other than last time: see down_reason().
  virtual void on_link_failed(PeerLink& /*link*/) {}
  virtual void on_link_reply(PeerLink& /*link*/, const ReplyMessage& /*message*/) {}
  virtual void on_link_pong(PeerLink& /*link*/, const PongMessage& /*message*/) {}
  // remembered() is known.
  virtual void on_link_remembered(PeerLink& /*link*/) {}
  virtual void on_link_edit_result(PeerLink& /*link*/, const EditResultMessage& /*message*/) {}
  // After callbacks that came out of received bytes: unsent() may have shrunk, many replies may have come.
  virtual void on_link_drained(PeerLink& /*link*/) {}
};

struct PeerLinkOptions {
  Address address;
  std::string name;  // who is calling, for the server's log
  std::chrono::milliseconds ping_interval{limits::kPingInterval};
};

class PeerLink final : private StreamHandler {
 public:
  PeerLink(World world, PeerLinkOptions options, TopologyHolder& topology, PeerLinkHandler& handler);
  ~PeerLink() override;

  const Address& address() const { return options_.address; }
  bool up() const { return state_ == State::kUp; }
  // Why it is not up, in words; "connecting" before the first outcome.
  const std::string& down_reason() const { return down_reason_; }
  // Since when it has not been up (from construction on).
  MonoTime down_since() const { return down_since_; }
  // The server stopped in good order: requests that it did not answer were not executed. For on_link_down.
  bool said_goodbye() const { return said_goodbye_; }
  TopologyVersion peer_version() const { return peer_version_; }
  // While up: the server goes by no topology, but remembers one, which it has shown or is about to show.
  bool peer_remembers() const { return peer_version_.is_none() && !welcome_.cluster.is_none(); }
  // What it has shown of that on this connection; null: nothing.
  const TopologyPtr& remembered() const { return remembered_; }

  // While up: append messages to output(), then flush().
  ByteBuffer& output() { return stream_->output(); }
  void flush() { stream_->flush(); }
  std::size_t unsent() const { return stream_ ? stream_->unsent() : 0; }
  // A large message is coming in: some of it is here, and more came a moment ago.
  bool receiving() const;
  // The server's log time now, as far as is known: never ahead of it by more than the clocks drift between
  // two pongs.
  UnixMs log_time() const;
  // The holder's topology has changed: the server gets it before anything that is sent from here on.
  void show_topology();

 private:
  enum class State { kConnecting, kGreeting, kUp, kDown };

  void connect();
  void on_connected() override;
  void on_input() override;
  void on_drained() override;
  void on_closed(const Error& why) override;
  void on_timer();
  void handle(const Frame& frame);
  void handle_welcome(std::string_view body);
  void handle_topology(std::string_view body);
  void handle_remembered(std::string_view body);
  void note_log_time(UnixMs log_time);
  void ping();
  // Drops the connection on purpose.
  void fail(const std::string& reason);
  void go_down(const std::string& reason);

  World world_;
  PeerLinkOptions options_;
  TopologyHolder& topology_;
  PeerLinkHandler& handler_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Stream> retired_;  // closed inside its own callback; freed with the next attempt
  State state_ = State::kConnecting;
  FrameParser parser_;
  std::uint64_t link_;
  std::uint64_t generation_ = 0;
  WelcomeMessage welcome_;
  TopologyVersion peer_version_;
  TopologyPtr remembered_;
  TopologyVersion shown_version_;  // the newest that was sent on this connection
  UnixMs log_time_ = 0;
  MonoTime log_time_at_{};
  MonoTime heard_at_{};
  std::size_t unsent_before_ = 0;  // at the last ping
  MonoTime down_since_{};
  std::string down_reason_ = "connecting";
  std::chrono::milliseconds reconnect_delay_;
  bool said_goodbye_ = false;
};

}  // namespace ringhold

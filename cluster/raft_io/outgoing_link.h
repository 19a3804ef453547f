// OutgoingLink: one connection to another replica, for the messages of one channel, kept up for as long as
// the object lives.
//
// Life: connecting → greeting (RaftHello sent) → up (RaftWelcome received) → down (lost, or refused; waiting
// to try again) → connecting … Messages leave only while it is up; all others are dropped. How it fails: a
// refused or timed-out connect, a Refusal (then it asks again slowly), silence although it pings, bytes that
// are no frames. Each is a reason in words, logged when it is another than last time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cluster/raft/messages.h"
#include "cluster/raft_io/handshake.h"
#include "common/base/limits.h"
#include "common/reactor/world.h"
#include "common/wire/frame.h"

namespace ringhold::raft_io {

class OutgoingLink;

class OutgoingLinkHost {
 public:
  virtual ~OutgoingLinkHost() = default;
  // As of now.
  virtual RaftIdentity identity() const = 0;
  // Messages that were given to send() may have been lost: it was up and is not any more, or what could not
  // be sent for a while can be sent again. Never called from inside the link's own functions. The link may be
  // retired in it.
  virtual void on_messages_lost(OutgoingLink& link) = 0;
};

struct OutgoingLinkOptions {
  raft::ReplicaId to;
  Channel channel = Channel::kSmall;
  std::string own_address;
  std::size_t frame_bytes_max = 0;
};

class OutgoingLink final : private StreamHandler {
 public:
  OutgoingLink(World world, OutgoingLinkOptions options, OutgoingLinkHost& host);
  ~OutgoingLink() override;

  raft::ReplicaId to() const { return options_.to; }
  Channel channel() const { return options_.channel; }
  bool up() const { return state_ == State::kUp; }
  const std::string& down_reason() const { return down_reason_; }
  std::size_t unsent() const { return stream_ ? stream_->unsent() : 0; }

  // Where the replica may be: tried one after the other. None: it waits for one.
  void set_addresses(std::vector<Address> addresses) { addresses_ = std::move(addresses); }
  // Whether the other is a member, or is only answered.
  void set_wanted(bool wanted);
  // Gives up the connection that there may be, and connects to the first address.
  void redial();
  // The replica lives: if it is being waited for, try now.
  void wake();
  // False: dropped. Leaves at the end of the loop turn, with all others of that turn.
  bool send(const raft::Message& message);

  // The host hears nothing more. While busy() it must not be destroyed: it is inside a callback of its own.
  void detach() { host_ = nullptr; }
  bool busy() const { return busy_ > 0; }

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
  void report_dropped();
  void ping();
  // Drops the connection on purpose.
  void fail(const std::string& reason);
  void refused(const std::string& reason);
  void go_down(const std::string& reason, std::chrono::milliseconds pause);
  std::chrono::milliseconds next_pause();
  void retire_stream();
  std::chrono::microseconds silence_max() const;

  World world_;
  OutgoingLinkOptions options_;
  OutgoingLinkHost* host_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Stream> stream_;
  std::vector<Address> addresses_;
  std::size_t attempt_ = 0;  // which of them
  State state_ = State::kDown;
  bool wanted_ = false;
  bool said_wanted_ = false;  // on this connection
  FrameParser parser_{limits::kRaftSmallFrameBytesMax};
  MonoTime heard_at_{};
  std::size_t unsent_before_ = 0;  // at the last ping
  std::string down_reason_ = "not connected yet";
  std::string reported_refusal_;  // since it was up
  std::chrono::milliseconds reconnect_delay_{limits::kReconnectDelayMin};
  bool refused_ = false;  // the last attempt was
  bool dropped_ = false;  // messages, since the host was told
  bool said_too_large_ = false;
  int busy_ = 0;
};

}  // namespace ringhold::raft_io

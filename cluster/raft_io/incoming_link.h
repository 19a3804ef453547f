// IncomingLink: a connection that another replica made, to say something.
//
// Life: greeting (until RaftHello has come and was found right) → open (messages, pings) → closing (a Refusal
// is on its way) → closed. How it fails: a hello that does not fit, or does not come; frames that make no
// sense, which the other side is told in a Refusal; silence. Then the host retires it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cluster/raft/messages.h"
#include "cluster/raft_io/handshake.h"
#include "common/base/limits.h"
#include "common/reactor/world.h"
#include "common/wire/frame.h"

namespace ringhold::raft_io {

class IncomingLink;

class IncomingLinkHost {
 public:
  virtual ~IncomingLinkHost() = default;
  // Who says this hello may be heard; else the error is what it is told. On success the link is open.
  virtual Result<void> admit(IncomingLink& link, const RaftHello& hello) = 0;
  // From whoever said hello, to this replica. The link may be retired in it.
  virtual void on_incoming_message(raft::Message message) = 0;
  // hello().wanted has changed.
  virtual void on_wanted_changed(IncomingLink& link) = 0;
  // The link is closing because of that. For the log.
  virtual void on_refused(const std::string& who, const std::string& reason) = 0;
  // It is over: the link is to be retired.
  virtual void on_incoming_closed(IncomingLink& link) = 0;
};

class IncomingLink final : private StreamHandler {
 public:
  IncomingLink(World world, std::uint64_t number, std::unique_ptr<Stream> stream, std::size_t frame_bytes_max,
               IncomingLinkHost& host);
  ~IncomingLink() override;

  std::uint64_t number() const { return number_; }
  bool open() const { return state_ == State::kOpen; }
  // What it said, and what has changed since; while open().
  const RaftHello& hello() const { return hello_; }

  // Looks at what has been received already.
  void start() { process(); }

  // The host hears nothing more. While busy() it must not be destroyed: it is inside a callback of its own.
  void detach();
  bool busy() const { return busy_ > 0; }

 private:
  enum class State { kGreeting, kOpen, kClosing };

  void on_input() override;
  void on_closed(const Error& why) override;
  void on_timer();
  void process();
  // False: it was refused.
  bool handle(const Frame& frame);
  bool handle_hello(const Frame& frame);
  bool handle_ping(const Frame& frame);
  bool handle_message(const Frame& frame);
  bool refuse(const std::string& reason);

  World world_;
  std::uint64_t number_;
  std::unique_ptr<Stream> stream_;
  std::size_t frame_bytes_max_;
  IncomingLinkHost* host_;
  std::unique_ptr<Timer> timer_;
  FrameParser parser_{limits::kRaftSmallFrameBytesMax};
  RaftHello hello_;
  State state_ = State::kGreeting;
  MonoTime heard_at_;
  int busy_ = 0;
};

}  // namespace ringhold::raft_io

// PeerSession: a proxy, or a forwarding data server, at the other end of ringhold-peer/1.
//
// Life: accepted → Hello (checked: cluster id; older connections of the same link are dropped unheard) →
// commands, pings, topologies and edits, in the order in which they come → closed. Replies are written
// straight into the stream's output, and leave in one TLS write per loop turn.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "cluster/peer/messages.h"
#include "common/reactor/stream.h"
#include "common/session/client_state.h"
#include "common/wire/frame.h"
#include "dataserver/executor.h"
#include "dataserver/node.h"

namespace ringhold {

class PeerSession;

class PeerSessionHost {
 public:
  virtual ~PeerSessionHost() = default;
  // `session` has said Hello for its link: older sessions of that link must not be heard any more.
  virtual void drop_older(const PeerSession& session) = 0;
  virtual void on_peer_closed(PeerSession& session) = 0;
};

class PeerSession final : private StreamHandler, private BytesOwner, private TurnShare::Waiter {
 public:
  PeerSession(std::uint64_t id, std::unique_ptr<Stream> stream, Node& node, PeerSessionHost& host);
  ~PeerSession() override;

  std::uint64_t id() const { return client_.id; }
  std::uint64_t link() const { return link_; }
  std::uint64_t link_generation() const { return link_generation_; }

  void start() { process(); }
  // The topology has changed: the peer hears of it before anything else.
  void show_topology();
  // What it had to wait for (Node::must_wait) is over.
  void on_room() { process(); }
  // Answers what has been received, says Goodbye, closes.
  void finish();
  // Executes nothing more, whatever has been received.
  void drop();

 private:
  void on_input() override { process(); }
  void on_drained() override { process(); }
  void on_closed(const Error& why) override;

  void on_share() override;
  void process();
  bool must_wait(const Frame& frame);
  // False if the frame was no message that makes sense here.
  bool handle(const Frame& frame);
  bool handle_hello(std::string_view body);
  bool handle_ping(std::string_view body);
  bool handle_topology(std::string_view body);
  bool handle_command(std::string_view body);
  bool handle_edit(std::string_view body);
  ReplyStatus execute(const CommandMessage& message, ReplyWriter& reply);
  void run(const CommandRow& row, ReplyWriter& reply);
  LargeBytes take(std::string_view bytes) override;
  void refuse(const std::string& reason);

  std::unique_ptr<Stream> stream_;
  Node& node_;
  PeerSessionHost& host_;
  Executor executor_;
  ClientState client_;  // for the slow log
  FrameParser parser_;
  std::vector<std::string_view> args_;
  std::uint64_t link_ = 0;
  std::uint64_t link_generation_ = 0;
  TopologyVersion peer_version_;
  TopologyVersion shown_version_;
  TopologyVersion sent_version_;     // the newest that a command on this link was sent by
  std::set<std::uint64_t> bounced_;  // clients of whom a command of that version was bounced: see execute()
  MonoTime mark_{};
  bool in_line_ = false;  // for a share of a later turn
  bool taken_ = false;    // the frame that is being handled, with its memory
  bool greeted_ = false;
  bool finishing_ = false;
  bool closing_ = false;
  bool gone_ = false;
};

}  // namespace ringhold

// RespSession: one client connection that speaks RESP, alike at the proxy and at a data server. One that
// speaks HTTP is an HttpStream to it, which speaks RESP too.
//
// It owns the stream, parses requests, checks arity and role, answers the commands that concern the
// connection itself, keeps replies in order, and stops reading while the client does not take its replies.
// What a command means is the derived class's business: execute().
//
// Life: created for an accepted stream; on_closed() tells the owner (SessionOwner), which destroys it by
// Scheduler::defer, never inside one of its callbacks. It lives on the stream's loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/command/command_table.h"
#include "common/http/http_stream.h"
#include "common/reactor/world.h"
#include "common/resp/reply_source.h"
#include "common/resp/reply_writer.h"
#include "common/resp/request_parser.h"
#include "common/session/authenticator.h"
#include "common/session/client_state.h"
#include "common/session/connection_commands.h"
#include "common/session/reply_queue.h"
#include "common/session/slowlog.h"
#include "common/session/stats.h"
#include "common/session/turn_share.h"

namespace ringhold {

class RespSession;
using Args = std::span<const std::string_view>;

// What all sessions of one loop share; outlives them.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual void on_session_closed(RespSession& session) = 0;
};

struct SessionEnvironment {
  World& world;
  const Authenticator& authenticator;
  const ServerIdentity& identity;
  ServerStats& stats;
  Slowlog& slowlog;
  TurnShare& turns;
  SessionOwner& owner;
  std::string_view front_page;  // for HTTP: an HTML document for "/", or empty
};

class RespSession : public StreamHandler, private TurnShare::Waiter {
 public:
  RespSession(std::uint64_t id, const Address& local, std::unique_ptr<Stream> stream,
              const SessionEnvironment& environment);
  ~RespSession() override;
  RespSession(const RespSession&) = delete;
  RespSession& operator=(const RespSession&) = delete;

  const ClientState& client() const { return client_; }
  // With its buffer figures brought up to date, for CLIENT LIST.
  ClientState snapshot();

  // Executes what has arrived. Called once after construction, by whoever accepted the stream.
  void start() { process(); }
  // No more requests are read; closes when the replies that are due have left, a slow one within
  // limits::kCloseTimeout.
  void finish();
  // Closes without waiting for anything (CLIENT KILL).
  void kill();
  // Tells the stream what a reply that is being written slowly holds by now; to be called now and then.
  void note_held();
  // Changed by CONFIG SET at run time.
  void set_bulk_bytes_max(std::size_t bytes_max);

  // on_input, on_drained, on_closed: see Stream.
  void on_input() override { process(); }
  void on_drained() override { process(); }
  void on_closed(const Error& why) override;

 protected:
  using Ticket = ReplyQueue::Ticket;

  // Answers a command of any routing but kConnection: writes one reply to `reply`, or calls defer() first and
  // later complete() with the ticket. `args` are views that die when this returns.
  virtual void execute(const CommandRow& row, Args args) = 0;
  // The stream is gone: whatever was deferred has nobody to go to.
  virtual void on_gone() = 0;
  // True while too much of this client's work is under way elsewhere: no more requests are read. Whoever
  // makes it false calls proceed().
  virtual bool overloaded() const { return false; }
  // True if this command cannot be executed for now: it, and what follows it, waits in the input. Whoever
  // makes it false calls proceed().
  virtual bool must_wait(const CommandRow& /*row*/) { return false; }

  // Within execute(): where the reply goes that is written at once. To be called once.
  ReplyWriter reply();
  // Within execute(): whether the reply may be written slowly. Then, instead of writing to what reply()
  // returned, reply_slowly() may be called; the client's next command waits until all of it has left.
  bool may_reply_slowly() const;
  void reply_slowly(std::unique_ptr<ReplySource> source);
  // Within execute(): the memory that an argument lies in, if it can be handed on.
  LargeBytes take_argument(std::string_view argument);
  // Within execute(): the reply comes later.
  Ticket defer();
  void complete(Ticket ticket, std::string_view reply);
  // Before complete(): whether the command has taken long enough for the slow log. Then whoever still has its
  // arguments gives them to record_slow(); without any, the log shows the name alone.
  bool was_slow(Ticket ticket) const;
  void record_slow(Ticket ticket, Args args);
  // Requests that follow wait in the input until release(). Calls nest.
  void hold() { ++holds_; }
  void release();
  // Looks again at whether requests may be executed.
  void proceed() { process(); }

  // Within execute(): DEBUG SLEEP and SHUTDOWN, alike at both kinds of process.
  void sleep(Args args);
  void shut_down(Args args, const std::function<void()>& on_request);

  ClientState& mutable_client() { return client_; }
  const SessionEnvironment& environment() const { return environment_; }
  World& world() const { return environment_.world; }

 private:
  void on_share() override;
  void speak_http();
  // False: that cannot be told yet.
  bool knows_protocol();
  void stand_in_line();
  void process();
  void execute_received();
  // How many commands may wait for replies: fewer when this client's replies are large.
  std::size_t in_flight_max() const;
  bool blocked() const;
  // False if the command has to wait.
  bool handle(Args args);
  void dispatch(const CommandRow& row, Args args);
  bool admit(const CommandRow& row);
  void refuse(const CommandRow* row, std::string_view error);
  void settle_reply();
  void advance_reply_mode();
  void fail_protocol();
  void write_slow_reply();
  void close_if_done();
  void apply_limits();
  void measure_buffers();
  std::int64_t usec_since(MonoTime then) const;

  SessionEnvironment environment_;
  std::unique_ptr<Stream> stream_;
  HttpStream* http_ = nullptr;  // stream_, if it is one
  ClientState client_;
  RequestParser parser_;
  ReplyQueue replies_;
  std::vector<std::string_view> rewritten_;  // the full form of a short form
  // How large this client's deferred replies are expected to be: as the largest at once, less only slowly.
  std::size_t reply_bytes_expected_ = limits::kReplyBytesExpected;
  std::size_t bulk_bytes_max_ = limits::kBulkBytesMax;
  ByteBuffer* reply_buffer_ =
      nullptr;                   // where the current command's reply goes; null: nowhere yet, or deferred
  std::size_t reply_start_ = 0;  // its offset there
  std::unique_ptr<ReplySource> slow_reply_;
  MonoTime mark_{};                      // when the current command's time began
  std::unique_ptr<Timer> sleep_timer_;   // DEBUG SLEEP
  std::unique_ptr<Timer> finish_timer_;  // the time that a slow reply has left
  int holds_ = 0;
  bool taken_ = false;    // the request that is being executed, with its memory
  bool in_line_ = false;  // for a share of a later turn
  bool processing_ = false;
  bool waiting_ = false;    // the next command must_wait()
  bool paused_ = false;     // reading, because of blocked()
  bool finishing_ = false;  // no more requests; close when all is answered
  bool closing_ = false;    // close() or abort() was called
  bool gone_ = false;
  bool protocol_known_ = false;  // RESP or HTTP
};

}  // namespace ringhold

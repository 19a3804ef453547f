// HttpStream: a stream that speaks HTTP outside and RESP inside.
//
// To the session that owns it, it is a client that speaks RESP: each HTTP request becomes one command in
// input(), and the reply that the session writes to output() becomes the response. So everything that a
// session does (roles, limits, order, routing, the slow log, back-pressure, large replies in pieces) holds
// for HTTP as it is, and nothing else knows of HTTP. One request is under way at a time; what a client sends
// ahead waits.
//
//   request head ─▶ plan ─▶ (AUTH ─▶ its reply) ─▶ body ─▶ session ─▶ reply ─▶ response ─▶ the next request
//                     └▶ answered at once
//
// Owned by its session, lives on the loop of the stream that it wraps.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/plan.h"
#include "common/http/reply_translator.h"
#include "common/http/request_parser.h"
#include "common/reactor/world.h"

namespace ringhold {

struct HttpOptions {
  std::string_view front_page;  // HTML for "/"; empty: a list of the paths. Outlives the stream
  std::size_t body_bytes_max = limits::kBulkBytesMax;
};

class HttpStream final : public Stream, private StreamHandler {
 public:
  // What `outer` has received stays to be read.
  HttpStream(World& world, std::unique_ptr<Stream> outer, const HttpOptions& options);
  ~HttpStream() override;

  void set_handler(StreamHandler* handler) override { handler_ = handler; }
  const PeerInfo& peer() const override { return outer_->peer(); }
  void flush() override;
  std::size_t unsent() const override;
  void pause_reading() override;
  void resume_reading() override;
  void close() override;
  void abort() override { outer_->abort(); }

  void set_body_bytes_max(std::size_t bytes_max) { options_.body_bytes_max = bytes_max; }
  // Reads, later in this turn, what has arrived already.
  void start();

 private:
  enum class State : std::uint8_t {
    kHead,            // reads a request's head
    kAuthenticating,  // waits for the reply to AUTH or RESET
    kBody,            // passes a body on
    kSkipping,        // reads a body that nobody wants; the answer has been written
    kReplying,        // waits for the command's reply
    kEnd,             // the connection ends: nothing more is read
  };

  void on_input() override;
  void on_drained() override;
  void on_closed(const Error& why) override;

  void note_high();
  void tell_drained();
  void run();
  bool step();  // false: nothing more can be done for now
  bool read_request();
  void take_head();
  void carry_out();
  void refuse_and_skip(const HttpAnswer& answer);
  std::optional<HttpAnswer> authenticate();
  std::optional<HttpAnswer> refusal_of_stranger() const;
  void begin_body();
  void begin_command(ByteBuffer& out, std::uint64_t body_bytes) const;
  void take_chunks();
  void take_body(std::string_view piece);
  void finish_request();
  void give_to_session();
  bool translate();
  bool translate_authentication();
  void finish_response();
  void fail(int status, std::string_view what);
  ResponseContext context(bool close) const;
  bool wants_close() const;
  void end_if_written();
  void update_outer();
  std::optional<std::chrono::microseconds> patience() const;
  void watch_time();
  void on_time();

  World& world_;
  std::unique_ptr<Stream> outer_;
  HttpOptions options_;
  StreamHandler* handler_ = nullptr;
  HttpRequestParser parser_;
  ReplyTranslator translator_;
  HttpPlan plan_;
  State state_ = State::kHead;
  std::string authorization_;  // that the session goes by; empty: the certificate alone
  std::string asked_;          // ... that it is being asked to go by
  ByteBuffer chunks_;          // a body of unknown length, until it is whole
  std::unique_ptr<Timer> timer_;
  MonoTime wakes_at_{};                                    // when it fires
  MonoTime progress_at_{};                                 // when the client last did what it has to do
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // shared with what runs later
  bool running_ = false;
  bool session_paused_ = false;
  bool was_high_ = false;      // the session has seen unsent() above its mark: on_drained is due
  bool closing_ = false;       // the session wants it closed
  bool outer_closed_ = false;  // close() was called
  bool outer_paused_ = false;
  bool gone_ = false;
};

}  // namespace ringhold

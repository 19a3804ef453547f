#include "common/session/resp_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/log.h"
#include "common/session/shutdown_arguments.h"

namespace ringhold {

RespSession::RespSession(std::uint64_t id, const Address& local, std::unique_ptr<Stream> stream,
                         const SessionEnvironment& environment)
    : environment_(environment), stream_(std::move(stream)) {
  const PeerInfo& peer = stream_->peer();
  client_.id = id;
  client_.address = peer.address;
  client_.local_address = local;
  client_.certificate_role = peer.role;
  client_.role = peer.role;
  client_.connected_at = client_.last_active_at = world().clock.turn_time();
  environment_.stats.record_connection();
  apply_limits();
  if (peer.protocol == Protocol::kHttp) {
    speak_http();
  } else {
    protocol_known_ = peer.protocol_chosen;
    stream_->set_handler(this);
  }
}

RespSession::~RespSession() {
  if (in_line_) environment_.turns.leave(*this);
}

ClientState RespSession::snapshot() {
  measure_buffers();
  return client_;
}

void RespSession::measure_buffers() {
  client_.input_bytes = stream_->input().size();
  client_.output_bytes = stream_->unsent() + replies_.bytes();
}

void RespSession::set_bulk_bytes_max(std::size_t bytes_max) {
  bulk_bytes_max_ = bytes_max;
  if (http_ != nullptr) http_->set_body_bytes_max(bytes_max);
  apply_limits();
}

// Before it has authenticated, a client may send just enough for AUTH and HELLO.
void RespSession::apply_limits() {
  if (client_.role == Role::kNone) {
    parser_.set_limits(RequestLimits::before_auth());
  } else {
    parser_.set_limits({.bulk_bytes_max = bulk_bytes_max_});
  }
}

void RespSession::finish() {
  finishing_ = true;
  process();
}

void RespSession::kill() {
  if (gone_ || closing_) return;
  closing_ = true;
  stream_->abort();
}

void RespSession::on_closed(const Error& why) {
  log::debug("client {} id={} closed: {}", client_.address.text(), client_.id, why.message);
  gone_ = true;
  on_gone();
  replies_.clear();
  slow_reply_.reset();
  environment_.owner.on_session_closed(*this);
}

bool RespSession::blocked() const {
  return gone_ || closing_ || client_.close_after_reply || holds_ > 0 || overloaded() || waiting_ ||
         slow_reply_ != nullptr || in_line_ || replies_.size() >= in_flight_max() ||
         replies_.bytes() > limits::kOutputHighBytes || stream_->unsent() > limits::kOutputHighBytes;
}

std::size_t RespSession::in_flight_max() const {
  const std::size_t fitting = limits::kInFlightBytesMax / std::max<std::size_t>(reply_bytes_expected_, 1);
  return std::clamp<std::size_t>(fitting, 1, limits::kInFlightCommandsMax);
}

void RespSession::process() {
  if (processing_ || gone_) return;
  processing_ = true;
  waiting_ = false;
  write_slow_reply();
  execute_received();
  processing_ = false;
  if (gone_ || closing_) return;
  if (finishing_ && slow_reply_ != nullptr && finish_timer_ == nullptr) {
    finish_timer_ = world().scheduler.make_timer([this] { kill(); });
    finish_timer_->start(limits::kCloseTimeout);
  }
  paused_ = finishing_ || blocked();
  if (paused_) {
    stream_->pause_reading();
  } else {
    stream_->resume_reading();
  }
  if (!stream_->output().empty()) stream_->flush();
  close_if_done();
}

void RespSession::stand_in_line() {
  if (in_line_ || (stream_->input().empty() && slow_reply_ == nullptr)) return;
  in_line_ = true;
  environment_.turns.wait(*this);
}

void RespSession::on_share() {
  in_line_ = false;
  process();
}

void RespSession::speak_http() {
  protocol_known_ = true;
  const HttpOptions options{environment_.front_page, bulk_bytes_max_};
  auto http = std::make_unique<HttpStream>(environment_.world, std::move(stream_), options);
  http_ = http.get();
  stream_ = std::move(http);
  stream_->set_handler(this);
  http_->start();
}

// A client that has not said by ALPN what it speaks shows it by its first line.
bool RespSession::knows_protocol() {
  if (protocol_known_) return true;
  const std::optional<bool> http = looks_like_http(stream_->input().view());
  if (!http) return false;
  protocol_known_ = true;
  if (*http) speak_http();
  return !*http;
}

void RespSession::execute_received() {
  mark_ = world().clock.now();
  while (!blocked()) {
    if (environment_.turns.over(mark_)) return stand_in_line();
    const std::string_view input = stream_->input().view();
    if (input.empty()) {
      parser_.release_memory();
      return;
    }
    if (!knows_protocol()) return;
    switch (parser_.next(input)) {
      case RequestParser::Status::kNeedMore:
        return;
      case RequestParser::Status::kError:
        fail_protocol();
        return;
      case RequestParser::Status::kRequest:
        break;
    }
    const std::size_t consumed = parser_.consumed();
    if (!parser_.args().empty() && !handle(parser_.args())) {
      waiting_ = true;
      return;
    }
    environment_.stats.record_input(consumed);
    stream_->input().consume(std::exchange(taken_, false) ? 0 : consumed);
    write_slow_reply();
  }
}

bool RespSession::handle(Args args) {
  const CommandLookup found = find_command(args);
  if (found.row != nullptr && must_wait(*found.row)) return false;
  client_.last_active_at = world().clock.turn_time();
  ++client_.commands;
  reply_buffer_ = nullptr;
  if (found.row == nullptr) {
    refuse(found.rejected, found.error);
  } else if (admit(*found.row)) {
    if (!found.row->rewrite.empty()) {
      rewrite_short_form(*found.row, args, rewritten_);
      const CommandLookup full = find_command(rewritten_);
      INVARIANT(full.row != nullptr);
      dispatch(*full.row, rewritten_);
    } else {
      dispatch(*found.row, args);
    }
  }
  advance_reply_mode();
  return true;
}

// Whether this client may use the command at all.
bool RespSession::admit(const CommandRow& row) {
  if (client_.role == Role::kNone && !row.has(kNoAuth)) {
    refuse(&row, "NOAUTH Authentication required.");
    return false;
  }
  if (client_.role < row.role && !row.has(kNoAuth)) {
    log::warn("refused '{}' from {} ({}): it needs the role {}, this client has {}", row.name,
              client_.address.text(), stream_->peer().common_name, role_name(row.role),
              role_name(client_.role));
    refuse(&row, fmt::format("NOPERM '{}' needs the role {}; this connection has the role {}", row.name,
                             role_name(row.role), role_name(client_.role)));
    return false;
  }
  return true;
}

void RespSession::dispatch(const CommandRow& row, Args args) {
  client_.last_command = &row;
  if (row.routing == Routing::kConnection) {
    const Role role_before = client_.role;
    if (row.id == CommandId::kClientInfo) measure_buffers();
    ReplyWriter writer = reply();
    ConnectionContext context{row,
                              args,
                              writer,
                              client_,
                              environment_.authenticator,
                              environment_.identity,
                              client_.last_active_at};
    execute_connection_command(context);
    if (client_.role != role_before) apply_limits();
  } else {
    execute(row, args);
  }
  const MonoTime now = world().clock.now();
  const auto usec = (now - mark_).count();
  mark_ = now;
  if (reply_buffer_ == nullptr) return;  // deferred
  environment_.stats.record_call(row.id, static_cast<std::uint64_t>(usec),
                                 reply_buffer_->view().substr(reply_start_));
  if (environment_.slowlog.is_slow(usec)) {
    environment_.slowlog.record(row, args, usec, world().clock.wall_ms(), client_);
  }
  settle_reply();
}

void RespSession::refuse(const CommandRow* row, std::string_view error) {
  mark_ = world().clock.now();
  environment_.stats.record_rejected(row, error);
  reply().error(error);
  settle_reply();
}

ReplyWriter RespSession::reply() {
  INVARIANT(reply_buffer_ == nullptr);
  reply_buffer_ = replies_.empty() ? &stream_->output() : &replies_.push_ready();
  reply_start_ = reply_buffer_->size();
  return {*reply_buffer_, client_.version};
}

bool RespSession::may_reply_slowly() const {
  return replies_.empty() && client_.reply_mode == ReplyMode::kOn;
}

void RespSession::reply_slowly(std::unique_ptr<ReplySource> source) {
  INVARIANT(reply_buffer_ == &stream_->output() && slow_reply_ == nullptr);
  slow_reply_ = std::move(source);
}

// Until the stream has enough to tell when it has sent most of that (on_drained).
void RespSession::write_slow_reply() {
  if (slow_reply_ == nullptr) return;
  ByteBuffer& out = stream_->output();
  ReplyWriter writer(out, client_.version);
  while (slow_reply_ != nullptr && stream_->unsent() <= limits::kOutputHighBytes && !in_line_) {
    if (environment_.turns.over()) return stand_in_line();
    const std::size_t before = out.size();
    if (!slow_reply_->write_some(writer, limits::kSlowReplyPieceBytes)) slow_reply_.reset();
    environment_.stats.record_output(out.size() - before);
  }
  note_held();
}

void RespSession::note_held() {
  const std::size_t held = replies_.bytes() + (slow_reply_ != nullptr ? slow_reply_->held() : 0);
  if (held == stream_->held() || gone_ || closing_) return;
  stream_->set_held(held);
  stream_->flush();
}

LargeBytes RespSession::take_argument(std::string_view argument) {
  LargeBytes memory = stream_->input().take(argument, parser_.consumed());
  taken_ = taken_ || !memory.empty();
  return memory;
}

RespSession::Ticket RespSession::defer() {
  const bool muted = client_.reply_mode == ReplyMode::kOff || client_.reply_mode == ReplyMode::kSkipThis;
  return replies_.push({client_.last_command, world().clock.turn_time(), muted});
}

// The current reply is complete: drop it if the client did not want it.
void RespSession::settle_reply() {
  if (client_.reply_mode != ReplyMode::kOn) reply_buffer_->truncate(reply_start_);
  environment_.stats.record_output(reply_buffer_->size() - reply_start_);
  if (reply_buffer_ != &stream_->output()) {
    replies_.settle();
    stream_->set_held(replies_.bytes());
  }
}

// CLIENT REPLY SKIP silences itself and the one command after it.
void RespSession::advance_reply_mode() {
  if (client_.reply_mode == ReplyMode::kSkipNext) {
    client_.reply_mode = ReplyMode::kSkipThis;
  } else if (client_.reply_mode == ReplyMode::kSkipThis) {
    client_.reply_mode = ReplyMode::kOn;
  }
}

void RespSession::complete(Ticket ticket, std::string_view reply) {
  if (gone_ || closing_) return;
  const ReplyQueue::Waiting command = replies_.complete(ticket, reply, stream_->output());
  reply_bytes_expected_ = std::max(reply.size(), (reply_bytes_expected_ * 7 + reply.size()) / 8);
  stream_->set_held(replies_.bytes());
  const std::int64_t usec = usec_since(command.since);
  environment_.stats.record_call(command.row->id, static_cast<std::uint64_t>(usec), reply);
  environment_.stats.record_output(reply.size());
  if (processing_) return;
  if (!stream_->output().empty() || replies_.bytes() > limits::kOutputLowBytes) stream_->flush();
  // A paused stream may have nothing in its input and much behind it.
  if (finishing_ || client_.close_after_reply || paused_ || !stream_->input().empty()) process();
}

std::int64_t RespSession::usec_since(MonoTime then) const {
  return (world().clock.turn_time() - then).count();
}

bool RespSession::was_slow(Ticket ticket) const {
  if (gone_ || closing_) return false;
  return environment_.slowlog.is_slow(usec_since(replies_.waiting(ticket).since));
}

void RespSession::record_slow(Ticket ticket, Args args) {
  const ReplyQueue::Waiting& command = replies_.waiting(ticket);
  const std::string_view name_alone[] = {command.row->name, "..."};
  if (args.empty()) args = name_alone;
  environment_.slowlog.record(*command.row, args, usec_since(command.since), world().clock.wall_ms(),
                              client_);
}

void RespSession::release() {
  INVARIANT(holds_ > 0);
  --holds_;
  process();
}

// This connection sleeps; others are served, unlike in Redis, where DEBUG SLEEP stops everybody.
void RespSession::sleep(Args args) {
  const Result<std::chrono::microseconds> duration = parse_sleep(args);
  if (!duration) {
    reply().error(duration.error().message);
    return;
  }
  const Ticket ticket = defer();
  hold();
  sleep_timer_ = world().scheduler.make_timer([this, ticket, seconds = std::string(args[2])] {
    const std::string_view slept[] = {"debug", "sleep", seconds};
    if (was_slow(ticket)) record_slow(ticket, slept);
    complete(ticket, "+OK\r\n");
    release();
  });
  sleep_timer_->start(*duration);
}

// As in Redis there is no reply: the connection closes when the process has stopped.
void RespSession::shut_down(Args args, const std::function<void()>& on_request) {
  if (const Result<void> understood = check_shutdown_arguments(args); !understood) {
    reply().error(understood.error().message);
    return;
  }
  log::info("SHUTDOWN by {}", client_.address.text());
  reply();
  client_.close_after_reply = true;
  if (on_request) world().scheduler.defer(on_request);
}

void RespSession::fail_protocol() {
  log::info("client {} id={}: {}; closing", client_.address.text(), client_.id, parser_.error());
  reply_buffer_ = nullptr;
  environment_.stats.record_error(parser_.error());
  reply().error(parser_.error());
  if (reply_buffer_ != &stream_->output()) replies_.settle();
  client_.close_after_reply = true;
}

void RespSession::close_if_done() {
  if (!finishing_ && !client_.close_after_reply) return;
  if (!replies_.empty() || slow_reply_ != nullptr || closing_) return;
  // A finishing session answers what it has received in full, unless its client does not take the replies;
  // the rest of a request will not come any more.
  const bool client_is_slow = stream_->unsent() > limits::kOutputHighBytes;
  if (!client_.close_after_reply && blocked() && !client_is_slow) return;
  closing_ = true;
  stream_->close();
}

}  // namespace ringhold

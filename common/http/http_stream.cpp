#include "common/http/http_stream.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/json_text.h"
#include "common/base/text.h"

namespace ringhold {

namespace {

// In front of a body that comes in chunks: for the words of its command, unless the key is long.
constexpr std::size_t kRoomForCommand = 512;

void append_bulk(ByteBuffer& out, std::string_view bytes) {
  out.append(fmt::format("${}\r\n", bytes.size()));
  out.append(bytes);
  out.append("\r\n");
}

void append_command(ByteBuffer& out, const std::vector<std::string>& words) {
  out.append(fmt::format("*{}\r\n", words.size()));
  for (const std::string& word : words) append_bulk(out, word);
}

// "Basic BASE64(user:password)" as AUTH's arguments.
std::optional<std::vector<std::string>> auth_command(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!equals_ignore_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto plain = base64_decoded(authorization.substr(kScheme.size()));
  const std::size_t colon = plain ? plain->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  if (plain->size() > limits::kUnauthenticatedBulkBytesMax) return std::nullopt;
  const std::string user = plain->substr(0, colon);
  return std::vector<std::string>{"AUTH", user.empty() ? "default" : user, plain->substr(colon + 1)};
}

}  // namespace

HttpStream::HttpStream(World& world, std::unique_ptr<Stream> outer, const HttpOptions& options)
    : world_(world),
      outer_(std::move(outer)),
      options_(options),
      timer_(world.scheduler.make_timer([this] { on_time(); })),
      progress_at_(world.clock.turn_time()) {
  outer_->set_handler(this);
  // Whoever had it may have paused it, and what is paused from here on is known here.
  outer_->resume_reading();
  watch_time();
}

HttpStream::~HttpStream() = default;

// --- the outer stream's callbacks ---

void HttpStream::on_input() {
  run();
}

void HttpStream::on_drained() {
  run();
}

void HttpStream::on_closed(const Error& why) {
  gone_ = true;
  timer_->stop();
  handler_->on_closed(why);
}

// --- the session's calls ---

// A part of what the outer stream has counts only while it is so much that the outer stream will say when it
// has drained: the session would wait for a word that nobody gives.
std::size_t HttpStream::unsent() const {
  const std::size_t outside = outer_->unsent();
  return output_.size() + (outside > limits::kOutputHighBytes ? outside : 0);
}

// The session has written replies. Within run() that is seen when the session returns.
void HttpStream::flush() {
  note_high();
  if (!running_) run();
}

void HttpStream::pause_reading() {
  note_high();
  session_paused_ = true;
}

// The session goes by unsent(), and counts on on_drained from here on, though all of it may leave at once.
void HttpStream::note_high() {
  if (unsent() > limits::kOutputHighBytes) was_high_ = true;
}

// Later in this turn: the session may be in the middle of writing.
void HttpStream::tell_drained() {
  if (!was_high_ || closing_ || unsent() > limits::kOutputLowBytes) return;
  was_high_ = false;
  world_.scheduler.defer([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired() && !gone_) handler_->on_drained();
  });
}

void HttpStream::resume_reading() {
  if (std::exchange(session_paused_, false) && !running_) start();
}

void HttpStream::start() {
  world_.scheduler.defer([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) run();
  });
}

void HttpStream::close() {
  if (std::exchange(closing_, true)) return;
  const bool has_reply = state_ == State::kAuthenticating && !output().empty();
  if (state_ != State::kReplying && !has_reply) state_ = State::kEnd;
  progress_at_ = world_.clock.turn_time();
  run();
}

// --- the life of a request ---

void HttpStream::run() {
  if (running_ || gone_ || outer_closed_) return;
  running_ = true;
  while (!gone_ && step()) {
  }
  running_ = false;
  if (gone_) return;
  end_if_written();
  update_outer();
  if (outer_closed_) return;
  watch_time();
  tell_drained();
}

bool HttpStream::step() {
  if (outer_->unsent() > limits::kOutputHighBytes) return false;
  switch (state_) {
    case State::kHead:
    case State::kBody:
    case State::kSkipping:
      return read_request();
    case State::kAuthenticating:
      return translate_authentication();
    case State::kReplying:
      return translate();
    case State::kEnd:
      return false;
  }
  return false;
}

bool HttpStream::read_request() {
  // A session that is busy with something else takes no body either.
  if (state_ == State::kBody && session_paused_ && input().size() > limits::kHttpAheadBytesMax) return false;
  const std::string_view received = outer_->input().view();
  if (received.empty() && parser_.needs_input()) return false;
  if (state_ != State::kHead || parser_.at_start()) progress_at_ = world_.clock.turn_time();
  const auto step = parser_.next(received, [this](std::string_view piece) { take_body(piece); });
  if (step.status == HttpRequestParser::Status::kError) {
    fail(parser_.error_status(), parser_.error());
    return false;
  }
  outer_->input().consume(step.consumed);
  if (step.status == HttpRequestParser::Status::kHead) take_head();
  if (step.status == HttpRequestParser::Status::kFinished) finish_request();
  return step.status != HttpRequestParser::Status::kNeedMore;
}

void HttpStream::take_head() {
  const HttpRequest& request = parser_.request();
  plan_ = plan_request(request, options_.front_page);
  const bool is_refused = !plan_.is_command && plan_.answer.status >= 400;
  if (is_refused || !plan_.needs_role) return carry_out();
  if (const auto refused = authenticate()) return refuse_and_skip(*refused);
  if (state_ != State::kAuthenticating) carry_out();
}

// The client may do what it asks for.
void HttpStream::carry_out() {
  if (!plan_.is_command) return refuse_and_skip(plan_.answer);
  const std::size_t bytes_max = plan_.takes_body ? options_.body_bytes_max : limits::kHttpSkippedBytesMax;
  const std::uint64_t announced = parser_.request().content_length.value_or(0);
  if (announced > bytes_max) {
    return refuse_and_skip(refusal(
        413, fmt::format("the body has {} bytes; {} are the most that is taken here", announced, bytes_max)));
  }
  parser_.set_body_bytes_max(bytes_max);
  begin_body();
}

// The answer goes out first; a short body behind the request is read to its end, a long one, or one of
// unknown length, ends the connection.
void HttpStream::refuse_and_skip(const HttpAnswer& what) {
  const HttpRequest& request = parser_.request();
  const bool has_long_body = request.chunked ||
                             request.content_length.value_or(0) > limits::kHttpSkippedBytesMax ||
                             (request.has("expect") && request.content_length.value_or(0) > 0);
  write_answer(outer_->output(), what, context(has_long_body || wants_close()));
  state_ = has_long_body ? State::kEnd : State::kSkipping;
}

// The answer, if this client may not go on.
std::optional<HttpAnswer> HttpStream::authenticate() {
  asked_ = parser_.request().field("authorization");
  if (asked_ != authorization_) {
    auto command = asked_.empty() ? std::vector<std::string>{"RESET"} : auth_command(asked_);
    if (!command)
      return refusal(401, "the authorization must be Basic, of user:password, and not longer than 16 KB");
    append_command(input(), *command);
    state_ = State::kAuthenticating;
    give_to_session();
    return std::nullopt;
  }
  return refusal_of_stranger();
}

std::optional<HttpAnswer> HttpStream::refusal_of_stranger() const {
  if (peer().role != Role::kNone || !authorization_.empty()) return std::nullopt;
  return refusal(401, "authenticate: with a client certificate, or a user and password (Basic)");
}

bool HttpStream::translate_authentication() {
  const std::string_view reply = output().view();
  const std::size_t end = reply.find("\r\n");
  if (end == std::string_view::npos) return false;
  const std::string text(reply.substr(0, end));
  output().consume(end + 2);
  if (text.starts_with('-')) {
    refuse_and_skip(refusal(401, std::string_view(text).substr(1)));
    return true;
  }
  authorization_ = asked_;
  if (const auto refused = refusal_of_stranger()) {
    refuse_and_skip(*refused);
  } else {
    carry_out();
  }
  return true;
}

void HttpStream::begin_body() {
  const HttpRequest& request = parser_.request();
  state_ = State::kBody;
  const bool has_body = request.chunked || request.content_length.value_or(0) > 0;
  if (has_body && request.minor_version > 0 && request.has("expect")) {
    outer_->output().append("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (!plan_.takes_body) return;
  if (request.chunked) {
    chunks_.prepare(kRoomForCommand);
    chunks_.commit(kRoomForCommand);
  } else {
    begin_command(input(), request.content_length.value_or(0));
  }
}

void HttpStream::take_body(std::string_view piece) {
  if (state_ != State::kBody || !plan_.takes_body) return;
  (parser_.request().chunked ? chunks_ : input()).append(piece);
}

// The command but for its last words, up to where the bytes of the body begin.
void HttpStream::begin_command(ByteBuffer& out, std::uint64_t body_bytes) const {
  out.append(fmt::format("*{}\r\n", plan_.before.size() + 1 + plan_.after.size()));
  for (const std::string& word : plan_.before) append_bulk(out, word);
  out.append(fmt::format("${}\r\n", body_bytes));
}

// A body that has come in chunks becomes the session's input as it is: its command is written in front of it,
// into the room that was left there.
void HttpStream::take_chunks() {
  ByteBuffer head;
  begin_command(head, chunks_.size() - kRoomForCommand);
  if (head.size() > kRoomForCommand || !input().empty()) {
    input().append(head.view());
    input().append(chunks_.view().substr(kRoomForCommand));
    chunks_ = ByteBuffer();
    return;
  }
  chunks_.consume(kRoomForCommand - head.size());
  head.view().copy(chunks_.data_at(0), head.size());
  input() = std::exchange(chunks_, ByteBuffer());
}

void HttpStream::finish_request() {
  if (state_ == State::kSkipping) return finish_response();
  state_ = State::kReplying;
  if (!plan_.takes_body) {
    append_command(input(), plan_.before);
  } else {
    if (parser_.request().chunked) take_chunks();
    input().append("\r\n");
    for (const std::string& word : plan_.after) append_bulk(input(), word);
  }
  translator_.begin(plan_.form, context(wants_close()));
  give_to_session();
}

void HttpStream::give_to_session() {
  if (!session_paused_) handler_->on_input();
}

// From the reply to the response, as far as there is reply and room.
bool HttpStream::translate() {
  if (output().empty()) return false;
  const auto progress = translator_.step(output(), outer_->output(), limits::kSlowReplyPieceBytes);
  progress_at_ = world_.clock.turn_time();
  if (progress == ReplyTranslator::Progress::kNeedMore) return false;
  if (progress == ReplyTranslator::Progress::kDone) {
    output().release_if_empty();
    finish_response();
  }
  return true;
}

void HttpStream::finish_response() {
  progress_at_ = world_.clock.turn_time();
  const bool ends = wants_close() || closing_ || translator_.must_close();
  state_ = ends ? State::kEnd : State::kHead;
  // An idle connection holds nothing.
  parser_.forget();
  plan_ = {};
  asked_.clear();
}

// --- the end ---

// What cannot be understood has no end that could be found: the connection ends behind the answer.
void HttpStream::fail(int status, std::string_view what) {
  state_ = State::kEnd;
  write_answer(outer_->output(), refusal(status, what), context(true));
}

ResponseContext HttpStream::context(bool close) const {
  const HttpRequest& request = parser_.request();
  return {.minor_version = request.minor_version,
          .is_head = request.method == "HEAD",
          .close = close,
          .wall_ms = world_.clock.wall_ms()};
}

bool HttpStream::wants_close() const {
  return !parser_.request().keep_alive;
}

void HttpStream::end_if_written() {
  const bool answered = state_ == State::kEnd || (closing_ && output().empty());
  if (!answered || outer_closed_) return;
  outer_closed_ = true;
  timer_->stop();
  outer_->close();
}

void HttpStream::update_outer() {
  if (outer_closed_) return;
  outer_->set_held(held() + input().size() + output().size() + chunks_.size() + parser_.held());
  const bool waits_for_session = state_ == State::kReplying || state_ == State::kAuthenticating ||
                                 (state_ == State::kBody && session_paused_);
  const bool pause = state_ == State::kEnd || outer_->unsent() > limits::kOutputHighBytes ||
                     (waits_for_session && outer_->input().size() > limits::kHttpAheadBytesMax);
  if (pause != std::exchange(outer_paused_, pause)) {
    pause ? outer_->pause_reading() : outer_->resume_reading();
  }
  outer_->flush();
}

// How long the client may do nothing; none while it is waiting for us.
std::optional<std::chrono::microseconds> HttpStream::patience() const {
  if (closing_) return limits::kCloseTimeout;
  if (state_ == State::kHead && parser_.at_start()) return limits::kHttpIdleTimeout;
  if (state_ == State::kReplying || state_ == State::kAuthenticating || session_paused_) return std::nullopt;
  return limits::kHttpRequestTimeout;
}

// The timer is moved only if it would come too late; else it looks again when it fires.
void HttpStream::watch_time() {
  const auto limit = patience();
  if (!limit) return;
  const MonoTime due = progress_at_ + *limit;
  if (timer_->active() && wakes_at_ <= due) return;
  wakes_at_ = due;
  timer_->start(std::max(due - world_.clock.turn_time(), std::chrono::microseconds(0)));
}

void HttpStream::on_time() {
  const auto limit = patience();
  if (limit && world_.clock.turn_time() - progress_at_ >= *limit) {
    if (closing_) {
      outer_->abort();
      return;
    }
    if (state_ == State::kHead && parser_.at_start()) {
      state_ = State::kEnd;
    } else {
      fail(408, fmt::format("the request stood still for {} s", limits::kHttpRequestTimeout.count()));
    }
    run();
  }
  if (!outer_closed_) watch_time();
}

}  // namespace ringhold

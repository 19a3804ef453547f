// Bytes between the kernel, the TLS session and the two buffers of the user.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/net/stream_core.h"
#include "common/net/uv_stream.h"
#include "common/net/write_request.h"

namespace ringhold {

namespace {

// After a failed write: how long the read side has to tell why (an alert that is still in the socket).
constexpr auto kLastWordsTimeout = std::chrono::milliseconds(200);
// The budget counts in steps of this, so that small buffers of busy connections cost no shared counter.
constexpr std::size_t kCountedStep = 16 * limits::kKiB;

}  // namespace

// --- reading ---

void StreamCore::pause_reading() {
  paused_ = true;
  // Perhaps because of unsent(): then its owner counts on on_drained, though the kernel may take much of it
  // before the end of this turn.
  if (unsent() > limits::kOutputHighBytes) was_high_ = true;
  update_reading();
}

void StreamCore::resume_reading() {
  paused_ = false;
  update_reading();
  if (!end_pending_) return;
  end_pending_ = false;
  hub_.loop().defer([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->state_ == State::kOpen) self->end(Error{"the peer closed the connection"});
  });
}

void StreamCore::resume_turn() {
  resting_ = false;
  update_reading();
}

void StreamCore::update_reading() {
  if (socket_ == nullptr) return;
  const bool wanted = !peer_ended_ && !resting_ && (state_ != State::kOpen || !paused_);
  if (wanted == reading_) return;
  reading_ = wanted;
  auto* socket = reinterpret_cast<uv_stream_t*>(socket_);
  if (!wanted) {
    uv_read_stop(socket);
    return;
  }
  const auto lend_buffer = [](uv_handle_t* handle, std::size_t /*hint*/, uv_buf_t* buffer) {
    *buffer = Loop::of(handle->loop).read_buffer();
  };
  uv_read_start(socket, lend_buffer, &StreamCore::on_read);
}

void StreamCore::on_read(uv_stream_t* socket, ssize_t got, const uv_buf_t* buffer) {
  auto* self = static_cast<StreamCore*>(socket->data);
  if (self == nullptr || got == 0) return;
  const CallbackScope scope(self->hub_.loop());
  if (got < 0) return self->end_of_input(static_cast<int>(got));
  self->note_read(static_cast<std::size_t>(got));
  self->receive({buffer->base, static_cast<std::size_t>(got)});
}

// A stream that has had its share of the turn rests until its end.
void StreamCore::note_read(std::size_t bytes) {
  if (turn_ != hub_.turn()) {
    turn_ = hub_.turn();
    turn_bytes_ = 0;
  }
  turn_bytes_ += bytes;
  if (turn_bytes_ < limits::kTurnBytesMax || resting_) return;
  resting_ = true;
  hub_.schedule_resume(*this);
  update_reading();
}

void StreamCore::receive(std::string_view ciphertext) {
  if (state_ != State::kHandshaking && state_ != State::kOpen) return;  // closing: nobody listens
  if (session_ == nullptr) {
    session_ = TlsSession::accept(*context_);
    context_.reset();
  }
  session_->feed(ciphertext);
  if (state_ == State::kHandshaking) advance_handshake();
  if (state_ == State::kOpen) read_plaintext();
}

void StreamCore::read_plaintext() {
  ByteBuffer& input = stream_->input();
  const std::size_t before = input.size();
  const TlsSession::Status status = session_->read(input, hub_.scratch());
  send_scratch();
  keep_ticket();
  if (input.size() > before && handler_ != nullptr) handler_->on_input();
  // The user may have closed, or destroyed, the stream.
  if (state_ != State::kOpen) return;
  input.release_if_empty();
  count_buffers();
  if (status == TlsSession::Status::kFailed) {
    give_up_session(session_->failure());
  } else if (status == TlsSession::Status::kGoodbye) {
    if (paused_) {
      end_pending_ = true;
    } else {
      end(Error{"the peer closed the connection"});
    }
  }
}

void StreamCore::keep_ticket() {
  if (!tickets_) return;
  if (TlsTicket ticket = session_->take_ticket())
    tickets_->keep(peer_.address, peer_.protocol, std::move(ticket));
}

void StreamCore::end_of_input(int code) {
  peer_ended_ = true;
  update_reading();
  switch (state_) {
    case State::kHandshaking: {
      const Error why{fmt::format("the connection broke during the TLS handshake: {}", uv_strerror(code))};
      // Somebody who comes and goes without a word (a port scan, a health check) is no news.
      if (observer_ != nullptr && session_ != nullptr) observer_->on_refused(*this, why);
      return finish(why);
    }
    case State::kOpen:
      if (write_broken_ || code != UV_EOF) {
        return finish(Error{fmt::format("the connection broke: {}", uv_strerror(code))});
      }
      return end(Error{"the peer cut the connection off without a TLS goodbye"});
    case State::kClosing:
      if (code == UV_EOF) return;  // it may still read what we send
      return finish(why_);
    default:
      return finish(why_);
  }
}

// --- writing ---

void StreamCore::schedule_flush() {
  if (dirty_ || state_ == State::kClosed) return;
  dirty_ = true;
  hub_.schedule_flush(*this);
}

std::size_t StreamCore::unsent() const {
  std::size_t bytes = queued_.size();
  if (stream_ != nullptr) bytes += stream_->output().size();
  if (write_ != nullptr)
    bytes += uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(socket_));
  return bytes;
}

void StreamCore::flush_now() {
  dirty_ = false;
  if (state_ == State::kOpen || state_ == State::kClosing) pump();
  if (state_ == State::kClosing) closing_step();
  if (state_ == State::kClosed) return;
  if (stream_ != nullptr) stream_->input().release_if_empty();
  count_buffers();
}

// Encrypts and sends as much of the output as the kernel takes, within this stream's share of the turn.
void StreamCore::pump() {
  if (!intact_ || stream_ == nullptr) return;
  ByteBuffer& output = stream_->output();
  if (unsent() > limits::kOutputHighBytes) was_high_ = true;
  for (std::size_t share = limits::kTurnBytesMax; !output.empty() && write_ == nullptr && !write_broken_;) {
    if (share == 0) return schedule_flush();
    const std::size_t slice = std::min({output.size(), limits::kWriteSliceBytes, share});
    if (session_->write(output.view().substr(0, slice), hub_.scratch()) == TlsSession::Status::kFailed) {
      hub_.scratch().clear();
      return finish(session_->failure());
    }
    output.consume(slice);
    share -= slice;
    send_scratch();
  }
  if (state_ != State::kOpen) return;
  output.release_if_empty();
  if (was_high_ && unsent() <= limits::kOutputLowBytes) {
    was_high_ = false;
    if (handler_ != nullptr) handler_->on_drained();
  }
}

// Sends what the hub's scratch buffer holds, and leaves it empty.
void StreamCore::send_scratch() {
  ByteBuffer& scratch = hub_.scratch();
  if (scratch.empty()) return;
  if (write_ != nullptr) {
    queued_.append(scratch.view());
  } else if (!write_broken_) {
    // libuv does not write through the pointer.
    const uv_buf_t bytes =
        uv_buf_init(const_cast<char*>(scratch.view().data()), static_cast<unsigned>(scratch.size()));
    const int sent = uv_try_write(reinterpret_cast<uv_stream_t*>(socket_), &bytes, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
      write_failed(sent);
    } else {
      scratch.consume(static_cast<std::size_t>(std::max(sent, 0)));
      if (!scratch.empty()) start_write(scratch);
    }
  }
  scratch.clear();
}

// Takes the content of `rest`.
void StreamCore::start_write(ByteBuffer& rest) {
  auto* request = new WriteRequest;
  request->bytes = std::move(rest);
  request->loop = &hub_.loop();
  request->core = this;
  request->uv.data = request;
  const std::string_view view = request->bytes.view();
  const uv_buf_t bytes = uv_buf_init(const_cast<char*>(view.data()), static_cast<unsigned>(view.size()));
  const auto written = [](uv_write_t* uv, int status) {
    const std::unique_ptr<WriteRequest> done(static_cast<WriteRequest*>(uv->data));
    if (done->core == nullptr) return;
    const CallbackScope scope(*done->loop);
    done->core->on_written(status);
  };
  const int code = uv_write(&request->uv, reinterpret_cast<uv_stream_t*>(socket_), &bytes, 1, written);
  if (code != 0) {
    delete request;
    write_failed(code);
    return;
  }
  write_ = request;
}

void StreamCore::on_written(int status) {
  write_ = nullptr;
  if (status < 0) write_failed(status);
  if (!queued_.empty()) {
    std::swap(hub_.scratch(), queued_);
    send_scratch();
    queued_.release_if_empty();
  }
  schedule_flush();
}

// The peer does not take our bytes; what it said before that (an alert, for instance) may still be in the
// socket and is the better reason, so the read side gets a moment to find it.
void StreamCore::write_failed(int code) {
  write_broken_ = true;
  if (state_ == State::kOpen || state_ == State::kHandshaking) {
    why_ = Error{fmt::format("the connection broke: {}", uv_strerror(code))};
    start_timer(paused_ ? std::chrono::milliseconds(0) : kLastWordsTimeout);
  }
}

// Tells the process's budget how much this stream holds.
void StreamCore::count_buffers() {
  std::size_t now = queued_.capacity();
  if (stream_ != nullptr) now += stream_->input().capacity() + stream_->output().capacity() + stream_->held();
  if (write_ != nullptr) now += write_->bytes.capacity();
  now -= now % kCountedStep;
  if (now == buffered_) return;
  hub_.resources().change_buffered(buffered_, now);
  buffered_ = now;
}

}  // namespace ringhold

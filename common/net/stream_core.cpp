// The life of a stream, and how it ends.
#include "common/net/stream_core.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <utility>

#include "common/base/check.h"
#include "common/base/log.h"
#include "common/net/uv_stream.h"
#include "common/net/write_request.h"

namespace ringhold {

StreamCore::StreamCore(StreamHub& hub, TlsContextPtr context) : hub_(hub), context_(std::move(context)) {
  hub_.add(*this);
}

StreamCore::~StreamCore() {
  orphan();
}

void StreamCore::orphan() {
  stream_ = nullptr;
  handler_ = nullptr;
  observer_ = nullptr;
  if (state_ != State::kClosed) dispose();
}

void StreamCore::close() {
  if (state_ == State::kConnecting || state_ == State::kHandshaking)
    return abort(Error{"closed by this side"});
  if (state_ == State::kOpen) end(Error{"closed by this side"});
}

void StreamCore::abort(Error why) {
  if (state_ != State::kClosed) finish(std::move(why));
}

void StreamCore::evict() {
  log::warn(
      "{}: closing the connection: it holds {} MiB in buffers, and the process is over its budget of {} MiB",
      peer_.address.text(), buffered_ / limits::kMiB, hub_.resources().buffer_bytes_max() / limits::kMiB);
  abort(Error{"too much was buffered for this connection"});
}

// Starts the orderly way out. `why` is what the user will be told.
void StreamCore::end(Error why) {
  why_ = std::move(why);
  state_ = State::kClosing;
  goodbye_due_ = true;
  start_timer(hub_.timeouts().close);
  update_reading();  // goes on while closing, so that a peer that is still sending can get to our last words
  schedule_flush();
}

// Goes as far towards the end as the kernel lets it.
void StreamCore::closing_step() {
  if (write_broken_) return finish(why_);
  const bool output_left = intact_ && stream_ != nullptr && !stream_->output().empty();
  if (output_left || write_ != nullptr) return;
  if (goodbye_due_) {
    goodbye_due_ = false;
    session_->goodbye(hub_.scratch());
    send_scratch();
    if (write_broken_) return finish(why_);
    if (write_ != nullptr) return;
  }
  if (peer_ended_) return finish(why_);
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<uv_handle_t*>(socket_), &fd);
  ::shutdown(fd, SHUT_WR);
  state_ = State::kLingering;
  start_timer(hub_.timeouts().linger);
  update_reading();
}

// Closes the socket now, and tells whoever has to know.
void StreamCore::finish(Error why) {
  why_ = std::move(why);
  dispose();
  if (HandshakeObserver* observer = std::exchange(observer_, nullptr)) {
    observer->on_gone(*this);
    return;
  }
  // Deferred: the user may be on the stack, and may be in the middle of its input.
  hub_.loop().defer([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || self->stream_ == nullptr) return;
    for (ByteBuffer* buffer : {&self->stream_->input(), &self->stream_->output()}) {
      buffer->clear();
      buffer->release_if_empty();
    }
    if (StreamHandler* handler = std::exchange(self->handler_, nullptr)) handler->on_closed(self->why_);
  });
}

// Lets go of everything that the loop or the process counts.
void StreamCore::dispose() {
  state_ = State::kClosed;
  hub_.remove(*this);
  if (attempt_ != nullptr) std::exchange(attempt_, nullptr)->cancel();
  if (write_ != nullptr) std::exchange(write_, nullptr)->core = nullptr;
  if (socket_ != nullptr) {
    socket_->data = nullptr;
    close_and_free(std::exchange(socket_, nullptr));
  }
  timer_.reset();
  session_.reset();
  context_.reset();
  queued_.clear();
  queued_.release_if_empty();
  admission_.reset();
  hub_.resources().change_buffered(buffered_, 0);
  buffered_ = 0;
}

}  // namespace ringhold

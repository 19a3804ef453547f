// The ends of a connection: what the two programs and their kernels do. The network is in link_network.cpp.
#include "tests/sim/world/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "tests/sim/world/process.h"
#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_stream.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

Link::Link(SimWorld& world, std::uint64_t number, SimRng rng, SimLoop& from, const Address& to,
           Protocol protocol)
    : world_(world), number_(number), rng_(std::move(rng)), to_(to), protocol_(protocol) {
  ends_[0].loop = &from;
  ends_[0].process = &from.process();
  ends_[1].process = world.process_at(to.host);
}

bool Link::is_live(const End& end) {
  return end.state == State::kConnecting || end.state == State::kOpen || end.state == State::kClosing;
}

void Link::call(int side, const std::function<void(StreamHandler&)>& callback) {
  End& e = end(side);
  if (e.handler == nullptr) {
    world_.violation(describe() + ": a stream has no handler");
    return;
  }
  e.in_callback = true;
  callback(*e.handler);
  e.in_callback = false;
}

void Link::send_output(int side) {
  End& e = end(side);
  if (e.stream == nullptr || (e.state != State::kOpen && e.state != State::kClosing)) return;
  ByteBuffer& output = e.stream->output();
  if (!output.empty()) {
    if (e.pending.empty()) {
      std::swap(e.pending, output);
    } else {
      e.pending.append(output.view());
      output.clear();
    }
  }
  if (e.pending.size() > limits::kOutputHighBytes) e.above_high = true;
  fill_window(side);
}

void Link::fill_window(int side) {
  End& e = end(side);
  End& other = end(1 - side);
  while (!e.pending.empty()) {
    const std::size_t window = weather(1 - side).window_bytes;
    const std::size_t used = other.in_flight + other.received.size();
    const std::size_t room = used >= window ? 0 : window - used;
    // As TCP does, wait for room that is worth while: or else a few small reads cut everything into crumbs
    // for ever.
    if (room < std::min(e.pending.size(), window / 2)) break;
    send_segments(side, std::min(room, e.pending.size()));
  }
  if (e.pending.empty() && e.state == State::kClosing && !e.fin_sent) {
    e.fin_sent = true;
    other.told = true;
    send(1 - side, PacketKind::kFin, {});
    close_later(side, "closed by this side");
  }
  if (!e.above_high || e.pending.size() > limits::kOutputLowBytes) return;
  e.above_high = false;
  world_.push(world_.now() + std::chrono::microseconds(rng_.between(1, 20)), e.loop,
              [self = shared_from_this(), side] {
                SimLoop& loop = *self->end(side).loop;
                self->world_.enter(loop, EventKind::kDrained, self->number_, {}, [self, side] {
                  if (self->end(side).state == State::kOpen) {
                    self->call(side, [](StreamHandler& handler) { handler.on_drained(); });
                  }
                });
              });
}

void Link::send_segments(int side, std::size_t bytes) {
  End& e = end(side);
  std::size_t sent = 0;
  while (sent < bytes) {
    const std::size_t n = segment_size(bytes - sent, sent);
    send(1 - side, PacketKind::kData, std::string(e.pending.view().substr(0, n)));
    e.pending.consume(n);
    sent += n;
  }
}

std::size_t Link::segment_size(std::size_t left, std::size_t already) {
  switch (weather(1).splits) {
    case Splits::kWhole:
      return std::min(left, limits::kReadChunkBytes);
    case Splits::kPieces:
      if (left < 2 || already > 4096 || rng_.one_in(3)) return left;
      return static_cast<std::size_t>(rng_.between(1, static_cast<std::int64_t>(left)));
    case Splits::kBytes:
      return already < 48 ? 1 : left;
  }
  return left;
}

void Link::receive_data(int side, std::string_view bytes) {
  End& e = end(side);
  e.in_flight -= bytes.size();
  if (e.state == State::kOpen) {
    e.received.append(bytes);
    if (!e.paused && !e.read_queued) read(side);
  } else if (!end(1 - side).pending.empty()) {
    send(1 - side, PacketKind::kWindow, {});  // discarded, as close() promises; the peer goes on sending
  }
}

void Link::read(int side) {
  End& e = end(side);
  if (e.state != State::kOpen || e.paused) return;
  const std::size_t n = std::min(e.received.size(), limits::kReadChunkBytes);
  if (n > 0) {
    e.stream->input().append(e.received.view().substr(0, n));
    e.received.consume(n);
    if (!end(1 - side).pending.empty()) send(1 - side, PacketKind::kWindow, {});
    call(side, [](StreamHandler& handler) { handler.on_input(); });
  } else if (e.fin_received) {
    finish(side, "closed by the peer");
  }
  if (e.state == State::kOpen && !e.paused && (!e.received.empty() || e.fin_received)) queue_read(side);
}

void Link::queue_read(int side) {
  End& e = end(side);
  if (e.read_queued || (e.received.empty() && !e.fin_received)) return;
  e.read_queued = true;
  world_.push(world_.now() + std::chrono::microseconds(rng_.between(1, 20)), e.loop,
              [self = shared_from_this(), side] {
                SimLoop& loop = *self->end(side).loop;
                self->world_.enter(loop, EventKind::kRead, self->number_, {}, [self, side] {
                  self->end(side).read_queued = false;
                  self->read(side);
                });
              });
}

void Link::resume_reading(int side) {
  End& e = end(side);
  if (!e.paused) return;
  e.paused = false;
  if (e.state == State::kOpen) queue_read(side);
}

void Link::close(int side) {
  End& e = end(side);
  if (e.state == State::kConnecting) {
    abort(side);
    return;
  }
  if (e.state != State::kOpen) return;
  e.state = State::kClosing;
  e.received.clear();
  e.stream->input().clear();
  if (!end(1 - side).pending.empty()) send(1 - side, PacketKind::kWindow, {});
  e.stream->flush();
  world_.push(world_.now() + limits::kCloseTimeout, e.loop, [self = shared_from_this(), side] {
    if (self->end(side).state != State::kClosing || self->end(side).fin_sent) return;
    self->world_.enter(*self->end(side).loop, EventKind::kTimeout, self->number_, {}, [self, side] {
      if (self->end(side).state != State::kClosing || self->end(side).fin_sent) return;
      self->reset_peer_of(side);
      self->finish(side, "the peer did not read what was left to send");
    });
  });
}

void Link::abort(int side) {
  End& e = end(side);
  if (!is_live(e)) return;
  reset_peer_of(side);
  close_later(side, "aborted by this side");
}

void Link::destroyed(int side) {
  End& e = end(side);
  if (e.in_callback) world_.violation(describe() + ": a stream was destroyed inside its own callback");
  const bool was_live = is_live(e);
  e.state = State::kGone;
  e.stream = nullptr;
  e.handler = nullptr;
  e.pending.clear();
  e.received.clear();
  if (side == 1) leave_listener();
  if (!was_live || e.process->vanishing()) return;
  if (rng_.one_in(2)) {
    reset_peer_of(side);
  } else if (!end(1 - side).told) {
    end(1 - side).told = true;
    send(1 - side, PacketKind::kFin, {});
  }
}

void Link::close_later(int side, std::string why) {
  End& e = end(side);
  e.state = State::kClosed;
  e.pending.clear();
  e.received.clear();
  if (e.stream != nullptr) e.stream->output().clear();
  world_.push(world_.now() + std::chrono::microseconds(rng_.between(1, 50)), e.loop,
              [self = shared_from_this(), side, why = std::move(why)] {
                if (self->end(side).state != State::kClosed) return;
                self->world_.enter(*self->end(side).loop, EventKind::kClosed, self->number_, why,
                                   [self, side, why] { self->finish(side, why); });
              });
}

void Link::finish(int side, const std::string& why) {
  End& e = end(side);
  if (e.state == State::kDone || e.state == State::kGone) return;
  INVARIANT(e.stream != nullptr);
  e.state = State::kDone;
  e.pending.clear();
  e.received.clear();
  e.stream->output().clear();
  if (side == 1) leave_listener();
  const Error error{fmt::format("{}: {}", e.stream->peer().address.text(), why)};
  call(side, [&](StreamHandler& handler) { handler.on_closed(error); });
}

void Link::leave_listener() {
  if (!counted_) return;
  counted_ = false;
  --listener_->connections;
  --listener_->per_host[ends_[0].process->host()];
}

bool Link::between(const SimProcess& a, const SimProcess& b) const {
  return (ends_[0].process == &a && ends_[1].process == &b) ||
         (ends_[0].process == &b && ends_[1].process == &a);
}

bool Link::half_open() const {
  const auto gone = [](const End& e) { return e.state == State::kDone || e.state == State::kGone; };
  return (is_live(ends_[0]) && gone(ends_[1])) || (is_live(ends_[1]) && gone(ends_[0]));
}

bool Link::over() const {
  const auto gone = [](const End& e) { return e.state == State::kGone || e.state == State::kNone; };
  return gone(ends_[0]) && gone(ends_[1]);
}

std::string Link::describe() const {
  return fmt::format("connection {} from {} to {} ({})", number_, ends_[0].process->name(),
                     ends_[1].process == nullptr ? to_.text() : ends_[1].process->name(),
                     alpn_name(protocol_));
}

}  // namespace ringhold::sim

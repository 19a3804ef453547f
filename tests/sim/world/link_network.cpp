// The network part of a connection: packets, delays, stalls, the handshake.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/sim/world/link.h"
#include "tests/sim/world/process.h"
#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_stream.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

EventKind Link::event_kind(PacketKind kind) {
  switch (kind) {
    case PacketKind::kSyn:
      return EventKind::kHandshake;
    case PacketKind::kConnected:
      return EventKind::kConnected;
    case PacketKind::kRefused:
      return EventKind::kRefused;
    case PacketKind::kHello:
      return EventKind::kAccept;
    case PacketKind::kData:
      return EventKind::kData;
    case PacketKind::kWindow:
      return EventKind::kWritable;
    case PacketKind::kFin:
      return EventKind::kFin;
    case PacketKind::kReset:
      return EventKind::kReset;
  }
  return EventKind::kReset;
}

const Weather& Link::weather(int to_side) {
  static constexpr Weather kNowhere{};
  const End& from = end(1 - to_side);
  const End& to = end(to_side);
  if (from.process == nullptr || to.process == nullptr) return kNowhere;
  return world_.fabric().weather(*from.process, *to.process);
}

// --- Packets ---

void Link::send(int to_side, PacketKind kind, std::string bytes, bool overtakes) {
  End& to = end(to_side);
  const Weather& w = weather(to_side);
  std::int64_t delay = rng_.between(w.delay_min_us, w.delay_max_us);
  if (w.spike_percent != 0 && rng_.percent(w.spike_percent)) delay += w.spike_us;
  MonoTime arrival = world_.now() + std::chrono::microseconds(delay);
  if (!overtakes) to.last_arrival = arrival = std::max(arrival, to.last_arrival);
  to.in_flight += bytes.size() * (kind == PacketKind::kData ? 1 : 0);
  auto packet = std::make_shared<const Packet>(Packet{kind, std::move(bytes)});
  world_.push(arrival, nullptr, [self = shared_from_this(), to_side, packet = std::move(packet)] {
    self->arrive(to_side, packet);
  });
}

void Link::arrive(int to_side, const PacketPtr& packet) {
  End& to = end(to_side);
  const End& from = end(1 - to_side);
  const bool stalled =
      from.process != nullptr && to.process != nullptr && world_.fabric().stalled(*from.process, *to.process);
  // What comes after the end of a stall waits behind what the stall held up.
  if (stalled || !to.parked.empty()) {
    to.parked.push_back(packet);
  } else {
    deliver(to_side, packet);
  }
}

void Link::release_parked() {
  for (const int side : {0, 1}) {
    if (end(side).parked.empty()) continue;
    world_.push(world_.now(), nullptr, [self = shared_from_this(), side] {
      End& to = self->end(side);
      const Fabric& fabric = self->world_.fabric();
      while (!to.parked.empty() && !fabric.stalled(*self->end(1 - side).process, *to.process)) {
        const PacketPtr packet = to.parked.front();
        to.parked.pop_front();
        self->deliver(side, packet);
      }
    });
  }
}

void Link::deliver(int to_side, const PacketPtr& packet) {
  End& to = end(to_side);
  if (packet->kind == PacketKind::kSyn) {
    reach_listener();
    return;
  }
  const bool nobody =
      to.state == State::kDone || to.state == State::kGone || to.loop == nullptr || !to.loop->alive();
  if (nobody) {
    if (packet->kind != PacketKind::kData && packet->kind != PacketKind::kHello) return;
    to.in_flight -= packet->bytes.size();
    if (to.state == State::kNone) to.state = State::kGone;
    // The kernel of a process that is gone answers with a reset; that of a host that is gone does not.
    if (!to.process->unreachable()) reset_peer_of(to_side);
    return;
  }
  world_.enter(*to.loop, event_kind(packet->kind), number_, packet->bytes,
               [self = shared_from_this(), to_side, packet] { self->receive(to_side, *packet); });
}

void Link::receive(int to_side, const Packet& packet) {
  End& to = end(to_side);
  switch (packet.kind) {
    case PacketKind::kSyn:
      break;
    case PacketKind::kConnected:
      connected();
      break;
    case PacketKind::kRefused:
      if (to.state == State::kConnecting) finish(to_side, packet.bytes);
      break;
    case PacketKind::kHello:
      accept();
      break;
    case PacketKind::kData:
      receive_data(to_side, packet.bytes);
      break;
    case PacketKind::kWindow:
      if (to.state == State::kOpen || to.state == State::kClosing) fill_window(to_side);
      break;
    case PacketKind::kFin:
      to.fin_received = true;
      if (to.state == State::kOpen && !to.paused && !to.read_queued) read(to_side);
      break;
    case PacketKind::kReset:
      if (to.state == State::kNone) to.state = State::kGone;
      if (is_live(to)) finish(to_side, "connection reset by the peer");
      break;
  }
}

void Link::reset_peer_of(int side) {
  End& other = end(1 - side);
  if (!is_live(other) && other.state != State::kNone) return;
  other.told = true;
  send(1 - side, PacketKind::kReset, {}, rng_.one_in(2));
}

bool Link::cut() {
  if (!is_live(ends_[0]) || !is_live(ends_[1])) return false;
  for (const int side : {0, 1}) reset_peer_of(side);
  return true;
}

void Link::reset_if_half_dead() {
  for (const int side : {0, 1}) {
    const State state = end(side).state;
    if ((state == State::kGone || state == State::kDone) && is_live(end(1 - side))) reset_peer_of(side);
  }
}

// --- The handshake ---

std::unique_ptr<Stream> Link::start(StreamHandler& handler) {
  End& e = ends_[0];
  auto stream = std::make_unique<SimStream>(shared_from_this(), 0, *e.loop, peer_info_of_listener());
  e.state = State::kConnecting;
  e.stream = stream.get();
  e.handler = &handler;
  if (ends_[1].process != nullptr) send(1, PacketKind::kSyn, {});
  world_.push(world_.now() + limits::kConnectTimeout, e.loop, [self = shared_from_this()] {
    if (self->ends_[0].state != State::kConnecting) return;
    self->world_.enter(*self->ends_[0].loop, EventKind::kTimeout, self->number_, {}, [self] {
      if (self->ends_[0].state == State::kConnecting) self->finish(0, "connecting timed out");
    });
  });
  return stream;
}

void Link::reach_listener() {
  SimProcess& host = *ends_[1].process;
  if (host.unreachable()) {
    // Nobody answers; the kernel of the connecting side asks again.
    world_.push(world_.now() + std::chrono::seconds(1), ends_[0].loop, [self = shared_from_this()] {
      if (self->ends_[0].state == State::kConnecting) self->send(1, PacketKind::kSyn, {});
    });
    return;
  }
  listener_ = world_.fabric().refuses(host) ? nullptr : world_.fabric().find_listener(to_, rng_);
  if (listener_ == nullptr) {
    send(0, PacketKind::kRefused, "connection refused");
    return;
  }
  ends_[1].loop = listener_->loop;
  world_.enter(*listener_->loop, EventKind::kHandshake, number_, {}, [self = shared_from_this()] {
    const SimProcess& connector = *self->ends_[0].process;
    if (self->protocol_ == Protocol::kPeer && connector.options().role != Role::kNode) {
      self->send(0, PacketKind::kRefused, "the peer refused the handshake: not a node certificate");
    } else if (self->listener_->full_for(connector.host())) {
      self->send(0, PacketKind::kRefused, "connection reset by the peer");
    } else {
      self->send(0, PacketKind::kConnected, {});
    }
  });
}

void Link::connected() {
  End& e = ends_[0];
  if (e.state != State::kConnecting) return;
  e.state = State::kOpen;
  send(1, PacketKind::kHello, {});
  e.stream->flush();  // what was written before
  call(0, [](StreamHandler& handler) { handler.on_connected(); });
}

void Link::accept() {
  End& e = ends_[1];
  if (e.state != State::kNone) return;
  if (!listener_->open || listener_->handler == nullptr) {
    e.state = State::kGone;
    reset_peer_of(1);
    return;
  }
  auto stream = std::make_unique<SimStream>(shared_from_this(), 1, *e.loop, peer_info_of_connector());
  e.state = State::kOpen;
  e.stream = stream.get();
  counted_ = true;
  ++listener_->connections;
  ++listener_->per_host[ends_[0].process->host()];
  listener_->handler->on_accept(std::move(stream));
  if (e.state == State::kOpen && e.handler == nullptr) {
    world_.violation(describe() + ": on_accept returned without setting a handler");
  }
}

PeerInfo Link::peer_info_of_listener() const {
  PeerInfo info{to_, protocol_, true, true, Role::kNode, {}};
  if (ends_[1].process != nullptr) info.common_name = ends_[1].process->name();
  return info;
}

PeerInfo Link::peer_info_of_connector() const {
  const ProcessOptions& from = ends_[0].process->options();
  const Address address{from.host, static_cast<std::uint16_t>(30000 + number_ % 30000)};
  return PeerInfo{address, protocol_, true, true, from.role, from.name};
}

}  // namespace ringhold::sim

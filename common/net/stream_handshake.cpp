// From the first SYN to an open stream.
#include <fmt/core.h>

#include <utility>

#include "common/base/check.h"
#include "common/net/stream_core.h"
#include "common/net/uv_stream.h"

namespace ringhold {

namespace {

// The first probe of an idle connection; libuv sends ten, a second apart, before it gives up.
constexpr unsigned kKeepaliveSeconds = 60;

}  // namespace

std::shared_ptr<StreamCore> StreamCore::accept(StreamHub& hub, TlsContextPtr context, Accepted accepted) {
  std::shared_ptr<StreamCore> core(new StreamCore(hub, std::move(context)));
  core->peer_.address = std::move(accepted.peer);
  core->admission_ = std::move(accepted.admission);
  core->observer_ = accepted.observer;
  core->start_timer(hub.timeouts().handshake);
  core->adopt(accepted.socket);
  return core;
}

std::shared_ptr<StreamCore> StreamCore::connect(StreamHub& hub, TlsContextPtr context, Outgoing outgoing) {
  std::shared_ptr<StreamCore> core(new StreamCore(hub, std::move(context)));
  core->peer_.address = outgoing.address;
  core->peer_.protocol = outgoing.protocol;
  core->handler_ = outgoing.handler;
  core->tickets_ = std::move(outgoing.tickets);
  core->start_timer(hub.timeouts().connect);
  core->attempt_ = TcpConnect::start(
      hub.loop(), outgoing.address,
      [raw = core.get()](Result<uv_tcp_t*> connected) { raw->on_connect(std::move(connected)); });
  return core;
}

void StreamCore::start_timer(std::chrono::milliseconds delay) {
  if (!timer_) timer_ = hub_.loop().make_timer([this] { on_timer(); });
  timer_->start(delay);
}

void StreamCore::on_timer() {
  switch (state_) {
    case State::kConnecting:
      return finish(Error{fmt::format("cannot connect to {}: no answer within {} ms", peer_.address.text(),
                                      hub_.timeouts().connect.count())});
    case State::kHandshaking: {
      const auto limit = tickets_ ? hub_.timeouts().connect : hub_.timeouts().handshake;
      const Error why{fmt::format("the TLS handshake was not complete within {} ms", limit.count())};
      if (observer_ != nullptr) observer_->on_refused(*this, why);
      return finish(why);
    }
    default:
      return finish(why_);
  }
}

void StreamCore::adopt(uv_tcp_t* socket) {
  socket_ = socket;
  socket_->data = this;
  state_ = State::kHandshaking;
  uv_tcp_nodelay(socket_, 1);
  uv_tcp_keepalive(socket_, 1, kKeepaliveSeconds);
  update_reading();
}

void StreamCore::on_connect(Result<uv_tcp_t*> connected) {
  attempt_ = nullptr;
  if (!connected) return finish(connected.error());
  adopt(*connected);
  start_client_handshake();
}

void StreamCore::start_client_handshake() {
  SSL_SESSION* ticket = tickets_->find(peer_.address, peer_.protocol);
  session_ = TlsSession::connect(*context_, {peer_.address.host, peer_.protocol, ticket});
  context_.reset();
  advance_handshake();
}

void StreamCore::advance_handshake() {
  const TlsSession::Status status = session_->handshake(hub_.scratch());
  send_scratch();
  if (status == TlsSession::Status::kFailed) {
    if (tickets_) tickets_->forget(peer_.address, peer_.protocol);
    refuse(session_->failure());
  } else if (status == TlsSession::Status::kOk) {
    established();
  }
}

void StreamCore::established() {
  Address address = std::move(peer_.address);
  peer_ = session_->peer();
  peer_.address = std::move(address);
  if (std::string why = reason_to_refuse(); !why.empty()) {
    goodbye_due_ = true;
    return refuse(Error{std::move(why)});
  }
  state_ = State::kOpen;
  intact_ = true;
  if (!write_broken_) timer_.reset();
  keep_ticket();
  if (HandshakeObserver* observer = std::exchange(observer_, nullptr)) {
    observer->on_established(*this);
  } else {
    if (!stream_->output().empty()) schedule_flush();
    handler_->on_connected();
  }
  if (state_ == State::kOpen) update_reading();  // the user may have paused it before
}

// The peer protocol is for nodes alone, on both ends.
std::string StreamCore::reason_to_refuse() const {
  if (peer_.protocol != Protocol::kPeer || peer_.role == Role::kNode) return {};
  if (!peer_.has_certificate) return fmt::format("{} needs a certificate", alpn_name(peer_.protocol));
  return fmt::format("{} needs a certificate with the role node (OU=node); this one (CN={}) has the role {}",
                     alpn_name(peer_.protocol), peer_.common_name, role_name(peer_.role));
}

// The handshake is over, without a stream.
void StreamCore::refuse(Error why) {
  if (observer_ != nullptr) observer_->on_refused(*this, why);
  give_up_session(std::move(why));
}

// The TLS session is of no more use, but an alert that says why is on its way: close in good order.
void StreamCore::give_up_session(Error why) {
  why_ = std::move(why);
  state_ = State::kClosing;
  intact_ = false;
  start_timer(hub_.timeouts().close);
  closing_step();
}

}  // namespace ringhold

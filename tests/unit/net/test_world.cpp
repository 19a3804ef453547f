#include "tests/unit/net/test_world.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "common/net/process.h"

namespace ringhold::test {

namespace {

// Before main, for all tests: a peer that has gone must not end the process.
const bool kPrepared = [] {
  prepare_process();
  return true;
}();

CertificateSpec node() {
  return {.common_name = "node-1", .unit = "node"};
}

}  // namespace

TestWorld::TestWorld(NetTimeouts timeouts, ClientAuth client_auth, std::size_t buffer_bytes_max)
    : reactor(std::make_shared<ProcessResources>(buffer_bytes_max),
              make_context(authority, node(), client_auth), timeouts) {}

TestWorld::TestWorld(const TestAuthority& /*authority*/, TlsContextPtr context, NetTimeouts timeouts,
                     std::size_t buffer_bytes_max)
    : authority("unused"),
      reactor(std::make_shared<ProcessResources>(buffer_bytes_max), std::move(context), timeouts) {}

bool TestWorld::run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const MonoTime end = reactor.loop().now() + limit;
  // Wakes the loop so that the limit is looked at.
  const auto tick = reactor.loop().make_timer([] {});
  while (!done()) {
    if (reactor.loop().now() >= end) return false;
    tick->start(std::chrono::milliseconds(50));
    reactor.loop().run_once();
  }
  return true;
}

void TestWorld::run_for(std::chrono::milliseconds duration) {
  const MonoTime end = reactor.loop().now() + duration;
  run_until([this, end] { return reactor.loop().now() >= end; }, duration * 2 + std::chrono::seconds(1));
}

void TestPeer::take(std::unique_ptr<Stream> accepted) {
  stream = std::move(accepted);
  stream->set_handler(this);
  connected = true;
}

void TestPeer::on_input() {
  ++input_calls;
  if (after_input) return after_input();
  received += stream->input().view();
  stream->input().consume(stream->input().size());
}

void TestPeer::on_closed(const Error& error) {
  closed = true;
  ++closed_calls;
  why = error.message;
}

void TestPeer::send(std::string_view bytes) {
  stream->output().append(bytes);
  stream->flush();
}

TestServer::TestServer(World world, ListenOptions options)
    : listening(world.network.listen({"127.0.0.1", 0}, options, *this)) {
  if (!listening) throw std::runtime_error(listening.error().message);
}

void TestServer::on_accept(std::unique_ptr<Stream> stream) {
  peers.push_back(std::make_unique<TestPeer>());
  peers.back()->take(std::move(stream));
  if (on_peer) on_peer(*peers.back());
}

RawSocket::RawSocket(const Address& address) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

RawSocket::~RawSocket() {
  ::close(fd_);
}

void RawSocket::send(std::string_view bytes) const {
  if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) throw std::runtime_error("cannot send");
}

std::string RawSocket::receive_now() {
  std::array<char, 4096> buffer;
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got > 0) return {buffer.data(), static_cast<std::size_t>(got)};
  if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) ended = true;
  return {};
}

}  // namespace ringhold::test

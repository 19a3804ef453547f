#include "tests/unit/client/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/net/tls_session.h"
#include "common/resp/request_parser.h"

namespace ringhold::test {

namespace {

// Whether the socket becomes readable before `stop`.
bool wait_readable(int socket, const std::atomic<bool>& stop) {
  while (!stop) {
    pollfd descriptor{.fd = socket, .events = POLLIN, .revents = 0};
    if (::poll(&descriptor, 1, 20) > 0) return true;
  }
  return false;
}

bool send_all(int socket, ByteBuffer& bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.view().data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.consume(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

ScriptedServer::ScriptedServer(TlsContextPtr context, Answer answer)
    : context_(std::move(context)), answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  INVARIANT(::bind(listener_, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
  INVARIANT(::listen(listener_, 8) == 0);
  socklen_t size = sizeof(name);
  INVARIANT(::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size) == 0);
  address_ = {"127.0.0.1", ntohs(name.sin_port)};
  thread_ = std::thread([this] { run(); });
}

ScriptedServer::~ScriptedServer() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

void ScriptedServer::run() {
  while (wait_readable(listener_, stop_)) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0) continue;
    serve(socket);
    ::close(socket);
  }
}

void ScriptedServer::serve(int socket) {
  auto session = TlsSession::accept(*context_);
  RequestParser parser;
  ByteBuffer plain;
  ByteBuffer cipher;
  std::string received(65536, '\0');
  bool established = false;
  while (wait_readable(socket, stop_)) {
    const ssize_t got = ::recv(socket, received.data(), received.size(), 0);
    if (got <= 0) return;
    session->feed({received.data(), static_cast<std::size_t>(got)});
    if (!established) {
      const auto status = session->handshake(cipher);
      if (!send_all(socket, cipher) || status == TlsSession::Status::kFailed) return;
      if (status == TlsSession::Status::kMore) continue;
      established = true;
    }
    if (session->read(plain, cipher) != TlsSession::Status::kOk) return;
    while (!plain.empty() && parser.next(plain.view()) == RequestParser::Status::kRequest) {
      const std::string reply = answer_(parser.args());
      plain.consume(parser.consumed());
      if (reply == "close") return;
      session->write(reply, cipher);
    }
    if (!send_all(socket, cipher)) return;
  }
}

}  // namespace ringhold::test

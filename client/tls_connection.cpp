#include "client/tls_connection.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "client/tcp_connect.h"
#include "common/base/limits.h"

namespace ringhold::client {

Deadline deadline_after(std::chrono::milliseconds timeout) {
  if (timeout.count() == 0) return std::nullopt;
  return std::chrono::steady_clock::now() + timeout;
}

Result<std::unique_ptr<TlsConnection>> TlsConnection::connect(TlsContextPtr context, const Options& options) {
  std::unique_ptr<TlsConnection> connection(new TlsConnection(std::move(context), options));
  const Deadline deadline = deadline_after(options.timeout);
  if (const auto opened = connection->open_socket(deadline); !opened) return opened.error();
  if (const auto shaken = connection->shake_hands(deadline); !shaken) return shaken.error();
  return connection;
}

TlsConnection::~TlsConnection() {
  if (socket_ < 0) return;
  if (session_) {
    session_->goodbye(cipher_out_);
    // A courtesy: if it does not fit into the socket's buffer, the server sees the end all the same.
    (void)::send(socket_, cipher_out_.view().data(), cipher_out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  ::close(socket_);
}

Result<void> TlsConnection::open_socket(Deadline deadline) {
  const auto socket = tcp_connect(options_.address, deadline, options_.interrupt);
  if (!socket) return describe(socket.error().message);
  socket_ = *socket;
  return {};
}

Result<void> TlsConnection::shake_hands(Deadline deadline) {
  auto session =
      TlsSession::connect(*context_, {.host = options_.address.host, .protocol = Protocol::kRedis});
  while (true) {
    session->feed(cipher_in_.view());
    auto status = session->handshake(cipher_out_);
    // The server's first records may stand right behind its last handshake message.
    if (status == TlsSession::Status::kOk &&
        session->read(input_, cipher_out_) == TlsSession::Status::kFailed) {
      status = TlsSession::Status::kFailed;
    }
    cipher_in_.clear();
    // After a failure too: there may be an alert in it that tells the server why.
    const auto flushed = flush(deadline);
    if (status == TlsSession::Status::kFailed) return describe(session->failure().message);
    if (!flushed) return flushed.error();
    if (status == TlsSession::Status::kOk) break;
    const auto events = wait(POLLIN, deadline, "no answer to the TLS handshake; is this a TLS port?");
    if (!events) return events.error();
    if (const auto got = read_socket(); !got) return got.error();
  }
  session_ = std::move(session);
  return {};
}

Result<void> TlsConnection::send(std::string_view bytes, Deadline deadline) {
  // In pieces, so that a large value is not held twice more.
  constexpr std::size_t kPieceBytes = 256 * limits::kKiB;
  for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes) {
    if (session_->write(bytes.substr(at, kPieceBytes), cipher_out_) != TlsSession::Status::kOk) {
      return describe(session_->failure().message);
    }
    if (const auto flushed = flush(deadline); !flushed) return flushed.error();
  }
  return {};
}

Result<void> TlsConnection::receive(Deadline deadline) {
  const std::size_t before = input_.size();
  while (input_.size() == before) {
    if (const auto flushed = flush(deadline); !flushed) return flushed.error();
    const auto events = wait(POLLIN, deadline, "no reply within the time that --timeout gives");
    if (!events) return events.error();
    if (const auto got = read_some(); !got) return got.error();
  }
  return {};
}

Result<void> TlsConnection::take_arrived() {
  while (true) {
    const auto got = read_some();
    if (!got) return got.error();
    if (!*got) return {};
  }
}

Result<void> TlsConnection::flush(Deadline deadline) {
  while (!cipher_out_.empty()) {
    const ssize_t sent = ::send(socket_, cipher_out_.view().data(), cipher_out_.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      cipher_out_.consume(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) {
      // The server is gone; what it said before it went tells more than "broken pipe".
      const int code = errno;
      if (session_) {
        if (const auto arrived = take_arrived(); !arrived) return arrived.error();
      }
      return describe(fmt::format("the connection broke: {}", std::strerror(code)));
    }
    const auto events =
        wait(session_ ? POLLIN | POLLOUT : POLLOUT, deadline, "the server takes no more commands");
    if (!events) return events.error();
    if (session_ && (*events & POLLIN) != 0) {
      if (const auto got = read_some(); !got) return got.error();
    }
  }
  return {};
}

Result<bool> TlsConnection::read_socket() {
  char* at = cipher_in_.prepare(limits::kReadChunkBytes);
  const ssize_t got = ::recv(socket_, at, limits::kReadChunkBytes, MSG_DONTWAIT);
  if (got > 0) {
    cipher_in_.commit(static_cast<std::size_t>(got));
    return true;
  }
  if (got == 0) return describe("the server closed the connection");
  if (errno == EAGAIN || errno == EINTR) return false;
  return describe(errno == ECONNRESET ? "the server reset the connection"
                                      : fmt::format("the connection broke: {}", std::strerror(errno)));
}

Result<bool> TlsConnection::read_some() {
  const auto got = read_socket();
  if (!got) return got.error();
  if (!*got) return false;
  session_->feed(cipher_in_.view());
  const auto status = session_->read(input_, cipher_out_);
  cipher_in_.clear();
  if (status == TlsSession::Status::kFailed) return describe(session_->failure().message);
  if (status == TlsSession::Status::kGoodbye && input_.empty())
    return describe("the server closed the connection");
  return true;
}

Result<short> TlsConnection::wait(short events, Deadline deadline, std::string_view what) {
  const auto ready = poll_socket(socket_, events, deadline, options_.interrupt);
  if (!ready) return describe(ready.error().message);
  if (*ready == 0) return describe(what);
  return *ready;
}

Error TlsConnection::describe(std::string_view what) const {
  return Error{fmt::format("{}: {}", options_.address.text(), what)};
}

}  // namespace ringhold::client

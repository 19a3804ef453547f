#include "common/net/tcp_connect.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>
#include <cstring>
#include <utility>

namespace ringhold {

void close_and_free(uv_tcp_t* socket) {
  uv_close(reinterpret_cast<uv_handle_t*>(socket),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_tcp_t*>(handle); });
}

Address address_of(const sockaddr_storage& socket_address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (socket_address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(socket_address);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(socket_address);
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
  if (mapped) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return {text.data(), ntohs(v6.sin6_port)};
}

TcpConnect::TcpConnect(Loop& loop, Address address, Done done)
    : loop_(loop), address_(std::move(address)), done_(std::move(done)) {
  resolving_.data = connecting_.data = this;
}

TcpConnect* TcpConnect::start(Loop& loop, const Address& address, Done done) {
  auto* attempt = new TcpConnect(loop, address, std::move(done));
  attempt->resolve();
  return attempt;
}

void TcpConnect::cancel() {
  done_ = nullptr;
  if (socket_ != nullptr) {
    close_and_free(std::exchange(socket_, nullptr));  // on_connected follows, with UV_ECANCELED
  } else {
    uv_cancel(reinterpret_cast<uv_req_t*>(&resolving_));  // on_resolved follows in any case
  }
}

void TcpConnect::resolve() {
  sockaddr_storage literal{};
  if (uv_ip4_addr(address_.host.c_str(), address_.port, reinterpret_cast<sockaddr_in*>(&literal)) == 0 ||
      uv_ip6_addr(address_.host.c_str(), address_.port, reinterpret_cast<sockaddr_in6*>(&literal)) == 0) {
    candidates_.push_back(literal);
    try_next();
    return;
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  const auto resolved = [](uv_getaddrinfo_t* request, int status, addrinfo* found) {
    auto* self = static_cast<TcpConnect*>(request->data);
    const CallbackScope scope(self->loop_);
    self->on_resolved(status, found);
  };
  const int code = uv_getaddrinfo(loop_.uv(), &resolving_, resolved, address_.host.c_str(),
                                  std::to_string(address_.port).c_str(), &hints);
  if (code != 0) give_up(code);
}

void TcpConnect::on_resolved(int status, addrinfo* found) {
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    sockaddr_storage candidate{};
    std::memcpy(&candidate, at->ai_addr, at->ai_addrlen);
    candidates_.push_back(candidate);
  }
  uv_freeaddrinfo(found);
  if (status != 0 || candidates_.empty() || !done_) {
    give_up(status != 0 ? status : UV_EAI_NODATA);
    return;
  }
  try_next();
}

void TcpConnect::try_next() {
  const auto connected = [](uv_connect_t* request, int status) {
    auto* self = static_cast<TcpConnect*>(request->data);
    const CallbackScope scope(self->loop_);
    self->on_connected(status);
  };
  int code = 0;
  while (next_ < candidates_.size()) {
    socket_ = new uv_tcp_t;
    uv_tcp_init(loop_.uv(), socket_);
    const auto* to = reinterpret_cast<const sockaddr*>(&candidates_[next_++]);
    code = uv_tcp_connect(&connecting_, socket_, to, connected);
    if (code == 0) return;
    close_and_free(std::exchange(socket_, nullptr));
  }
  give_up(code);
}

void TcpConnect::on_connected(int status) {
  if (!done_) {
    delete this;
    return;
  }
  if (status == 0) {
    const auto done = std::move(done_);
    uv_tcp_t* socket = socket_;
    delete this;
    done(socket);
    return;
  }
  close_and_free(std::exchange(socket_, nullptr));
  if (next_ < candidates_.size()) {
    try_next();
  } else {
    give_up(status);
  }
}

void TcpConnect::give_up(int code) {
  // Deferred, because start() may be on the stack; cancel() may still come in between. Shared, because the
  // loop may end instead of running the task.
  const std::shared_ptr<TcpConnect> self(this, [](TcpConnect* attempt) { delete attempt; });
  loop_.defer([self, code] {
    const auto done = std::move(self->done_);
    if (done) done(Error{fmt::format("cannot connect to {}: {}", self->address_.text(), uv_strerror(code))});
  });
}

}  // namespace ringhold

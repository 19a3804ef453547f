#include "client/tcp_connect.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/core.h>

namespace ringhold::client {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// The interrupt may come just before poll() begins, so it never waits longer than this in one go.
constexpr std::chrono::milliseconds kPollSlice{200};

Error describe_connect_failure(int code) {
  if (code == ECONNREFUSED)
    return Error{"connection refused: no server listens there (cluster/up starts a cluster)"};
  if (code == ETIMEDOUT) return Error{"no answer to the attempt to connect"};
  return Error{fmt::format("cannot connect: {}", std::strerror(code))};
}

Result<AddressList> resolve(const Address& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (code != 0) return Error{fmt::format("cannot look up '{}': {}", address.host, gai_strerror(code))};
  return AddressList(found, &freeaddrinfo);
}

// The outcome of a connect() that was under way: 0 or an errno.
int connect_outcome(int socket) {
  int code = 0;
  socklen_t size = sizeof(code);
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

Result<void> connect_one(int socket, const addrinfo& target, Deadline deadline,
                         const std::atomic<bool>* interrupt) {
  if (::connect(socket, target.ai_addr, target.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return describe_connect_failure(errno);
  const auto events = poll_socket(socket, POLLOUT, deadline, interrupt);
  if (!events) return events.error();
  if (*events == 0) return describe_connect_failure(ETIMEDOUT);
  const int code = connect_outcome(socket);
  if (code != 0) return describe_connect_failure(code);
  return {};
}

}  // namespace

Result<int> tcp_connect(const Address& address, Deadline deadline, const std::atomic<bool>* interrupt) {
  const auto targets = resolve(address);
  if (!targets) return targets.error();
  Error last{"the name has no address"};
  for (const addrinfo* target = targets->get(); target != nullptr; target = target->ai_next) {
    const int socket = ::socket(target->ai_family, target->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) {
      last = describe_connect_failure(errno);
      continue;
    }
    const auto connected = connect_one(socket, *target, deadline, interrupt);
    if (connected.ok()) {
      const int on = 1;  // commands are sent in one piece; nothing is gained by holding them back
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      return socket;
    }
    ::close(socket);
    last = connected.error();
  }
  return last;
}

Result<short> poll_socket(int socket, short events, Deadline deadline, const std::atomic<bool>* interrupt) {
  while (true) {
    if (interrupt != nullptr && interrupt->load()) return Error{"interrupted"};
    auto pause = kPollSlice;
    if (deadline) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return short{0};
      pause = std::min(pause, left);
    }
    pollfd descriptor{.fd = socket, .events = events, .revents = 0};
    const int ready = ::poll(&descriptor, 1, static_cast<int>(pause.count()));
    if (ready > 0) return descriptor.revents;
    if (ready < 0 && errno != EINTR) return Error{fmt::format("poll: {}", std::strerror(errno))};
  }
}

}  // namespace ringhold::client

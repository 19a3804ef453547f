#include "common/net/listening_socket.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace ringhold {

namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> resolve(const Address& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (code != 0 || found == nullptr) {
    return Error{
        fmt::format("cannot listen on {}: the host is unknown ({})", address.text(), ::gai_strerror(code))};
  }
  return Addresses(found);
}

bool set_option(int fd, int option) {
  const int on = 1;
  return ::setsockopt(fd, SOL_SOCKET, option, &on, sizeof(on)) == 0;
}

bool bind_with(int fd, const addrinfo& to, PortUse use) {
  if (!set_option(fd, SO_REUSEADDR)) return false;
  if (use == PortUse::kJoin && !set_option(fd, SO_REUSEPORT)) return false;
  return ::bind(fd, to.ai_addr, to.ai_addrlen) == 0;
}

}  // namespace

void allow_joining(int fd) {
  set_option(fd, SO_REUSEPORT);
}

Error describe_port_error(const Address& address, int code) {
  switch (code) {
    case EADDRINUSE:
      return Error{
          fmt::format("{} is in use by another process; choose another with --addr", address.text())};
    case EADDRNOTAVAIL:
      return Error{
          fmt::format("{} is not an address of this machine; choose another with --addr", address.text())};
    case EACCES:
      return Error{
          fmt::format("no permission to listen on {}: ports below 1024 need root or CAP_NET_BIND_SERVICE; "
                      "choose another with --addr",
                      address.text())};
    default:
      return Error{
          fmt::format("cannot listen on {}: {}", address.text(), std::generic_category().message(code))};
  }
}

Result<int> open_port(const Address& address, PortUse use) {
  const auto found = resolve(address);
  if (!found) return found.error();
  const addrinfo& to = **found;
  const int fd = ::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return describe_port_error(address, errno);
  if (bind_with(fd, to, use)) return fd;
  const int code = errno;
  ::close(fd);
  return describe_port_error(address, code);
}

}  // namespace ringhold

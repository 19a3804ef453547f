#include "cluster/topology/server_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>

#include "common/base/text.h"

namespace ringhold {

namespace {

bool looks_like_ipv4(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// The one spelling of an IP address, or "" if `host` is none.
std::string canonical_ip(const std::string& host) {
  const int family = host.find(':') == std::string::npos ? AF_INET : AF_INET6;
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_pton(family, host.c_str(), bytes.data()) != 1) return "";
  return inet_ntop(family, bytes.data(), text.data(), text.size());
}

bool resolvable_name(std::string_view host) {
  if (host.front() == '.' || host.back() == '.' || host.find("..") != std::string_view::npos) return false;
  return host.front() != '-' && host.back() != '-';
}

}  // namespace

Result<Address> parse_server_address(std::string_view text) {
  auto address = parse_address(text);
  if (!address) return address;
  const std::string shown = printable(text);
  if (address->port == 0) {
    return Error{fmt::format("'{}' has port 0; write the port on which the data server listens", shown)};
  }
  const bool ipv6 = address->host.find(':') != std::string::npos;
  if (ipv6 || looks_like_ipv4(address->host)) {
    const std::string canonical = canonical_ip(address->host);
    if (canonical.empty()) {
      return Error{fmt::format("'{}' has no valid IPv{} address; write HOST:PORT, for example {}", shown,
                               ipv6 ? 6 : 4, ipv6 ? "[::1]:9444" : "127.0.0.1:9444")};
    }
    if (Address{canonical, address->port}.is_wildcard()) {
      return Error{
          fmt::format("'{}' stands for every address of a host; write the one to connect to", shown)};
    }
  } else if (!resolvable_name(address->host)) {
    return Error{
        fmt::format("'{}' has no valid host name; write HOST:PORT, for example 127.0.0.1:9444", shown)};
  }
  return address;
}

std::string address_identity(const Address& address) {
  const std::string ip = canonical_ip(address.host);
  return Address{ip.empty() ? to_lower(address.host) : ip, address.port}.text();
}

}  // namespace ringhold

#include "cluster/topology/server_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include "common/base/text.h"

namespace ringhold {

namespace {

bool looks_like_ipv4(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_ip(int family, const std::string& host) {
  in6_addr bytes{};  // large enough for either family
  return inet_pton(family, host.c_str(), &bytes) == 1;
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
    if (!is_ip(ipv6 ? AF_INET6 : AF_INET, address->host)) {
      return Error{fmt::format("'{}' has no valid IPv{} address; write HOST:PORT, for example {}", shown,
                               ipv6 ? 6 : 4, ipv6 ? "[::1]:9444" : "127.0.0.1:9444")};
    }
    if (address->is_wildcard()) {
      return Error{
          fmt::format("'{}' stands for every address of a host; write the one to connect to", shown)};
    }
  } else if (!resolvable_name(address->host)) {
    return Error{
        fmt::format("'{}' has no valid host name; write HOST:PORT, for example 127.0.0.1:9444", shown)};
  }
  return address;
}

}  // namespace ringhold

#include "common/reactor/address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>

#include "common/base/text.h"

namespace ringhold {

namespace {

constexpr std::size_t kHostBytesMax = 253;  // the longest DNS name

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_';
}

bool is_ipv6_char(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

// What is no IPv6 address in spite of its brackets is left as it is, for its user to refuse.
std::string canonical_ipv6(std::string host) {
  in6_addr bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_pton(AF_INET6, host.c_str(), &bytes) != 1) return host;
  return inet_ntop(AF_INET6, &bytes, text.data(), text.size());
}

}  // namespace

std::string Address::text() const {
  if (host.find(':') != std::string::npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

Result<Address> parse_address(std::string_view text) {
  const auto fail = [text](std::string_view why) {
    return Error{fmt::format("'{}' is not an address ({}); write HOST:PORT, for example 127.0.0.1:9443",
                             printable(text), why)};
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail("no port");
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return fail("no host");
  if (host.size() > kHostBytesMax) return fail("the host is too long");
  for (const char c : host) {
    if (!(bracketed ? is_ipv6_char(c) : is_host_char(c))) return fail("the host has an illegal character");
  }
  const auto port = parse_uint64(text.substr(colon + 1));
  if (!port || *port > 65535) return fail("the port is not a number from 0 to 65535");
  std::string canonical = to_lower(host);
  if (bracketed) canonical = canonical_ipv6(std::move(canonical));
  return Address{std::move(canonical), static_cast<std::uint16_t>(*port)};
}

}  // namespace ringhold

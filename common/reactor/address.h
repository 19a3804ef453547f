// HOST:PORT as people write it. HOST is a name, an IPv4 address or an IPv6 address in brackets.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace ringhold {

struct Address {
  std::string host;  // without brackets
  std::uint16_t port = 0;

  std::string text() const;  // "127.0.0.1:9443", "[::1]:9443"
  bool is_wildcard() const { return host == "0.0.0.0" || host == "::"; }
  auto operator<=>(const Address&) const = default;
};

// Errors name the text and say what an address looks like. Port 0 is accepted (a listener picks a free one).
Result<Address> parse_address(std::string_view text);

}  // namespace ringhold

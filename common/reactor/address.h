// HOST:PORT as people write it. HOST is a name, an IPv4 address or an IPv6 address in brackets.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace ringhold {

struct Address {
  std::string host;  // without brackets, in the one spelling that parse_address makes of it
  std::uint16_t port = 0;

  std::string text() const;  // "127.0.0.1:9443", "[::1]:9443"
  bool is_wildcard() const { return host == "0.0.0.0" || host == "::"; }
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const Address&) const = default;
};

// Makes one of all spellings. Errors name the text. Port 0 is accepted (a listener picks a free one).
Result<Address> parse_address(std::string_view text);

}  // namespace ringhold

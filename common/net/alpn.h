// ALPN, RFC 7301: which protocol a connection speaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/reactor/stream.h"

namespace ringhold {

// The server's choice from a client's list in wire form (length byte, name, ...): the peer protocol if it is
// offered, else redis, else http/1.1 or http/1.0; nothing if none of them is.
// The result views static storage.
std::optional<std::string_view> choose_alpn(std::string_view offered);

// The protocol of that name; none chosen (empty) means redis.
std::optional<Protocol> protocol_named(std::string_view name);

// A list of one, in wire form, for a client to offer.
std::string alpn_offer(Protocol protocol);

}  // namespace ringhold

// The address of a replica, as servers.json and topologies hold it: one that other hosts can connect to.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/reactor/address.h"

namespace ringhold {

// As parse_address, but refuses port 0, wildcards, numbers that look like an IP address and are none, and
// names that no resolver takes. The host is kept as it is written.
Result<Address> parse_server_address(std::string_view text);

// The same for all spellings of one address ("[::1]:1" and "[0:0::1]:1", "HOST:1" and "host:1"). It does not
// resolve names: "localhost:1" and "127.0.0.1:1" differ.
std::string address_identity(const Address& address);

}  // namespace ringhold

// The address of a replica, as servers.json and topologies hold it: one that other hosts can connect to.
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "common/reactor/address.h"

namespace ringhold {

// As parse_address, but refuses port 0, wildcards, numbers that look like an IP address and are none, and
// names that no resolver takes.
Result<Address> parse_server_address(std::string_view text);

}  // namespace ringhold

// What COMMAND shows about a row beyond what the row says itself: names of flags, ACL categories, and tips
// for clients that route or cache. All of it follows from the row.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/command/command_table.h"

namespace ringhold {

using Names = std::vector<std::string_view>;

// "write", "denyoom", ... in Redis's order.
Names command_flag_names(const CommandRow& row);
// "RO", "access", ... in Redis's order.
Names key_flag_names(std::uint16_t flags);
// "@string", "@fast", ... in Redis's order. Ringhold has no ACLs; clients and COMMAND LIST FILTERBY ACLCAT
// ask.
Names acl_categories(const CommandRow& row);
// "request_policy:multi_shard", "nondeterministic_output", ...
Names command_tips(const CommandRow& row);

}  // namespace ringhold

// What the set commands share.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dataserver/commands/handler.h"
#include "dataserver/store/set_members.h"
#include "dataserver/store/store.h"

namespace ringhold {

// The members of a set to read, none if there is no such key. Empty after replying that it is no set.
std::optional<SetMembers> members_or_error(CommandContext& context, std::string_view key,
                                           Use use = Use::kRead);
// Of several sets.
std::optional<std::vector<SetMembers>> members_or_error(CommandContext& context,
                                                        std::span<const std::string_view> keys);

void reply_member(CommandContext& context, const StringValue& member);
// All members of a set, as a set.
void reply_members(CommandContext& context, const SetMembers& set);

}  // namespace ringhold

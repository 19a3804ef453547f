// What the hash commands share.
#pragma once

#include <optional>
#include <string_view>

#include "dataserver/commands/handler.h"
#include "dataserver/store/hashes.h"

namespace ringhold {

// The fields of a hash to read, none if there is no such key. Empty after replying that it is no hash.
std::optional<hashes::Fields> fields_or_error(CommandContext& context, std::string_view key);

void reply_text(CommandContext& context, const StringValue& value);

// All fields and values, slowly if they are many.
void reply_all(CommandContext& context, const hashes::Fields& fields);

}  // namespace ringhold

// What the list commands share: options in words, ranges, and replies with items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dataserver/commands/handler.h"
#include "dataserver/store/lists.h"

namespace ringhold {

// LEFT or RIGHT. Empty after replying with an error.
std::optional<ListEnd> end_argument(CommandContext& context, std::string_view word);

// True after replying with the error.
bool reply_if_wrong_type(CommandContext& context, const lists::List& list);

void reply_item(CommandContext& context, const StringValue& item);
// An array of `count` items from the one at `index` on.
void reply_items(CommandContext& context, const lists::List& list, std::size_t index, std::size_t count,
                 ListEnd towards);
// Takes up to `count` items off an end and replies with them, the outermost first. Precondition: the list is
// not empty.
void pop_items(CommandContext& context, lists::List& list, ListEnd end, std::int64_t count);

}  // namespace ringhold

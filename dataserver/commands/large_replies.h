// The replies of commands that read much of a large value: written piece by piece (ReplySource), so that
// others have their turn, and showing the value as it was when the command was executed.
//
// Each function says false, and does nothing, where the reply is not so large, or this caller of commands
// cannot take it in pieces; then the command writes it at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dataserver/commands/handler.h"
#include "dataserver/store/chunked_list.h"
#include "dataserver/store/entry.h"
#include "dataserver/store/member_table.h"

namespace ringhold {

// Bytes of a string, as a bulk string.
bool reply_slowly(CommandContext& context, const Entry& string, std::size_t first, std::size_t count);

// Items of a list, as an array, front to back.
bool reply_slowly(CommandContext& context, ChunkedList& list, std::size_t first, std::size_t count);

// All members of a set, or the fields of a hash, its values, or both.
enum class MemberReply : std::uint8_t { kSet, kFields, kValues, kMap };
bool reply_slowly(CommandContext& context, MemberTable& members, MemberReply what);

}  // namespace ringhold

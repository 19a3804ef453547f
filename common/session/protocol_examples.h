// DEBUG PROTOCOL: one example of each type of reply, for those who write client libraries.
#pragma once

#include <string_view>

#include "common/resp/reply_writer.h"

namespace ringhold {

// Writes what Redis 7.0 answers to DEBUG PROTOCOL `type` (in any case). False, and nothing is written, if
// there is no such type.
bool write_protocol_example(ReplyWriter& reply, std::string_view type);

}  // namespace ringhold

// From what the RESP parser makes to what the library shows.
#pragma once

#include <string_view>

#include "common/resp/reply_parser.h"
#include "ringhold/reply.h"

namespace ringhold::client {

// "WRONGTYPE Operation against ..." as a failure. UNCERTAIN, which a proxy says of a write whose shard was
// lost, is kUnknownOutcome: for the program it is the same as a connection that it lost itself.
Failure failure_of_error(std::string_view text);

// A reply that is an error gives a failure; errors inside an array stay what they are.
Expected<Reply> to_expected(ReplyValue&& value);

}  // namespace ringhold::client

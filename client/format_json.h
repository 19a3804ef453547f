// Replies as JSON, one document each, for scripts.
#pragma once

#include <string>
#include <string_view>

#include "common/resp/reply_parser.h"

namespace ringhold::client {

// One line, without a newline. Nothing is lost:
//   nil → null; bytes that are not UTF-8 → {"base64": "..."}; an error → {"error": "..."}; inf and nan, and
//   numbers of more than 64 bits, → strings; a map whose keys are not all texts, or not all different →
//   [[key, value], ...].
std::string format_json(const ReplyValue& reply);

}  // namespace ringhold::client

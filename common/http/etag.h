// Entity tags (RFC 9110, 8.8.3) and the conditions made of them. A value's tag is the XXH3-64 of its bytes,
// as 16 hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace ringhold {

// RFC 9110, 8.8.3.2: whether a tag that is marked as weak can match.
enum class TagComparison : std::uint8_t { kStrong, kWeak };

// The value of If-Match (compared strongly) or If-None-Match (weakly) as one word: "*", or the digits of all
// tags that can be one of ours, separated by commas; "-" where none can. An error where it is not
// well-formed.
Result<std::string> tags_of_condition(std::string_view value, TagComparison comparison);

}  // namespace ringhold

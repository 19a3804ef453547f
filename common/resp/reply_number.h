// The numbers of RESP3 as text.
#pragma once

#include <optional>
#include <string_view>

namespace ringhold {

// The text of a ',' reply: decimal or scientific, "inf", "-inf", "nan" (any case, as servers differ there).
std::optional<double> parse_reply_double(std::string_view text);

// The text of a '(' reply: an optional sign and digits.
bool is_big_number(std::string_view text);

}  // namespace ringhold

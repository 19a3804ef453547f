// Splits a line into arguments as Redis does (sdssplitargs): for inline commands, and for what people type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringhold {

// Arguments stand apart by blanks. "..." knows \n \r \t \b \a \xNN and \ before any other character; '...'
// knows only \'. A closing quote must be followed by a blank or the end. False if quotes are unbalanced.
// `args` are views into `storage`; both are overwritten.
[[nodiscard]] bool split_arguments(std::string_view line, std::string& storage,
                                   std::vector<std::string_view>& args);

}  // namespace ringhold

// Long doubles as Redis reads and writes them for INCRBYFLOAT (string2ld and ld2string of its util.c).
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace ringhold {

// Whatever strtold takes as a whole, without blanks before it: decimal, scientific, hexadecimal, "inf"; not
// "nan".
std::optional<long double> parse_long_double(std::string_view text);

// 17 digits after the point, trailing zeros cut: what a person would have written. Empty if `value` is
// infinite or not a number. `buffer` has room for 5 KiB.
std::string_view format_long_double(long double value, std::span<char> buffer);

}  // namespace ringhold

// Small text functions that every layer needs: exact number parsing, sizes, durations, case folding.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace ringhold {

// A decimal int64 exactly as Redis's string2ll takes it: optional '-', no '+', no blanks, no leading zeros
// (but "0"), nothing after it, no overflow.
std::optional<std::int64_t> parse_int64(std::string_view text);
std::optional<std::uint64_t> parse_uint64(std::string_view text);

// ASCII only, as command names and options are.
bool equals_ignore_case(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

// "100", "64kb", "64mb", "1gb" (powers of 1024), "64k", "64m", "1g" (powers of 1000, as in redis.conf).
Result<std::uint64_t> parse_size(std::string_view text);
// "250ms", "2s", "5m", "1h"; a bare number means seconds.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// Bytes of unknown origin for a message or a log line: printable ASCII as it is, the rest as \xNN, cut with
// "..." after `bytes_max` bytes.
std::string printable(std::string_view bytes, std::size_t bytes_max = 64);

}  // namespace ringhold

// Small parts that all handlers share: reading arguments, and Redis's error texts.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "dataserver/commands/handler.h"
#include "dataserver/store/store.h"

namespace ringhold {

namespace errors {

inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kNotInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotFloat = "ERR value is not a valid float";
inline constexpr std::string_view kTooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view kOverflow = "ERR increment or decrement would overflow";
inline constexpr std::string_view kNotFinite = "ERR increment would produce NaN or Infinity";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";
inline constexpr std::string_view kNotInt32 =
    "ERR value is out of range, value must between -2147483648 and 2147483647";
inline constexpr std::string_view kDbIndex = "ERR DB index is out of range";

}  // namespace errors

// An argument as an int64. Where it is none, replies with the error; the handler just returns.
std::optional<std::int64_t> integer_argument(CommandContext& context, std::string_view text);

// An int64 that is not below `min`. Empty after replying with `error`, also where it is no number.
std::optional<std::int64_t> bounded_argument(CommandContext& context, std::string_view text, std::int64_t min,
                                             std::string_view error);

// "ERR invalid expire time in 'set' command"
void reply_invalid_expire(CommandContext& context, std::string_view command);

// How the time of a deadline is given.
enum class TimeUnit : std::uint8_t { kSeconds, kMilliseconds };
enum class TimeBase : std::uint8_t { kNow, kEpoch };

inline Place find(CommandContext& context, std::string_view key, Use use) {
  return context.store.find(context.store.hash(key), context.now, use);
}

}  // namespace ringhold

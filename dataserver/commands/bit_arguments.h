// Offsets of bits, as clients give them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dataserver/commands/handler.h"

namespace ringhold {

namespace errors {
inline constexpr std::string_view kBitOffset = "ERR bit offset is not an integer or out of range";
}  // namespace errors

// An offset within the longest string that there may be; "#3" counts fields of `field_bits` bits, if that is
// not 0. Empty after replying with an error.
std::optional<std::uint64_t> bit_offset_argument(CommandContext& context, std::string_view text,
                                                 unsigned field_bits = 0);

}  // namespace ringhold

#include "dataserver/commands/bit_arguments.h"

#include "common/base/text.h"
#include "dataserver/store/bitmaps.h"

namespace ringhold {

std::optional<std::uint64_t> bit_offset_argument(CommandContext& context, std::string_view text,
                                                 unsigned field_bits) {
  std::int64_t factor = 1;
  if (field_bits > 0 && text.starts_with('#')) {
    factor = field_bits;
    text.remove_prefix(1);
  }
  const auto number = parse_int64(text);
  std::int64_t offset = 0;
  if (!number || *number < 0 || __builtin_mul_overflow(*number, factor, &offset) ||
      static_cast<std::uint64_t>(offset) / 8 >= bitmaps::string_bytes_max(context.store)) {
    context.reply.error(errors::kBitOffset);
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(offset);
}

}  // namespace ringhold

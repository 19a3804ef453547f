// Commands on the bits of strings, but for BITFIELD.
#include "dataserver/store/bitmaps.h"

#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/bit_arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/string_replies.h"

namespace ringhold::handlers {

namespace {

using bitmaps::BitRange;
using bitmaps::Operation;
using strings::Status;

enum class Unit : std::uint8_t { kBytes, kBits };

// BYTE or BIT at args[at], if there is one. Empty after replying with an error.
std::optional<Unit> unit_argument(CommandContext& context, std::size_t at) {
  if (at >= context.args.size() || equals_ignore_case(context.args[at], "byte")) return Unit::kBytes;
  if (equals_ignore_case(context.args[at], "bit")) return Unit::kBits;
  context.reply.error(errors::kSyntax);
  return std::nullopt;
}

// A range as a client gives it, of a string of `size` bytes; negative positions count from its end. Empty if
// there are no bits in it.
std::optional<BitRange> bits_between(std::int64_t first, std::int64_t last, Unit unit, std::size_t size) {
  const auto total = static_cast<std::int64_t>(unit == Unit::kBits ? size * 8 : size);
  if (first < 0) first = std::max<std::int64_t>(0, first + total);
  if (last < 0) last = std::max<std::int64_t>(0, last + total);
  last = std::min(last, total - 1);
  if (first > last) return std::nullopt;
  if (unit == Unit::kBits)
    return BitRange{static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last)};
  return BitRange{static_cast<std::uint64_t>(first) * 8, static_cast<std::uint64_t>(last) * 8 + 7};
}

void count_between(CommandContext& context, std::string_view bytes) {
  const auto first = integer_argument(context, context.args[2]);
  if (!first) return;
  const auto last = integer_argument(context, context.args[3]);
  if (!last) return;
  if (*first < 0 && *last < 0 && *first > *last) return context.reply.integer(0);
  const auto unit = unit_argument(context, 4);
  if (!unit) return;
  const auto range = bits_between(*first, *last, *unit, bytes.size());
  context.reply.integer(range ? static_cast<std::int64_t>(bitmaps::count_ones(bytes, *range)) : 0);
}

void find_between(CommandContext& context, std::string_view bytes, bool bit) {
  const auto& args = context.args;
  if (args.size() > 6) return context.reply.error(errors::kSyntax);
  std::int64_t first = 0;
  std::int64_t last = -1;
  if (args.size() > 3) {
    const auto given = integer_argument(context, args[3]);
    if (!given) return;
    first = *given;
  }
  const auto unit = unit_argument(context, 5);
  if (!unit) return;
  const bool has_end = args.size() > 4;
  if (has_end) {
    const auto given = integer_argument(context, args[4]);
    if (!given) return;
    last = *given;
  }
  const auto range = bits_between(first, last, *unit, bytes.size());
  if (!range) return context.reply.integer(-1);
  const auto found = bitmaps::find_bit(bytes, bit, *range);
  if (found) return context.reply.integer(static_cast<std::int64_t>(*found));
  // Where no end is given, zeros follow the string.
  context.reply.integer(bit || has_end ? -1 : static_cast<std::int64_t>(bytes.size() * 8));
}

std::optional<Operation> operation_argument(CommandContext& context, std::string_view word) {
  if (equals_ignore_case(word, "and")) return Operation::kAnd;
  if (equals_ignore_case(word, "or")) return Operation::kOr;
  if (equals_ignore_case(word, "xor")) return Operation::kXor;
  if (equals_ignore_case(word, "not")) return Operation::kNot;
  context.reply.error(errors::kSyntax);
  return std::nullopt;
}

}  // namespace

void setbit(CommandContext& context) {
  constexpr std::string_view kNoBit = "ERR bit is not an integer or out of range";
  const auto offset = bit_offset_argument(context, context.args[2]);
  if (!offset) return;
  const auto bit = parse_int64(context.args[3]);
  if (!bit || *bit < 0 || *bit > 1) return context.reply.error(kNoBit);
  const auto result = bitmaps::set_bit(context.store, context.args[1], *offset, *bit == 1, context.now);
  if (result.status != Status::kOk) return reply_error(context, result.status);
  context.reply.integer(result.before ? 1 : 0);
}

void getbit(CommandContext& context) {
  const auto offset = bit_offset_argument(context, context.args[2]);
  if (!offset) return;
  IntText scratch;
  const auto found = strings::get(context.store, context.args[1], context.now, scratch);
  if (found.status == Status::kWrongType) return reply_error(context, found.status);
  context.reply.integer(bitmaps::bit_at(found.value, *offset) ? 1 : 0);
}

// For a missing key, the other arguments do not matter.
void bitcount(CommandContext& context) {
  IntText scratch;
  const auto found = strings::get(context.store, context.args[1], context.now, scratch);
  if (found.status == Status::kWrongType) return reply_error(context, found.status);
  if (found.status == Status::kMissing) return context.reply.integer(0);
  if (context.args.size() == 4 || context.args.size() == 5) return count_between(context, found.value);
  if (context.args.size() != 2) return context.reply.error(errors::kSyntax);
  const auto all = bits_between(0, -1, Unit::kBytes, found.value.size());
  context.reply.integer(all ? static_cast<std::int64_t>(bitmaps::count_ones(found.value, *all)) : 0);
}

void bitpos(CommandContext& context) {
  const auto bit = integer_argument(context, context.args[2]);
  if (!bit) return;
  if (*bit != 0 && *bit != 1) return context.reply.error("ERR The bit argument must be 1 or 0.");
  IntText scratch;
  const auto found = strings::get(context.store, context.args[1], context.now, scratch);
  if (found.status == Status::kWrongType) return reply_error(context, found.status);
  if (found.status == Status::kMissing) return context.reply.integer(*bit == 1 ? -1 : 0);
  find_between(context, found.value, *bit == 1);
}

void bitop(CommandContext& context) {
  const auto operation = operation_argument(context, context.args[1]);
  if (!operation) return;
  const auto keys = context.args.subspan(3);
  if (*operation == Operation::kNot && keys.size() != 1) {
    return context.reply.error("ERR BITOP NOT must be called with a single source key.");
  }
  std::vector<IntText> scratch(keys.size());
  std::vector<std::string_view> sources(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto found = strings::get(context.store, keys[i], context.now, scratch[i]);
    if (found.status == Status::kWrongType) return reply_error(context, found.status);
    sources[i] = found.value;
  }
  const std::string result = bitmaps::combine(*operation, sources);
  bitmaps::set_bytes(context.store, context.args[2], result, context.now);
  context.reply.integer(static_cast<std::int64_t>(result.size()));
}

}  // namespace ringhold::handlers

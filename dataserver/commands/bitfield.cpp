// BITFIELD and BITFIELD_RO: several reads and changes of integers within one string.
#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/bit_arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/string_replies.h"
#include "dataserver/store/bit_fields.h"
#include "dataserver/store/bitmaps.h"

namespace ringhold::handlers {

namespace {

using bitmaps::FieldType;
using bitmaps::Overflow;

enum class Action : std::uint8_t { kGet, kSet, kAdd };

struct Step {
  Action action = Action::kGet;
  FieldType type;
  std::uint64_t offset = 0;
  std::int64_t value = 0;
  Overflow overflow = Overflow::kWrap;
};

std::optional<Overflow> overflow_argument(CommandContext& context, std::string_view word) {
  if (equals_ignore_case(word, "wrap")) return Overflow::kWrap;
  if (equals_ignore_case(word, "sat")) return Overflow::kSaturate;
  if (equals_ignore_case(word, "fail")) return Overflow::kFail;
  context.reply.error("ERR Invalid OVERFLOW type specified");
  return std::nullopt;
}

// With `values` arguments behind the word.
struct KnownAction {
  std::string_view word;
  Action action;
  std::size_t values;
};
constexpr KnownAction kActions[] = {
    {"get", Action::kGet, 2}, {"set", Action::kSet, 3}, {"incrby", Action::kAdd, 3}};

// One of `kActions` with its arguments. False after replying with an error.
bool parse_action(CommandContext& context, const KnownAction& known, std::span<const std::string_view> values,
                  Step& step) {
  step.action = known.action;
  const auto type = FieldType::parse(values[0]);
  if (!type) {
    context.reply.error(
        "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
    return false;
  }
  step.type = *type;
  const auto offset = bit_offset_argument(context, values[1], type->bits);
  if (!offset) return false;
  step.offset = *offset;
  if (known.action == Action::kGet) return true;
  const auto value = integer_argument(context, values[2]);
  if (value) step.value = *value;
  return value.has_value();
}

// Empty after replying with an error.
std::optional<std::vector<Step>> parse_steps(CommandContext& context) {
  std::vector<Step> steps;
  Overflow overflow = Overflow::kWrap;
  const auto args = context.args;
  for (std::size_t at = 2; at < args.size();) {
    const std::size_t left = args.size() - at - 1;
    if (equals_ignore_case(args[at], "overflow") && left >= 1) {
      const auto given = overflow_argument(context, args[at + 1]);
      if (!given) return std::nullopt;
      overflow = *given;
      at += 2;
      continue;
    }
    const KnownAction* known = nullptr;
    for (const KnownAction& candidate : kActions) {
      if (equals_ignore_case(args[at], candidate.word) && left >= candidate.values) known = &candidate;
    }
    if (known == nullptr) {
      context.reply.error(errors::kSyntax);
      return std::nullopt;
    }
    Step step{.overflow = overflow};
    if (!parse_action(context, *known, args.subspan(at + 1, known->values), step)) return std::nullopt;
    steps.push_back(step);
    at += 1 + known->values;
  }
  return steps;
}

// Where the last field that is changed ends, in bytes; 0 if none is.
std::uint64_t bytes_written(const std::vector<Step>& steps) {
  std::uint64_t bits = 0;
  for (const Step& step : steps) {
    if (step.action != Action::kGet) bits = std::max(bits, step.offset + step.type.bits);
  }
  return (bits + 7) / 8;
}

void read_fields(CommandContext& context, const std::vector<Step>& steps) {
  IntText scratch;
  const auto found = strings::get(context.store, context.args[1], context.now, scratch);
  if (found.status == strings::Status::kWrongType) return reply_error(context, found.status);
  context.reply.array(steps.size());
  for (const Step& step : steps) {
    context.reply.integer(bitmaps::read_field(found.value, step.type, step.offset));
  }
}

void write_field(Entry& string, const Step& step, std::int64_t value) {
  const std::uint64_t at = step.offset & 7U;
  char* bytes = string.edit_text(step.offset / 8, (at + step.type.bits + 7) / 8);
  bitmaps::write_field(bytes, step.type, at, value);
}

void run_step(CommandContext& context, Entry& string, const Step& step) {
  IntText unused;
  const std::int64_t before = bitmaps::read_field(string.text(unused), step.type, step.offset);
  if (step.action == Action::kGet) return context.reply.integer(before);
  const auto after = step.action == Action::kSet ? bitmaps::fit(step.type, step.value, step.overflow)
                                                 : bitmaps::add(step.type, before, step.value, step.overflow);
  if (!after) return context.reply.null();
  write_field(string, step, *after);
  context.reply.integer(step.action == Action::kSet ? before : *after);
}

// The string becomes long enough for all fields, even if none of them takes its value.
void change_fields(CommandContext& context, const std::vector<Step>& steps, std::uint64_t bytes_needed) {
  const HashedKey key = context.store.hash(context.args[1]);
  Place place = context.store.find(key, context.now, Use::kWrite);
  if (place && place.entry->type() != ValueType::kString) return context.reply.error(errors::kWrongType);
  if (bytes_needed > bitmaps::string_bytes_max(context.store)) return context.reply.error(errors::kBitOffset);
  const std::size_t size = std::max<std::size_t>(place ? place.entry->text_size() : 0, bytes_needed);
  context.store.resize_string(key, place, size, {}, context.now);
  context.reply.array(steps.size());
  for (const Step& step : steps) run_step(context, *place.entry, step);
}

}  // namespace

void bitfield(CommandContext& context) {
  const auto steps = parse_steps(context);
  if (!steps) return;
  const std::uint64_t bytes_needed = bytes_written(*steps);
  if (bytes_needed == 0) return read_fields(context, *steps);
  change_fields(context, *steps, bytes_needed);
}

void bitfield_ro(CommandContext& context) {
  const auto steps = parse_steps(context);
  if (!steps) return;
  if (bytes_written(*steps) > 0) {
    return context.reply.error("ERR BITFIELD_RO only supports the GET subcommand");
  }
  read_fields(context, *steps);
}

}  // namespace ringhold::handlers

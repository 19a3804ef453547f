#include "dataserver/commands/string_options.h"

#include <limits>

#include "common/base/text.h"

namespace ringhold {

namespace {

struct ExpireWord {
  std::string_view word;
  TimeUnit unit;
  TimeBase base;
};
constexpr ExpireWord kExpireWords[] = {{"ex", TimeUnit::kSeconds, TimeBase::kNow},
                                       {"px", TimeUnit::kMilliseconds, TimeBase::kNow},
                                       {"exat", TimeUnit::kSeconds, TimeBase::kEpoch},
                                       {"pxat", TimeUnit::kMilliseconds, TimeBase::kEpoch}};

// "EX 10" and its like. False if it is no such option, or one of another kind was given already (the same
// one again is taken, as in Redis: the last counts).
bool parse_expire(StringOptions& options, std::string_view word, std::string_view value) {
  if (options.keep_deadline || options.persist) return false;
  for (const ExpireWord& known : kExpireWords) {
    if (!equals_ignore_case(word, known.word)) continue;
    if (options.expire && (options.expire->unit != known.unit || options.expire->base != known.base)) {
      return false;
    }
    options.expire = {value, known.unit, known.base};
    return true;
  }
  return false;
}

bool set_condition(StringOptions& options, strings::Condition condition) {
  if (options.condition != strings::Condition::kAlways && options.condition != condition) return false;
  options.condition = condition;
  return true;
}

bool parse_set_word(StringOptions& options, std::string_view word) {
  if (equals_ignore_case(word, "nx")) return set_condition(options, strings::Condition::kIfAbsent);
  if (equals_ignore_case(word, "xx")) return set_condition(options, strings::Condition::kIfPresent);
  if (equals_ignore_case(word, "get")) return options.get = true;
  if (equals_ignore_case(word, "keepttl") && !options.expire) return options.keep_deadline = true;
  return false;
}

bool parse_getex_word(StringOptions& options, std::string_view word) {
  return equals_ignore_case(word, "persist") && !options.expire && (options.persist = true);
}

std::optional<StringOptions> parse(const CommandContext& context, std::size_t first,
                                   bool (*parse_word)(StringOptions&, std::string_view)) {
  StringOptions options;
  for (std::size_t i = first; i < context.args.size(); ++i) {
    if (parse_word(options, context.args[i])) continue;
    if (i + 1 == context.args.size()) return std::nullopt;
    if (!parse_expire(options, context.args[i], context.args[i + 1])) return std::nullopt;
    ++i;
  }
  return options;
}

}  // namespace

std::optional<StringOptions> parse_set_options(const CommandContext& context) {
  return parse(context, 3, parse_set_word);
}

std::optional<StringOptions> parse_getex_options(const CommandContext& context) {
  return parse(context, 2, parse_getex_word);
}

std::optional<UnixMs> expire_deadline(CommandContext& context, const ExpireArgument& argument,
                                      std::string_view command) {
  const auto time = integer_argument(context, argument.text);
  if (!time) return std::nullopt;
  UnixMs deadline = *time;
  const std::int64_t factor = argument.unit == TimeUnit::kSeconds ? 1000 : 1;
  const UnixMs base = argument.base == TimeBase::kNow ? context.now : 0;
  if (*time <= 0 || __builtin_mul_overflow(deadline, factor, &deadline) ||
      __builtin_add_overflow(deadline, base, &deadline)) {
    reply_invalid_expire(context, command);
    return std::nullopt;
  }
  return deadline;
}

}  // namespace ringhold

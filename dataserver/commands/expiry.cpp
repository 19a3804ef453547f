// EXPIRE and its like, which set a deadline, and TTL and its like, which tell it.
#include <fmt/core.h>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"

namespace ringhold::handlers {

namespace {

// Under which a new deadline is taken.
struct ExpireRule {
  bool nx = false;
  bool xx = false;
  bool gt = false;
  bool lt = false;

  bool allows(UnixMs old_deadline, UnixMs deadline) const {
    const bool never = old_deadline == kNoDeadline;
    if (nx && !never) return false;
    if (xx && never) return false;
    if (gt && (never || deadline <= old_deadline)) return false;
    return !lt || never || deadline < old_deadline;
  }
};

// Empty after replying with an error.
std::optional<ExpireRule> parse_rule(CommandContext& context) {
  ExpireRule rule;
  for (const std::string_view word : context.args.subspan(3)) {
    bool* flag = equals_ignore_case(word, "nx")   ? &rule.nx
                 : equals_ignore_case(word, "xx") ? &rule.xx
                 : equals_ignore_case(word, "gt") ? &rule.gt
                 : equals_ignore_case(word, "lt") ? &rule.lt
                                                  : nullptr;
    if (flag == nullptr) {
      // As C's "%s" prints it: not beyond a zero byte.
      context.reply.error(fmt::format("ERR Unsupported option {}", word.substr(0, word.find('\0'))));
      return std::nullopt;
    }
    *flag = true;
  }
  if (rule.nx && (rule.xx || rule.gt || rule.lt)) {
    context.reply.error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return std::nullopt;
  }
  if (rule.gt && rule.lt) {
    context.reply.error("ERR GT and LT options at the same time are not compatible");
    return std::nullopt;
  }
  return rule;
}

// A time of any sign as a deadline; empty after replying that it is no number or does not fit.
std::optional<UnixMs> parse_deadline(CommandContext& context, TimeUnit unit, TimeBase base,
                                     std::string_view command) {
  const auto time = integer_argument(context, context.args[2]);
  if (!time) return std::nullopt;
  UnixMs deadline = *time;
  const std::int64_t factor = unit == TimeUnit::kSeconds ? 1000 : 1;
  if (__builtin_mul_overflow(deadline, factor, &deadline) ||
      __builtin_add_overflow(deadline, base == TimeBase::kNow ? context.now : 0, &deadline)) {
    reply_invalid_expire(context, command);
    return std::nullopt;
  }
  return deadline;
}

void set_expiry(CommandContext& context, TimeUnit unit, TimeBase base, std::string_view command) {
  const auto rule = parse_rule(context);
  if (!rule) return;
  const auto deadline = parse_deadline(context, unit, base, command);
  if (!deadline) return;
  const HashedKey key = context.store.hash(context.args[1]);
  Place place = context.store.find(key, context.now, Use::kWrite);
  if (!place || !rule->allows(place.entry->deadline(), *deadline)) return context.reply.integer(0);
  if (*deadline <= context.now) {
    context.store.erase(key, place);
  } else {
    context.store.set_deadline(key, place, *deadline);
  }
  context.reply.integer(1);
}

void tell_expiry(CommandContext& context, TimeUnit unit, TimeBase base) {
  constexpr std::int64_t kNoKey = -2;
  constexpr std::int64_t kNoExpiry = -1;
  const Place place = find(context, context.args[1], Use::kLook);
  if (!place) return context.reply.integer(kNoKey);
  if (!place.entry->has_deadline()) return context.reply.integer(kNoExpiry);
  const std::int64_t ms = place.entry->deadline() - (base == TimeBase::kNow ? context.now : 0);
  if (unit == TimeUnit::kMilliseconds) return context.reply.integer(ms);
  context.reply.integer(ms / 1000 + (ms % 1000 >= 500 ? 1 : 0));  // rounded, as in Redis
}

}  // namespace

void expire(CommandContext& context) {
  set_expiry(context, TimeUnit::kSeconds, TimeBase::kNow, "expire");
}
void expireat(CommandContext& context) {
  set_expiry(context, TimeUnit::kSeconds, TimeBase::kEpoch, "expireat");
}
void pexpire(CommandContext& context) {
  set_expiry(context, TimeUnit::kMilliseconds, TimeBase::kNow, "pexpire");
}
void pexpireat(CommandContext& context) {
  set_expiry(context, TimeUnit::kMilliseconds, TimeBase::kEpoch, "pexpireat");
}

void ttl(CommandContext& context) {
  tell_expiry(context, TimeUnit::kSeconds, TimeBase::kNow);
}
void pttl(CommandContext& context) {
  tell_expiry(context, TimeUnit::kMilliseconds, TimeBase::kNow);
}
void expiretime(CommandContext& context) {
  tell_expiry(context, TimeUnit::kSeconds, TimeBase::kEpoch);
}
void pexpiretime(CommandContext& context) {
  tell_expiry(context, TimeUnit::kMilliseconds, TimeBase::kEpoch);
}

void persist(CommandContext& context) {
  const HashedKey key = context.store.hash(context.args[1]);
  Place place = context.store.find(key, context.now, Use::kWrite);
  if (!place || !place.entry->has_deadline()) return context.reply.integer(0);
  context.store.set_deadline(key, place, kNoDeadline);
  context.reply.integer(1);
}

}  // namespace ringhold::handlers

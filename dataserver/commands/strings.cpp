// Commands on whole string values.
#include "dataserver/store/strings.h"

#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/large_replies.h"
#include "dataserver/commands/string_options.h"
#include "dataserver/commands/string_replies.h"

namespace ringhold::handlers {

namespace {

using strings::Condition;
using strings::Status;

void reply_text(CommandContext& context, const Entry& string) {
  if (reply_slowly(context, string, 0, string.text_size())) return;
  IntText scratch;
  context.reply.bulk(string.text(scratch));
}

// Replies with the value at args[1], or null. False if that is not a string, after replying so.
bool reply_value(CommandContext& context) {
  const Place place = find(context, context.args[1], Use::kRead);
  if (!place) {
    context.reply.null();
  } else if (place.entry->type() != ValueType::kString) {
    reply_error(context, Status::kWrongType);
    return false;
  } else {
    reply_text(context, *place.entry);
  }
  return true;
}

// SETEX and PSETEX: key, time, value.
void set_with_time(CommandContext& context, TimeUnit unit, std::string_view command) {
  const auto deadline = expire_deadline(context, {context.args[2], unit, TimeBase::kNow}, command);
  if (!deadline) return;
  const Status status = strings::set(context.store, context.args[1], context.args[3],
                                     {.deadline = *deadline, .owner = context.owner}, context.now);
  if (status != Status::kOk) return reply_error(context, status);
  context.reply.ok();
}

// Redis counts arguments here, not in its table. Precondition: there are some.
bool has_pairs(CommandContext& context, std::string_view error) {
  if (context.args.size() % 2 == 1) return true;
  context.reply.error(error);
  return false;
}

// The first value that is too long, if any, is found before anything is stored.
bool values_fit(CommandContext& context) {
  for (std::size_t i = 2; i < context.args.size(); i += 2) {
    if (context.args[i].size() <= context.store.options().value_bytes_max) continue;
    reply_error(context, Status::kTooLong);
    return false;
  }
  return true;
}

void set_pairs(CommandContext& context) {
  for (std::size_t i = 1; i + 1 < context.args.size(); i += 2) {
    static_cast<void>(strings::set(context.store, context.args[i], context.args[i + 1], {}, context.now));
  }
}

}  // namespace

void get(CommandContext& context) {
  reply_value(context);
}

void getdel(CommandContext& context) {
  if (!reply_value(context)) return;
  const HashedKey key = context.store.hash(context.args[1]);
  if (const Place place = context.store.find(key, context.now, Use::kWrite)) context.store.erase(key, place);
}

void getex(CommandContext& context) {
  const auto options = parse_getex_options(context);
  if (!options) return context.reply.error(errors::kSyntax);
  const HashedKey key = context.store.hash(context.args[1]);
  Place place = context.store.find(key, context.now, Use::kRead);
  if (!place) return context.reply.null();
  if (place.entry->type() != ValueType::kString) return context.reply.error(errors::kWrongType);
  std::optional<UnixMs> deadline;
  if (options->expire) {
    deadline = expire_deadline(context, *options->expire, "getex");
    if (!deadline) return;
  } else if (options->persist) {
    deadline = kNoDeadline;
  }
  reply_text(context, *place.entry);
  if (!deadline) return;
  if (*deadline != kNoDeadline && *deadline <= context.now) {
    context.store.erase(key, place);
  } else {
    context.store.set_deadline(key, place, *deadline);
  }
}

void getset(CommandContext& context) {
  if (context.args[2].size() > context.store.options().value_bytes_max) {
    return reply_error(context, Status::kTooLong);
  }
  if (!reply_value(context)) return;
  static_cast<void>(
      strings::set(context.store, context.args[1], context.args[2], {.owner = context.owner}, context.now));
}

void mget(CommandContext& context) {
  context.reply.array(context.args.size() - 1);
  for (const std::string_view key : context.args.subspan(1)) {
    IntText scratch;
    const auto result = strings::get(context.store, key, context.now, scratch);
    if (result.status == Status::kOk) {
      context.reply.bulk(result.value);
    } else {
      context.reply.null();
    }
  }
}

void mset(CommandContext& context) {
  if (!has_pairs(context, "ERR wrong number of arguments for 'mset' command") || !values_fit(context)) return;
  set_pairs(context);
  context.reply.ok();
}

void msetnx(CommandContext& context) {
  if (!has_pairs(context, "ERR wrong number of arguments for 'msetnx' command") || !values_fit(context))
    return;
  for (std::size_t i = 1; i < context.args.size(); i += 2) {
    if (find(context, context.args[i], Use::kWrite)) return context.reply.integer(0);
  }
  set_pairs(context);
  context.reply.integer(1);
}

void psetex(CommandContext& context) {
  set_with_time(context, TimeUnit::kMilliseconds, "psetex");
}

void set(CommandContext& context) {
  const auto options = parse_set_options(context);
  if (!options) return context.reply.error(errors::kSyntax);
  strings::SetOptions how{
      .condition = options->condition, .keep_deadline = options->keep_deadline, .owner = context.owner};
  if (options->expire) {
    const auto deadline = expire_deadline(context, *options->expire, "set");
    if (!deadline) return;
    how.deadline = *deadline;
  }
  if (options->get) {
    // The old value is the reply, so whatever could refuse the new one comes first.
    if (context.args[2].size() > context.store.options().value_bytes_max) {
      return reply_error(context, Status::kTooLong);
    }
    if (!reply_value(context)) return;
  }
  const Status status = strings::set(context.store, context.args[1], context.args[2], how, context.now);
  if (options->get) return;
  if (status == Status::kOk) return context.reply.ok();
  if (status == Status::kNotStored) return context.reply.null();
  reply_error(context, status);
}

void setex(CommandContext& context) {
  set_with_time(context, TimeUnit::kSeconds, "setex");
}

void setnx(CommandContext& context) {
  const Status status =
      strings::set(context.store, context.args[1], context.args[2],
                   {.condition = Condition::kIfAbsent, .owner = context.owner}, context.now);
  if (status == Status::kTooLong) return reply_error(context, status);
  context.reply.integer(status == Status::kOk ? 1 : 0);
}

}  // namespace ringhold::handlers

// The commands on hashes, but for those that go through many fields (hash_listing.cpp).
#include "dataserver/store/hashes.h"

#include <cmath>

#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/hash_replies.h"
#include "dataserver/store/long_double.h"

namespace ringhold::handlers {

namespace {

using hashes::Status;

std::string_view error_of(Status status) {
  switch (status) {
    case Status::kOk:
    case Status::kWrongType:
      break;
    case Status::kNotInteger:
      return "ERR hash value is not an integer";
    case Status::kNotFloat:
      return "ERR hash value is not a float";
    case Status::kOverflow:
      return errors::kOverflow;
    case Status::kNotFinite:
      return errors::kNotFinite;
  }
  return errors::kWrongType;
}

void reply_count(CommandContext& context, const hashes::CountResult& result) {
  if (result.status != Status::kOk) return context.reply.error(error_of(result.status));
  context.reply.integer(static_cast<std::int64_t>(result.count));
}

void reply_value(CommandContext& context, const std::optional<StringValue>& value) {
  if (value) {
    reply_text(context, *value);
  } else {
    context.reply.null();
  }
}

}  // namespace

void hdel(CommandContext& context) {
  const auto args = context.args;
  reply_count(context, hashes::remove(context.store, args[1], args.subspan(2), context.now));
}

void hexists(CommandContext& context) {
  const auto fields = fields_or_error(context, context.args[1]);
  if (fields) context.reply.integer(fields->find(context.args[2]) ? 1 : 0);
}

void hget(CommandContext& context) {
  const auto fields = fields_or_error(context, context.args[1]);
  if (fields) reply_value(context, fields->find(context.args[2]));
}

void hincrby(CommandContext& context) {
  const auto args = context.args;
  const auto by = integer_argument(context, args[3]);
  if (!by) return;
  const auto result = hashes::increment(context.store, args[1], args[2], *by, context.now);
  if (result.status != Status::kOk) return context.reply.error(error_of(result.status));
  context.reply.integer(result.value);
}

void hincrbyfloat(CommandContext& context) {
  const auto args = context.args;
  const auto by = parse_long_double(args[3]);
  if (!by) return context.reply.error(errors::kNotFloat);
  if (std::isinf(*by)) return context.reply.error("ERR value is NaN or Infinity");
  strings::FloatText scratch;
  const auto result = hashes::increment_float(context.store, args[1], args[2], *by, context.now, scratch);
  if (result.status != Status::kOk) return context.reply.error(error_of(result.status));
  context.reply.bulk(result.text);
}

void hlen(CommandContext& context) {
  const auto fields = fields_or_error(context, context.args[1]);
  if (fields) context.reply.integer(static_cast<std::int64_t>(fields->size()));
}

void hmget(CommandContext& context) {
  const auto fields = fields_or_error(context, context.args[1]);
  if (!fields) return;
  context.reply.array(context.args.size() - 2);
  for (const std::string_view field : context.args.subspan(2)) reply_value(context, fields->find(field));
}

void hmset(CommandContext& context) {
  const auto args = context.args;
  if (args.size() % 2 == 1) return context.reply.error("ERR wrong number of arguments for 'hmset' command");
  const auto result = hashes::set(context.store, args[1], args.subspan(2), context.now);
  if (result.status != Status::kOk) return context.reply.error(error_of(result.status));
  context.reply.ok();
}

void hset(CommandContext& context) {
  const auto args = context.args;
  if (args.size() % 2 == 1) return context.reply.error("ERR wrong number of arguments for 'hset' command");
  reply_count(context, hashes::set(context.store, args[1], args.subspan(2), context.now));
}

void hsetnx(CommandContext& context) {
  const auto args = context.args;
  reply_count(context, hashes::set_if_absent(context.store, args[1], args[2], args[3], context.now));
}

void hstrlen(CommandContext& context) {
  const auto fields = fields_or_error(context, context.args[1]);
  if (!fields) return;
  IntText scratch;
  const auto value = fields->find(context.args[2]);
  context.reply.integer(value ? static_cast<std::int64_t>(value->text(scratch).size()) : 0);
}

}  // namespace ringhold::handlers

// Commands on parts of string values, and on strings that are numbers.
#include <limits>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/large_replies.h"
#include "dataserver/commands/string_replies.h"
#include "dataserver/store/strings.h"

namespace ringhold::handlers {

namespace {

using strings::Status;

void reply_length(CommandContext& context, const strings::LengthResult& result) {
  if (result.status != Status::kOk) return reply_error(context, result.status);
  context.reply.integer(static_cast<std::int64_t>(result.length));
}

void increment_by(CommandContext& context, std::int64_t by) {
  const auto result = strings::increment(context.store, context.args[1], by, context.now);
  if (result.status != Status::kOk) return reply_error(context, result.status);
  context.reply.integer(result.value);
}

}  // namespace

void append(CommandContext& context) {
  reply_length(context, strings::append(context.store, context.args[1], context.args[2], context.now));
}

void strlen(CommandContext& context) {
  auto result = strings::length(context.store, context.args[1], context.now);
  if (result.status == Status::kMissing) result.status = Status::kOk;
  reply_length(context, result);
}

void setrange(CommandContext& context) {
  const auto offset = integer_argument(context, context.args[2]);
  if (!offset) return;
  if (*offset < 0) return context.reply.error("ERR offset is out of range");
  reply_length(context,
               strings::set_range(context.store, context.args[1], *offset, context.args[3], context.now));
}

void getrange(CommandContext& context) {
  const auto first = integer_argument(context, context.args[2]);
  if (!first) return;
  const auto last = integer_argument(context, context.args[3]);
  if (!last) return;
  IntText scratch;
  const auto result = strings::get_range(context.store, context.args[1], *first, *last, context.now, scratch);
  if (result.status == Status::kWrongType) return reply_error(context, result.status);
  if (result.value.size() >= limits::kLargeBytesMin) {
    const Entry& string = *find(context, context.args[1], Use::kWrite).entry;
    const auto at = static_cast<std::size_t>(result.value.data() - string.text(scratch).data());
    if (reply_slowly(context, string, at, result.value.size())) return;
  }
  context.reply.bulk(result.value);
}

void incr(CommandContext& context) {
  increment_by(context, 1);
}
void decr(CommandContext& context) {
  increment_by(context, -1);
}

void incrby(CommandContext& context) {
  if (const auto by = integer_argument(context, context.args[2])) increment_by(context, *by);
}

void decrby(CommandContext& context) {
  const auto by = integer_argument(context, context.args[2]);
  if (!by) return;
  if (*by == std::numeric_limits<std::int64_t>::min()) {
    return context.reply.error("ERR decrement would overflow");
  }
  increment_by(context, -*by);
}

void incrbyfloat(CommandContext& context) {
  strings::FloatText scratch;
  const auto result =
      strings::increment_float(context.store, context.args[1], context.args[2], context.now, scratch);
  if (result.status != Status::kOk) return reply_error(context, result.status);
  context.reply.bulk(result.value);
}

}  // namespace ringhold::handlers

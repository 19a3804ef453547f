// Commands on one list.
#include "dataserver/store/lists.h"

#include <fmt/core.h>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/list_replies.h"

namespace ringhold::handlers {

namespace {

using lists::List;

enum class IfMissing : std::uint8_t { kCreate, kRefuse };

void push(CommandContext& context, ListEnd end, IfMissing if_missing) {
  List list(context.store, context.args[1], context.now, Use::kWrite);
  if (reply_if_wrong_type(context, list)) return;
  if (list.empty() && if_missing == IfMissing::kRefuse) return context.reply.integer(0);
  list.push(end, context.args.subspan(2));
  context.reply.integer(static_cast<std::int64_t>(list.size()));
}

void pop(CommandContext& context, ListEnd end, std::string_view command) {
  const bool has_count = context.args.size() == 3;
  std::int64_t count = 1;
  if (context.args.size() > 3) {
    return context.reply.error(fmt::format("ERR wrong number of arguments for '{}' command", command));
  }
  if (has_count) {
    const auto given =
        bounded_argument(context, context.args[2], 0, "ERR value is out of range, must be positive");
    if (!given) return;
    count = *given;
  }
  List list(context.store, context.args[1], context.now, Use::kWrite);
  if (reply_if_wrong_type(context, list)) return;
  if (list.empty()) return has_count ? context.reply.null_array() : context.reply.null();
  if (has_count) return pop_items(context, list, end, count);
  reply_item(context, list.at(end == ListEnd::kFront ? 0 : list.size() - 1));
  list.drop(end, 1);
}

// Where a command says: negative counts from the end. Empty if there is no such item.
std::optional<std::size_t> index_in(const List& list, std::int64_t index) {
  const auto size = static_cast<std::int64_t>(list.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return std::nullopt;
  return static_cast<std::size_t>(index);
}

// Items `first` to `last`, as LRANGE and LTRIM mean them.
struct Range {
  std::size_t first = 0;
  std::size_t count = 0;
};
Range range_in(const List& list, std::int64_t first, std::int64_t last) {
  const auto size = static_cast<std::int64_t>(list.size());
  if (first < 0) first = std::max<std::int64_t>(0, first + size);
  if (last < 0) last += size;
  last = std::min(last, size - 1);
  if (first > last) return {};
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1)};
}

}  // namespace

void lpush(CommandContext& context) {
  push(context, ListEnd::kFront, IfMissing::kCreate);
}
void rpush(CommandContext& context) {
  push(context, ListEnd::kBack, IfMissing::kCreate);
}
void lpushx(CommandContext& context) {
  push(context, ListEnd::kFront, IfMissing::kRefuse);
}
void rpushx(CommandContext& context) {
  push(context, ListEnd::kBack, IfMissing::kRefuse);
}

void lpop(CommandContext& context) {
  pop(context, ListEnd::kFront, "lpop");
}
void rpop(CommandContext& context) {
  pop(context, ListEnd::kBack, "rpop");
}

void llen(CommandContext& context) {
  const List list(context.store, context.args[1], context.now, Use::kRead);
  if (reply_if_wrong_type(context, list)) return;
  context.reply.integer(static_cast<std::int64_t>(list.size()));
}

void lindex(CommandContext& context) {
  const List list(context.store, context.args[1], context.now, Use::kRead);
  if (reply_if_wrong_type(context, list)) return;
  if (list.empty()) return context.reply.null();
  const auto index = integer_argument(context, context.args[2]);
  if (!index) return;
  const auto at = index_in(list, *index);
  if (!at) return context.reply.null();
  reply_item(context, list.at(*at));
}

void lrange(CommandContext& context) {
  const auto first = integer_argument(context, context.args[2]);
  if (!first) return;
  const auto last = integer_argument(context, context.args[3]);
  if (!last) return;
  const List list(context.store, context.args[1], context.now, Use::kRead);
  if (reply_if_wrong_type(context, list)) return;
  const Range range = range_in(list, *first, *last);
  reply_items(context, list, range.first, range.count, ListEnd::kBack);
}

void ltrim(CommandContext& context) {
  const auto first = integer_argument(context, context.args[2]);
  if (!first) return;
  const auto last = integer_argument(context, context.args[3]);
  if (!last) return;
  List list(context.store, context.args[1], context.now, Use::kWrite);
  if (reply_if_wrong_type(context, list)) return;
  const Range range = range_in(list, *first, *last);
  list.drop(ListEnd::kBack, list.size() - range.first - range.count);
  list.drop(ListEnd::kFront, range.count == 0 ? list.size() : range.first);
  context.reply.ok();
}

void lset(CommandContext& context) {
  List list(context.store, context.args[1], context.now, Use::kWrite);
  if (reply_if_wrong_type(context, list)) return;
  if (list.empty()) return context.reply.error(errors::kNoSuchKey);
  const auto index = integer_argument(context, context.args[2]);
  if (!index) return;
  const auto at = index_in(list, *index);
  if (!at) return context.reply.error("ERR index out of range");
  list.set(*at, context.args[3]);
  context.reply.ok();
}

void linsert(CommandContext& context) {
  const bool after = equals_ignore_case(context.args[2], "after");
  if (!after && !equals_ignore_case(context.args[2], "before")) return context.reply.error(errors::kSyntax);
  List list(context.store, context.args[1], context.now, Use::kWrite);
  if (reply_if_wrong_type(context, list)) return;
  if (list.empty()) return context.reply.integer(0);
  std::optional<std::size_t> pivot;
  list.search(context.args[3], ListEnd::kFront, List::kAll, [&pivot](std::size_t index) {
    pivot = index;
    return false;
  });
  if (!pivot) return context.reply.integer(-1);
  list.insert(*pivot + (after ? 1 : 0), context.args[4]);
  context.reply.integer(static_cast<std::int64_t>(list.size()));
}

void lrem(CommandContext& context) {
  const auto count = integer_argument(context, context.args[2]);
  if (!count) return;
  List list(context.store, context.args[1], context.now, Use::kWrite);
  if (reply_if_wrong_type(context, list)) return;
  // Without its sign; 0 means all.
  std::size_t count_max = static_cast<std::size_t>(*count);
  if (*count < 0) count_max = std::size_t{0} - count_max;
  if (*count == 0) count_max = List::kAll;
  const ListEnd from = *count < 0 ? ListEnd::kBack : ListEnd::kFront;
  context.reply.integer(static_cast<std::int64_t>(list.remove(context.args[3], from, count_max)));
}

}  // namespace ringhold::handlers

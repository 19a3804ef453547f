#include "dataserver/commands/list_replies.h"

#include <algorithm>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/large_replies.h"

namespace ringhold {

std::optional<ListEnd> end_argument(CommandContext& context, std::string_view word) {
  if (equals_ignore_case(word, "left")) return ListEnd::kFront;
  if (equals_ignore_case(word, "right")) return ListEnd::kBack;
  context.reply.error(errors::kSyntax);
  return std::nullopt;
}

bool reply_if_wrong_type(CommandContext& context, const lists::List& list) {
  if (!list.is_wrong_type()) return false;
  context.reply.error(errors::kWrongType);
  return true;
}

void reply_item(CommandContext& context, const StringValue& item) {
  IntText scratch;
  context.reply.bulk(item.text(scratch));
}

void reply_items(CommandContext& context, const lists::List& list, std::size_t index, std::size_t count,
                 ListEnd towards) {
  ChunkedList* chunks = towards == ListEnd::kBack ? list.chunks() : nullptr;
  if (chunks != nullptr && reply_slowly(context, *chunks, index, count)) return;
  context.reply.array(count);
  if (count == 0) return;
  list.walk(index, towards, [&](const StringValue& item) {
    reply_item(context, item);
    return --count > 0;
  });
}

void pop_items(CommandContext& context, lists::List& list, ListEnd end, std::int64_t count) {
  const std::size_t popped = std::min(list.size(), static_cast<std::size_t>(count));
  const bool is_front = end == ListEnd::kFront;
  reply_items(context, list, is_front ? 0 : list.size() - 1, popped,
              is_front ? ListEnd::kBack : ListEnd::kFront);
  list.drop(end, popped);
}

}  // namespace ringhold

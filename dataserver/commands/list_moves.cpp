// Commands that take items out of one of several lists: LMOVE, RPOPLPUSH and LMPOP.
#include <string>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/list_replies.h"

namespace ringhold::handlers {

namespace {

using lists::List;

void move(CommandContext& context, ListEnd from, ListEnd to) {
  const std::string_view source_key = context.args[1];
  const std::string_view target_key = context.args[2];
  const List source(context.store, source_key, context.now, Use::kWrite);
  if (reply_if_wrong_type(context, source)) return;
  if (source.empty()) return context.reply.null();
  IntText scratch;
  const std::string item(source.at(from == ListEnd::kFront ? 0 : source.size() - 1).text(scratch));

  List target(context.store, target_key, context.now, Use::kWrite);
  if (reply_if_wrong_type(context, target)) return;
  // A list that is moved around within itself never becomes empty meanwhile; one item stays where it is.
  const bool stays = source_key == target_key && from == to;
  if (!stays) {
    const std::string_view pushed[] = {item};
    target.push(to, pushed);
    List(context.store, source_key, context.now, Use::kWrite).drop(from, 1);
  }
  context.reply.bulk(item);
}

struct PopArguments {
  std::size_t keys = 0;
  ListEnd end = ListEnd::kFront;
  std::int64_t count = 1;
};

// numkeys key [key ...] <LEFT | RIGHT> [COUNT count]. Empty after replying with an error.
std::optional<PopArguments> parse_pop(CommandContext& context) {
  const auto args = context.args;
  const auto keys = bounded_argument(context, args[1], 1, "ERR numkeys should be greater than 0");
  if (!keys) return std::nullopt;
  if (static_cast<std::uint64_t>(*keys) >= args.size() - 2) {
    context.reply.error(errors::kSyntax);
    return std::nullopt;
  }
  PopArguments parsed{.keys = static_cast<std::size_t>(*keys)};
  const auto end = end_argument(context, args[2 + parsed.keys]);
  if (!end) return std::nullopt;
  parsed.end = *end;
  const auto options = args.subspan(3 + parsed.keys);
  if (options.empty()) return parsed;
  if (!equals_ignore_case(options[0], "count") || options.size() == 1) {
    context.reply.error(errors::kSyntax);
    return std::nullopt;
  }
  const auto count = bounded_argument(context, options[1], 1, "ERR count should be greater than 0");
  if (!count) return std::nullopt;
  if (options.size() > 2) {
    context.reply.error(errors::kSyntax);
    return std::nullopt;
  }
  parsed.count = *count;
  return parsed;
}

}  // namespace

void lmove(CommandContext& context) {
  const auto from = end_argument(context, context.args[3]);
  if (!from) return;
  const auto to = end_argument(context, context.args[4]);
  if (to) move(context, *from, *to);
}

void rpoplpush(CommandContext& context) {
  move(context, ListEnd::kBack, ListEnd::kFront);
}

void lmpop(CommandContext& context) {
  const auto parsed = parse_pop(context);
  if (!parsed) return;
  for (const std::string_view key : context.args.subspan(2, parsed->keys)) {
    List list(context.store, key, context.now, Use::kWrite);
    if (reply_if_wrong_type(context, list)) return;
    if (list.empty()) continue;
    context.reply.array(2);
    context.reply.bulk(key);
    return pop_items(context, list, parsed->end, parsed->count);
  }
  context.reply.null_array();
}

}  // namespace ringhold::handlers

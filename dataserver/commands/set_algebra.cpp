// SINTER, SUNION, SDIFF and their forms that store or count the result.
#include "dataserver/store/set_algebra.h"

#include <algorithm>
#include <limits>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/set_replies.h"
#include "dataserver/store/sets.h"

namespace ringhold::handlers {

namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

enum class Operation : std::uint8_t { kIntersection, kUnion, kDifference };

// Empty after replying that a key holds no set.
std::optional<sets::Result> combine(CommandContext& context, std::span<const std::string_view> keys,
                                    Operation operation, std::size_t count_max) {
  const auto found = members_or_error(context, keys);
  if (!found) return std::nullopt;
  switch (operation) {
    case Operation::kIntersection:
      break;
    case Operation::kUnion:
      return sets::union_of(*found);
    case Operation::kDifference:
      return sets::difference(*found, context.store.options().encoding.set_integers);
  }
  return sets::intersection(*found, count_max);
}

// Where Redis would have made an intset of it, it is sorted.
void sort_integers(std::vector<StringValue>& members, std::size_t integers_max) {
  if (members.size() > integers_max) return;
  for (StringValue& member : members) {
    if (!member.is_integer) member = StringValue::encode(member.bytes);
  }
  const auto is_integer = [](const StringValue& member) { return member.is_integer; };
  if (!std::all_of(members.begin(), members.end(), is_integer)) return;
  std::sort(members.begin(), members.end(),
            [](const StringValue& a, const StringValue& b) { return a.integer < b.integer; });
}

void reply_combined(CommandContext& context, Operation operation) {
  auto result = combine(context, context.args.subspan(1), operation, kNoLimit);
  if (!result) return;
  sort_integers(result->members, context.store.options().encoding.set_integers);
  context.reply.set(result->members.size());
  for (const StringValue& member : result->members) reply_member(context, member);
}

void store_combined(CommandContext& context, Operation operation) {
  const auto result = combine(context, context.args.subspan(2), operation, kNoLimit);
  if (!result) return;
  const std::size_t size = result->members.size();
  sets::replace(context.store, context.args[1],
                {.members = result->members, .may_be_integers = result->may_be_integers}, context.now);
  context.reply.integer(static_cast<std::int64_t>(size));
}

}  // namespace

void sdiff(CommandContext& context) {
  reply_combined(context, Operation::kDifference);
}
void sdiffstore(CommandContext& context) {
  store_combined(context, Operation::kDifference);
}
void sinter(CommandContext& context) {
  reply_combined(context, Operation::kIntersection);
}
void sinterstore(CommandContext& context) {
  store_combined(context, Operation::kIntersection);
}
void sunion(CommandContext& context) {
  reply_combined(context, Operation::kUnion);
}
void sunionstore(CommandContext& context) {
  store_combined(context, Operation::kUnion);
}

// numkeys key [key ...] [LIMIT limit]
void sintercard(CommandContext& context) {
  const auto args = context.args;
  const auto keys = bounded_argument(context, args[1], 1, "ERR numkeys should be greater than 0");
  if (!keys) return;
  if (static_cast<std::uint64_t>(*keys) > args.size() - 2) {
    return context.reply.error("ERR Number of keys can't be greater than number of args");
  }
  const auto count = static_cast<std::size_t>(*keys);
  std::size_t limit = kNoLimit;
  for (std::size_t i = 2 + count; i < args.size(); i += 2) {
    if (i + 1 == args.size() || !equals_ignore_case(args[i], "limit")) {
      return context.reply.error(errors::kSyntax);
    }
    const auto given = bounded_argument(context, args[i + 1], 0, "ERR LIMIT can't be negative");
    if (!given) return;
    limit = *given == 0 ? kNoLimit : static_cast<std::size_t>(*given);
  }
  const auto result = combine(context, args.subspan(2, count), Operation::kIntersection, limit);
  if (result) context.reply.integer(static_cast<std::int64_t>(result->members.size()));
}

}  // namespace ringhold::handlers

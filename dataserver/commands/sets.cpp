// The commands on single members of sets.
#include "dataserver/store/sets.h"

#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/large_replies.h"
#include "dataserver/commands/set_replies.h"

namespace ringhold {

std::optional<SetMembers> members_or_error(CommandContext& context, std::string_view key, Use use) {
  auto members = sets::read(context.store, key, context.now, use);
  if (!members) context.reply.error(errors::kWrongType);
  return members;
}

std::optional<std::vector<SetMembers>> members_or_error(CommandContext& context,
                                                        std::span<const std::string_view> keys) {
  std::vector<SetMembers> sets;
  for (const std::string_view key : keys) {
    const auto set = members_or_error(context, key);
    if (!set) return std::nullopt;
    sets.push_back(*set);
  }
  return sets;
}

void reply_member(CommandContext& context, const StringValue& member) {
  IntText scratch;
  context.reply.bulk(member.text(scratch));
}

void reply_members(CommandContext& context, const SetMembers& set) {
  if (set.table() != nullptr && reply_slowly(context, *set.table(), MemberReply::kSet)) return;
  context.reply.set(set.size());
  set.for_each([&context](const StringValue& member) { reply_member(context, member); });
}

namespace handlers {

namespace {

void reply_count(CommandContext& context, const std::optional<std::size_t>& count) {
  if (!count) return context.reply.error(errors::kWrongType);
  context.reply.integer(static_cast<std::int64_t>(*count));
}

}  // namespace

void sadd(CommandContext& context) {
  const auto args = context.args;
  reply_count(context, sets::add(context.store, args[1], args.subspan(2), context.now));
}

void scard(CommandContext& context) {
  const auto set = members_or_error(context, context.args[1]);
  if (set) reply_count(context, set->size());
}

void sismember(CommandContext& context) {
  const auto set = members_or_error(context, context.args[1]);
  if (set) context.reply.integer(set->contains(context.args[2]) ? 1 : 0);
}

void smembers(CommandContext& context) {
  const auto set = members_or_error(context, context.args[1]);
  if (set) reply_members(context, *set);
}

void smismember(CommandContext& context) {
  const auto set = members_or_error(context, context.args[1]);
  if (!set) return;
  const auto members = context.args.subspan(2);
  context.reply.array(members.size());
  for (const std::string_view member : members) context.reply.integer(set->contains(member) ? 1 : 0);
}

void smove(CommandContext& context) {
  const auto args = context.args;
  const auto moved = sets::move(context.store, args[1], args[2], args[3], context.now);
  if (!moved) return context.reply.error(errors::kWrongType);
  context.reply.integer(*moved ? 1 : 0);
}

void srem(CommandContext& context) {
  const auto args = context.args;
  reply_count(context, sets::remove(context.store, args[1], args.subspan(2), context.now));
}

}  // namespace handlers
}  // namespace ringhold

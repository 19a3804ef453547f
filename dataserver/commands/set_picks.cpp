// The commands that take whatever members there are: random ones (SPOP, SRANDMEMBER), or a few at each call
// (SSCAN).
#include <string>
#include <unordered_set>
#include <vector>

#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/random_arguments.h"
#include "dataserver/commands/scan_options.h"
#include "dataserver/commands/set_replies.h"
#include "dataserver/store/member_scan.h"
#include "dataserver/store/sets.h"

namespace ringhold::handlers {

namespace {

// Calls `use(source, name)` with the set as a source of picks and a function that names an item of it.
template <typename Use>
void with_source(const SetMembers& set, Use&& use) {
  if (const MemberTable* table = set.table()) {
    return use(TableItems(*table), [](const Element* element) { return StringValue::raw(element->name()); });
  }
  use(set.hashed(), [](const HashedItems::Item* item) { return item->name; });
}

template <typename Visit>
void pick_members(const SetMembers& set, const RandomArguments& how, std::uint64_t seed, Visit&& visit) {
  with_source(set, [&](const auto& source, auto&& name) {
    pick(source, how, seed, [&](const auto* item) { visit(name(item)); });
  });
}

void remove_members(CommandContext& context, std::span<const std::string> members) {
  const std::vector<std::string_view> views(members.begin(), members.end());
  sets::remove(context.store, context.args[1], views, context.now);
}

void pop_few(CommandContext& context, const SetMembers& set, std::size_t count) {
  std::vector<std::string> popped;
  pick_members(set, {.count = count}, context.seed, [&](const StringValue& member) {
    IntText scratch;
    popped.emplace_back(member.text(scratch));
    context.reply.bulk(popped.back());
  });
  remove_members(context, popped);
}

// Picks those that stay, and makes a new set of them.
void pop_most(CommandContext& context, const SetMembers& set, std::size_t count) {
  std::vector<StringValue> kept;
  with_source(set, [&](const auto& source, auto&& name) {
    std::unordered_set<const void*> stay;
    RandomSequence random(context.seed);
    pick_distinct(source, set.size() - count, random, [&](const auto* item) { stay.insert(item); });
    source.for_each([&](const auto* item) {
      if (stay.contains(item)) {
        kept.push_back(name(item));
      } else {
        reply_member(context, name(item));
      }
    });
  });
  sets::replace(context.store, context.args[1], {.members = kept, .keeps_deadline = true}, context.now);
}

void pop_count(CommandContext& context, std::size_t count) {
  // Redis's border between the two ways; it shows in the encoding of what is left.
  constexpr std::size_t kFew = 5;
  const auto set = members_or_error(context, context.args[1], Use::kWrite);
  if (!set) return;
  if (count >= set->size()) {
    reply_members(context, *set);
    return sets::replace(context.store, context.args[1], {}, context.now);
  }
  context.reply.set(count);
  if (count == 0) return;
  if ((set->size() - count) * kFew > count) {
    pop_few(context, *set, count);
  } else {
    pop_most(context, *set, count);
  }
}

void scan_table(CommandContext& context, const MemberTable& table, std::uint64_t cursor,
                const ScanOptions& options) {
  std::vector<std::string_view> found;
  const auto next = scan_members(table, cursor, options.count, [&](const Element& element) {
    if (options.matches(element.name())) found.push_back(element.name());
  });
  reply_scan_head(context, next, found.size());
  for (const std::string_view member : found) context.reply.bulk(member);
}

void scan_packed(CommandContext& context, const SetMembers& set, const ScanOptions& options) {
  std::vector<StringValue> found;
  set.for_each([&](const StringValue& member) {
    IntText scratch;
    if (options.matches(member.text(scratch))) found.push_back(member);
  });
  reply_scan_head(context, 0, found.size());
  for (const StringValue& member : found) reply_member(context, member);
}

}  // namespace

void spop(CommandContext& context) {
  const auto args = context.args;
  if (args.size() > 3) return context.reply.error(errors::kSyntax);
  if (args.size() == 3) {
    const auto count = bounded_argument(context, args[2], 0, "ERR value is out of range, must be positive");
    if (count) pop_count(context, static_cast<std::size_t>(*count));
    return;
  }
  const auto set = members_or_error(context, args[1], Use::kWrite);
  if (!set) return;
  if (set->empty()) return context.reply.null();
  pop_few(context, *set, 1);
}

void srandmember(CommandContext& context) {
  const auto args = context.args;
  if (args.size() > 3) return context.reply.error(errors::kSyntax);
  RandomArguments how;
  const bool counted = args.size() == 3;
  if (counted) {
    const auto given = random_arguments(context, "");
    if (!given) return;
    how = *given;
  }
  const auto set = members_or_error(context, args[1]);
  if (!set) return;
  if (!counted && set->empty()) return context.reply.null();
  const auto picks = picks_of(context, how, set->size());
  if (!picks) return;
  if (counted) context.reply.array(*picks);
  if (*picks == 0) return;
  pick_members(*set, how, context.seed, [&](const StringValue& member) { reply_member(context, member); });
}

// The options of a key that is missing or of another type are not looked at, as in Redis.
void sscan(CommandContext& context) {
  const auto cursor = cursor_argument(context, context.args[2]);
  if (!cursor) return;
  const auto set = members_or_error(context, context.args[1]);
  if (!set) return;
  if (set->empty()) return reply_scan_head(context, 0, 0);
  const auto options = scan_options(context, 3, ScanOf::kMembers);
  if (!options) return;
  if (const MemberTable* table = set->table()) {
    scan_table(context, *table, *cursor, *options);
  } else {
    scan_packed(context, *set, *options);
  }
}

}  // namespace ringhold::handlers

// Commands that take whatever members there are: the first and the last ones, random ones, a few at each
// call.
#include <cmath>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/random_arguments.h"
#include "dataserver/commands/scan_options.h"
#include "dataserver/commands/zset_arguments.h"
#include "dataserver/store/member_scan.h"

namespace ringhold::handlers {

namespace {

using zsets::Zset;

// --- ZPOPMIN, ZPOPMAX, ZMPOP ---

enum class End : std::uint8_t { kLowest, kHighest };

// Removes up to `count` members from an end and gives them to `visit`, the outermost first.
template <typename Visit>
void pop(Zset& zset, End end, std::size_t count, Visit&& visit) {
  const ZsetView view = zset.view();
  const std::size_t size = view.size();
  if (end == End::kLowest) {
    view.walk(0, count, Direction::kForward, visit);
    zset.remove_ranks({0, count});
  } else {
    view.walk(size - 1, count, Direction::kBackward, visit);
    zset.remove_ranks({size - count, count});
  }
}

// [count]: one member is a flat pair; with a count, RESP3 has an array of pairs.
void pop_end(CommandContext& context, End end) {
  const auto args = context.args;
  if (args.size() > 3) return context.reply.error(errors::kSyntax);
  const bool counted = args.size() == 3;
  std::int64_t count = 1;
  if (counted) {
    const auto given = bounded_argument(context, args[2], 0, "ERR value is out of range, must be positive");
    if (!given) return;
    count = *given;
  }
  Zset zset(context.store, args[1], context.now);
  if (reply_if_wrong_type(context, zset)) return;
  if (!zset.exists() || count == 0) return context.reply.array(0);
  const std::size_t popped = std::min(zset.view().size(), static_cast<std::size_t>(count));
  if (counted) return pop(zset, end, popped, MemberReply(context, popped, true));
  context.reply.array(2);
  pop(zset, end, 1, [&context](std::string_view member, double score) {
    context.reply.bulk(member);
    context.reply.number(score);
  });
}

struct ZmpopArguments {
  std::size_t keys = 0;
  End end = End::kLowest;
  std::int64_t count = 1;
};

// numkeys key [key ...] <MIN | MAX> [COUNT count]. Empty after replying with an error.
std::optional<ZmpopArguments> parse_zmpop(CommandContext& context) {
  const auto args = context.args;
  const auto keys = bounded_argument(context, args[1], 1, "ERR numkeys should be greater than 0");
  if (!keys) return std::nullopt;
  const auto syntax_error = [&context] {
    context.reply.error(errors::kSyntax);
    return std::nullopt;
  };
  if (static_cast<std::uint64_t>(*keys) >= args.size() - 2) return syntax_error();
  ZmpopArguments parsed{.keys = static_cast<std::size_t>(*keys)};
  const std::string_view where = args[2 + parsed.keys];
  if (equals_ignore_case(where, "max")) {
    parsed.end = End::kHighest;
  } else if (!equals_ignore_case(where, "min")) {
    return syntax_error();
  }
  const auto options = args.subspan(3 + parsed.keys);
  if (options.empty()) return parsed;
  if (options.size() == 1 || !equals_ignore_case(options[0], "count")) return syntax_error();
  const auto count = bounded_argument(context, options[1], 1, "ERR count should be greater than 0");
  if (!count) return std::nullopt;
  if (options.size() > 2) return syntax_error();
  parsed.count = *count;
  return parsed;
}

// --- ZRANDMEMBER ---

// Random members of either form, given to `visit(member, score)`.
template <typename Visit>
void pick_members(CommandContext& context, const ZsetView& view, const RandomArguments& how, Visit&& visit) {
  if (!view.is_packed()) {
    return pick(TableItems(view.large().members()), how, context.seed,
                [&visit](const Element* element) { visit(element->name(), score_of(*element)); });
  }
  const PackedItems items = view.packed().items();
  const auto hashed = HashedItems::of(items, 2, context.store.options().seed);
  pick(hashed, how, context.seed, [&](const HashedItems::Item* item) {
    IntText scratch;
    visit(item->name.text(scratch), item_score(items.at(items.next(item->position))));
  });
}

// --- ZSCAN ---

// As Redis's listpacks have it: whole numbers in full, where "%.17g" would need an exponent.
void reply_packed_score(CommandContext& context, double score) {
  constexpr double kWholeMax = 4611686018427387904.0;  // 2^62
  if (std::abs(score) <= kWholeMax && std::trunc(score) == score) {
    context.reply.bulk(std::to_string(static_cast<std::int64_t>(score)));
  } else {
    context.reply.number_text(score);
  }
}

void scan_packed(CommandContext& context, const PackedScores& packed, const ScanOptions& options) {
  std::size_t found = 0;
  packed.walk(0, packed.size(), Direction::kForward, [&](std::string_view member, double) {
    if (options.matches(member)) ++found;
  });
  reply_scan_head(context, 0, 2 * found);
  packed.walk(0, packed.size(), Direction::kForward, [&](std::string_view member, double score) {
    if (!options.matches(member)) return;
    context.reply.bulk(member);
    reply_packed_score(context, score);
  });
}

}  // namespace

void zmpop(CommandContext& context) {
  const auto parsed = parse_zmpop(context);
  if (!parsed) return;
  for (const std::string_view key : context.args.subspan(2, parsed->keys)) {
    Zset zset(context.store, key, context.now);
    if (reply_if_wrong_type(context, zset)) return;
    if (!zset.exists()) continue;
    const std::size_t popped = std::min(zset.view().size(), static_cast<std::size_t>(parsed->count));
    context.reply.array(2);
    context.reply.bulk(key);
    context.reply.array(popped);
    return pop(zset, parsed->end, popped, [&context](std::string_view member, double score) {
      context.reply.array(2);
      context.reply.bulk(member);
      context.reply.number(score);
    });
  }
  context.reply.null_array();
}

void zpopmax(CommandContext& context) {
  pop_end(context, End::kHighest);
}

void zpopmin(CommandContext& context) {
  pop_end(context, End::kLowest);
}

void zrandmember(CommandContext& context) {
  if (context.args.size() == 2) {
    const auto view = zset_to_read(context, context.args[1], [&] { context.reply.null(); });
    if (!view) return;
    return pick_members(context, *view, {.count = 1, .repeated = true},
                        [&](std::string_view member, double) { context.reply.bulk(member); });
  }
  const auto how = random_arguments(context, "withscores");
  if (!how) return;
  const auto view = zset_to_read(context, context.args[1], [&] { context.reply.array(0); });
  if (!view) return;
  const auto count = picks_of(context, *how, view->size());
  if (!count) return;
  MemberReply reply(context, *count, how->with_values);
  // All of them come in order, as in Redis.
  if (!how->repeated && *count == view->size()) return view->walk(0, *count, Direction::kForward, reply);
  pick_members(context, *view, *how, reply);
}

void zscan(CommandContext& context) {
  const auto cursor = cursor_argument(context, context.args[2]);
  if (!cursor) return;
  const auto view = zset_to_read(context, context.args[1], [&] { reply_scan_head(context, 0, 0); });
  if (!view) return;
  const auto options = scan_options(context, 3, ScanOf::kMembers);
  if (!options) return;
  if (view->is_packed()) return scan_packed(context, view->packed(), *options);
  std::vector<const Element*> found;
  const std::uint64_t next =
      scan_members(view->large().members(), *cursor, options->count, [&](const Element& element) {
        if (options->matches(element.name())) found.push_back(&element);
      });
  reply_scan_head(context, next, 2 * found.size());
  for (const Element* element : found) {
    context.reply.bulk(element->name());
    context.reply.number_text(score_of(*element));
  }
}

}  // namespace ringhold::handlers

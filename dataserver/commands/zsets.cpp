// Commands on single members of sorted sets: adding, removing, asking for scores and ranks.
#include "dataserver/store/zsets.h"

#include <string>
#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/zset_arguments.h"

namespace ringhold::handlers {

namespace {

using zsets::AddOptions;
using zsets::AddOutcome;
using zsets::Zset;

struct ZaddArguments {
  AddOptions options;
  bool count_changed = false;  // CH
  std::span<const std::string_view> pairs;
};

// True if `word` is an option of ZADD, which is noted.
bool take_zadd_option(ZaddArguments& parsed, std::string_view word) {
  struct Option {
    std::string_view name;
    bool* flag;
  };
  AddOptions& options = parsed.options;
  const Option known[] = {{"nx", &options.only_new},     {"xx", &options.only_existing},
                          {"gt", &options.only_greater}, {"lt", &options.only_less},
                          {"incr", &options.increment},  {"ch", &parsed.count_changed}};
  for (const Option& option : known) {
    if (!equals_ignore_case(word, option.name)) continue;
    *option.flag = true;
    return true;
  }
  return false;
}

// What is wrong with the options together; empty if nothing is.
std::string_view zadd_conflict(const ZaddArguments& parsed) {
  const AddOptions& options = parsed.options;
  if (parsed.pairs.empty() || parsed.pairs.size() % 2 != 0) return errors::kSyntax;
  if (options.only_new && options.only_existing) {
    return "ERR XX and NX options at the same time are not compatible";
  }
  const int exclusive = int{options.only_new} + int{options.only_greater} + int{options.only_less};
  if (exclusive > 1) return "ERR GT, LT, and/or NX options at the same time are not compatible";
  if (options.increment && parsed.pairs.size() > 2) {
    return "ERR INCR option supports a single increment-element pair";
  }
  return {};
}

// Empty after replying that one of the scores is none.
std::optional<std::vector<double>> parse_scores(CommandContext& context,
                                                std::span<const std::string_view> pairs) {
  std::vector<double> scores;
  scores.reserve(pairs.size() / 2);
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const auto score = score_argument(context, pairs[i], errors::kNotFloat);
    if (!score) return std::nullopt;
    scores.push_back(*score);
  }
  return scores;
}

void reply_incremented(CommandContext& context, const zsets::AddResult& result) {
  switch (result.outcome) {
    case AddOutcome::kNotANumber:
      return context.reply.error("ERR resulting score is not a number (NaN)");
    case AddOutcome::kSkipped:
      return context.reply.null();
    case AddOutcome::kAdded:
    case AddOutcome::kUpdated:
    case AddOutcome::kUnchanged:
      break;
  }
  context.reply.number(result.score);
}

void add_members(CommandContext& context, const ZaddArguments& parsed) {
  const auto scores = parse_scores(context, parsed.pairs);
  if (!scores) return;
  Zset zset(context.store, context.args[1], context.now);
  if (reply_if_wrong_type(context, zset)) return;
  if (parsed.options.increment) {
    return reply_incremented(context, zset.add(parsed.pairs[1], (*scores)[0], parsed.options));
  }
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < scores->size(); ++i) {
    const auto outcome = zset.add(parsed.pairs[2 * i + 1], (*scores)[i], parsed.options).outcome;
    if (outcome == AddOutcome::kAdded) ++counted;
    if (outcome == AddOutcome::kUpdated && parsed.count_changed) ++counted;
  }
  context.reply.integer(counted);
}

// ZRANK and ZREVRANK; WITHSCORE is Redis 7.2's.
void reply_rank(CommandContext& context, Direction direction) {
  const auto args = context.args;
  const bool with_score = args.size() == 4 && equals_ignore_case(args[3], "withscore");
  if (args.size() > 3 && !with_score) {
    const std::string_view name = direction == Direction::kForward ? "zrank" : "zrevrank";
    return context.reply.error("ERR wrong number of arguments for '" + std::string(name) + "' command");
  }
  const auto none = [&] { with_score ? context.reply.null_array() : context.reply.null(); };
  const auto view = zset_to_read(context, args[1], none);
  if (!view) return;
  const auto rank = view->rank(args[2]);
  if (!rank) return none();
  if (with_score) context.reply.array(2);
  const std::size_t shown = direction == Direction::kForward ? *rank : view->size() - 1 - *rank;
  context.reply.integer(static_cast<std::int64_t>(shown));
  if (with_score) context.reply.number(*view->score(args[2]));
}

void reply_score(CommandContext& context, const std::optional<double>& score) {
  if (score) {
    context.reply.number(*score);
  } else {
    context.reply.null();
  }
}

// ZADD, and ZINCRBY, which is ZADD with INCR, down to the words that it takes for options.
void add_by_arguments(CommandContext& context, AddOptions options) {
  ZaddArguments parsed;
  parsed.options = options;
  std::size_t at = 2;
  while (at < context.args.size() && take_zadd_option(parsed, context.args[at])) ++at;
  parsed.pairs = context.args.subspan(at);
  const std::string_view conflict = zadd_conflict(parsed);
  if (!conflict.empty()) return context.reply.error(conflict);
  add_members(context, parsed);
}

}  // namespace

void zadd(CommandContext& context) {
  add_by_arguments(context, {});
}

void zcard(CommandContext& context) {
  const auto view = zset_to_read(context, context.args[1], [&] { context.reply.integer(0); });
  if (view) context.reply.integer(static_cast<std::int64_t>(view->size()));
}

void zincrby(CommandContext& context) {
  add_by_arguments(context, {.increment = true});
}

void zmscore(CommandContext& context) {
  const auto members = context.args.subspan(2);
  const auto none = [&] {
    context.reply.array(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) context.reply.null();
  };
  const auto view = zset_to_read(context, context.args[1], none);
  if (!view) return;
  context.reply.array(members.size());
  for (const std::string_view member : members) reply_score(context, view->score(member));
}

void zrank(CommandContext& context) {
  reply_rank(context, Direction::kForward);
}

void zrem(CommandContext& context) {
  Zset zset(context.store, context.args[1], context.now);
  if (reply_if_wrong_type(context, zset)) return;
  std::int64_t removed = 0;
  for (const std::string_view member : context.args.subspan(2)) {
    if (zset.remove(member)) ++removed;
  }
  context.reply.integer(removed);
}

void zrevrank(CommandContext& context) {
  reply_rank(context, Direction::kBackward);
}

void zscore(CommandContext& context) {
  const auto view = zset_to_read(context, context.args[1], [&] { context.reply.null(); });
  if (view) reply_score(context, view->score(context.args[2]));
}

}  // namespace ringhold::handlers

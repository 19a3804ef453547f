// Commands on ranges of a sorted set: by rank, by score, by name.
#include <algorithm>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/zset_arguments.h"

namespace ringhold::handlers {

namespace {

enum class RangeBy : std::uint8_t { kRank, kScore, kName };

struct RangeOptions {
  std::optional<RangeBy> by;           // given by the command, or by a word
  std::optional<Direction> direction;  // likewise
  bool with_scores = false;
  std::int64_t offset = 0;
  std::int64_t count = -1;  // negative: all
};

// A range with what its bounds turned out to be.
struct Range {
  RangeBy by = RangeBy::kRank;
  Direction direction = Direction::kForward;
  bool with_scores = false;
  std::int64_t offset = 0;
  std::int64_t count = -1;
  std::int64_t first = 0;  // by rank; negative ones count from the end
  std::int64_t last = 0;
  ScoreRange scores;
  NameRange names;
};

// Takes the word at `i` and its values; false after replying with an error.
bool take_option(CommandContext& context, RangeOptions& options, bool stores, std::size_t& i) {
  const auto args = context.args;
  const std::string_view word = args[i];
  if (!stores && equals_ignore_case(word, "withscores")) {
    options.with_scores = true;
  } else if (equals_ignore_case(word, "limit") && i + 2 < args.size()) {
    const auto offset = integer_argument(context, args[i + 1]);
    if (!offset) return false;
    const auto count = integer_argument(context, args[i + 2]);
    if (!count) return false;
    options.offset = *offset;
    options.count = *count;
    i += 2;
  } else if (!options.direction && equals_ignore_case(word, "rev")) {
    options.direction = Direction::kBackward;
  } else if (!options.by && equals_ignore_case(word, "bylex")) {
    options.by = RangeBy::kName;
  } else if (!options.by && equals_ignore_case(word, "byscore")) {
    options.by = RangeBy::kScore;
  } else {
    context.reply.error(errors::kSyntax);
    return false;
  }
  return true;
}

// The bounds stand at args[at] and the one after it.
bool parse_bounds(CommandContext& context, Range& range, std::size_t at) {
  const bool swapped = range.direction == Direction::kBackward;
  const std::string_view min = context.args[swapped ? at + 1 : at];
  const std::string_view max = context.args[swapped ? at : at + 1];
  switch (range.by) {
    case RangeBy::kScore: {
      const auto scores = score_range_argument(context, min, max);
      if (scores) range.scores = *scores;
      return scores.has_value();
    }
    case RangeBy::kName: {
      const auto names = name_range_argument(context, min, max);
      if (names) range.names = *names;
      return names.has_value();
    }
    case RangeBy::kRank:
      break;
  }
  const auto first = integer_argument(context, context.args[at]);
  if (!first) return false;
  const auto last = integer_argument(context, context.args[at + 1]);
  if (!last) return false;
  range.first = *first;
  range.last = *last;
  return true;
}

// From the bounds at args[at] on. Empty after replying with an error.
std::optional<Range> parse_range(CommandContext& context, std::size_t at, RangeOptions options, bool stores) {
  for (std::size_t i = at + 2; i < context.args.size(); ++i) {
    if (!take_option(context, options, stores, i)) return std::nullopt;
  }
  Range range{.by = options.by.value_or(RangeBy::kRank),
              .direction = options.direction.value_or(Direction::kForward),
              .with_scores = options.with_scores,
              .offset = options.offset,
              .count = options.count};
  if (range.count != -1 && range.by == RangeBy::kRank) {
    context.reply.error(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    return std::nullopt;
  }
  if (range.with_scores && range.by == RangeBy::kName) {
    context.reply.error("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    return std::nullopt;
  }
  if (!parse_bounds(context, range, at)) return std::nullopt;
  return range;
}

// Ranks from `first` to `last`, both included, of which negative ones count from the end.
RankRange clamped(std::int64_t first, std::int64_t last, std::size_t members) {
  const auto size = static_cast<std::int64_t>(members);
  if (first < 0) first = std::max<std::int64_t>(0, size + first);
  if (last < 0) last = size + last;
  last = std::min(last, size - 1);
  if (first > last) return {};
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1)};
}

RankRange ranks_of(const ZsetView& view, const Range& range) {
  const bool forward = range.direction == Direction::kForward;
  if (range.by == RangeBy::kRank) {
    const RankRange ranks = clamped(range.first, range.last, view.size());
    return {forward ? ranks.first : view.size() - ranks.first - ranks.count, ranks.count};
  }
  if (range.offset < 0) return {};
  std::size_t skipped = static_cast<std::size_t>(range.offset);
  RankRange ranks;
  if (range.by == RangeBy::kScore) {
    ranks = view.score_range(range.scores);
    skipped = std::min(skipped, ranks.count);
    ranks.count -= skipped;
    if (forward) ranks.first += skipped;
  } else {
    ranks = view.name_range(range.names, range.direction, skipped);
  }
  const std::size_t kept =
      range.count < 0 ? ranks.count : std::min(ranks.count, static_cast<std::size_t>(range.count));
  return {forward ? ranks.first : ranks.first + ranks.count - kept, kept};
}

template <typename Visit>
void walk(const ZsetView& view, const RankRange& ranks, Direction direction, Visit&& visit) {
  if (ranks.count == 0) return;
  const std::size_t start = direction == Direction::kForward ? ranks.first : ranks.first + ranks.count - 1;
  view.walk(start, ranks.count, direction, visit);
}

void reply_range(CommandContext& context, const RangeOptions& given) {
  const auto range = parse_range(context, 2, given, false);
  if (!range) return;
  const auto view = zset_to_read(context, context.args[1], [&] { context.reply.array(0); });
  if (!view) return;
  const RankRange ranks = ranks_of(*view, *range);
  MemberReply reply(context, ranks.count, range->with_scores);
  walk(*view, ranks, range->direction, reply);
}

// ZREMRANGEBY…: `ranks` gives the ranks to remove of a view.
template <typename Ranks>
void remove_range(CommandContext& context, Ranks&& ranks) {
  zsets::Zset zset(context.store, context.args[1], context.now);
  if (reply_if_wrong_type(context, zset)) return;
  const RankRange removed = zset.exists() ? ranks(zset.view()) : RankRange{};
  if (removed.count > 0) zset.remove_ranks(removed);
  context.reply.integer(static_cast<std::int64_t>(removed.count));
}

}  // namespace

void zcount(CommandContext& context) {
  const auto range = score_range_argument(context, context.args[2], context.args[3]);
  if (!range) return;
  const auto view = zset_to_read(context, context.args[1], [&] { context.reply.integer(0); });
  if (view) context.reply.integer(static_cast<std::int64_t>(view->score_range(*range).count));
}

void zlexcount(CommandContext& context) {
  const auto range = name_range_argument(context, context.args[2], context.args[3]);
  if (!range) return;
  const auto view = zset_to_read(context, context.args[1], [&] { context.reply.integer(0); });
  if (view) context.reply.integer(static_cast<std::int64_t>(view->name_range(*range).count));
}

void zrange(CommandContext& context) {
  reply_range(context, {});
}

void zrangebylex(CommandContext& context) {
  reply_range(context, {.by = RangeBy::kName, .direction = Direction::kForward});
}

void zrangebyscore(CommandContext& context) {
  reply_range(context, {.by = RangeBy::kScore, .direction = Direction::kForward});
}

void zrangestore(CommandContext& context) {
  const auto range = parse_range(context, 3, {}, true);
  if (!range) return;
  std::vector<zsets::Member> members;
  bool missing = false;
  if (const Entry* entry = zset_entry_or_reply(context, context.args[2], missing)) {
    const ZsetView view(*entry);
    const RankRange ranks = ranks_of(view, *range);
    members.reserve(ranks.count);
    walk(view, ranks, Direction::kForward, [&members](std::string_view name, double score) {
      members.push_back({std::string(name), score});
    });
  } else if (!missing) {
    return;
  }
  zsets::replace(context.store, context.args[1], members, context.now);
  context.reply.integer(static_cast<std::int64_t>(members.size()));
}

void zremrangebylex(CommandContext& context) {
  const auto range = name_range_argument(context, context.args[2], context.args[3]);
  if (!range) return;
  remove_range(context, [&range](const ZsetView& view) { return view.name_range(*range); });
}

void zremrangebyrank(CommandContext& context) {
  const auto first = integer_argument(context, context.args[2]);
  if (!first) return;
  const auto last = integer_argument(context, context.args[3]);
  if (!last) return;
  remove_range(context, [&](const ZsetView& view) { return clamped(*first, *last, view.size()); });
}

void zremrangebyscore(CommandContext& context) {
  const auto range = score_range_argument(context, context.args[2], context.args[3]);
  if (!range) return;
  remove_range(context, [&range](const ZsetView& view) { return view.score_range(*range); });
}

void zrevrange(CommandContext& context) {
  reply_range(context, {.by = RangeBy::kRank, .direction = Direction::kBackward});
}

void zrevrangebylex(CommandContext& context) {
  reply_range(context, {.by = RangeBy::kName, .direction = Direction::kBackward});
}

void zrevrangebyscore(CommandContext& context) {
  reply_range(context, {.by = RangeBy::kScore, .direction = Direction::kBackward});
}

}  // namespace ringhold::handlers

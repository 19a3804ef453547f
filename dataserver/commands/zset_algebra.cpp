// ZUNION, ZINTER, ZDIFF, ZINTERCARD and the commands that store what they give.
#include "dataserver/store/zset_algebra.h"

#include <string>
#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/zset_arguments.h"

namespace ringhold::handlers {

namespace {

using zsets::Aggregate;
using zsets::Source;

enum class Operation : std::uint8_t { kUnion, kIntersection, kDifference, kCount };

struct Request {
  Operation operation;
  std::string_view command;  // its name, for an error
  bool stores = false;       // the destination stands before the number of keys
  std::vector<Source> sources = {};
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  std::int64_t limit = 0;

  bool combines_scores() const {
    return operation == Operation::kUnion || operation == Operation::kIntersection;
  }
};

// numkeys key [key ...]: what the keys hold. Returns the options behind them; empty after replying with an
// error.
std::optional<std::span<const std::string_view>> find_sources(CommandContext& context, Request& request) {
  const auto args = context.args.subspan(request.stores ? 2 : 1);
  const auto count = integer_argument(context, args[0]);
  if (!count) return std::nullopt;
  if (*count < 1) {
    context.reply.error("ERR at least 1 input key is needed for '" + std::string(request.command) +
                        "' command");
    return std::nullopt;
  }
  const auto keys = static_cast<std::uint64_t>(*count);
  if (keys > args.size() - 1) {
    context.reply.error(errors::kSyntax);
    return std::nullopt;
  }
  for (const std::string_view key : args.subspan(1, keys)) {
    const Place place = find(context, key, Use::kRead);
    const bool fits =
        !place || place.entry->type() == ValueType::kZset || place.entry->type() == ValueType::kSet;
    if (!fits) {
      context.reply.error(errors::kWrongType);
      return std::nullopt;
    }
    request.sources.emplace_back(place.entry, context.store.options().seed);
  }
  return args.subspan(1 + keys);
}

bool take_weights(CommandContext& context, Request& request, std::span<const std::string_view> weights) {
  for (std::size_t i = 0; i < request.sources.size(); ++i) {
    const auto weight = score_argument(context, weights[i], "ERR weight value is not a float");
    if (!weight) return false;
    request.sources[i].weight = *weight;
  }
  return true;
}

bool take_aggregate(Request& request, std::string_view word) {
  if (equals_ignore_case(word, "sum")) {
    request.aggregate = Aggregate::kSum;
  } else if (equals_ignore_case(word, "min")) {
    request.aggregate = Aggregate::kMin;
  } else if (equals_ignore_case(word, "max")) {
    request.aggregate = Aggregate::kMax;
  } else {
    return false;
  }
  return true;
}

// False after replying with an error.
bool take_options(CommandContext& context, Request& request, std::span<const std::string_view> options) {
  const auto syntax_error = [&context] {
    context.reply.error(errors::kSyntax);
    return false;
  };
  while (!options.empty()) {
    const std::string_view word = options[0];
    std::size_t taken = 1;
    if (request.combines_scores() && options.size() > request.sources.size() &&
        equals_ignore_case(word, "weights")) {
      if (!take_weights(context, request, options.subspan(1))) return false;
      taken += request.sources.size();
    } else if (request.combines_scores() && options.size() > 1 && equals_ignore_case(word, "aggregate")) {
      if (!take_aggregate(request, options[1])) return syntax_error();
      taken = 2;
    } else if (!request.stores && request.operation != Operation::kCount &&
               equals_ignore_case(word, "withscores")) {
      request.with_scores = true;
    } else if (request.operation == Operation::kCount && options.size() > 1 &&
               equals_ignore_case(word, "limit")) {
      const auto limit = bounded_argument(context, options[1], 0, "ERR LIMIT can't be negative");
      if (!limit) return false;
      request.limit = *limit;
      taken = 2;
    } else {
      return syntax_error();
    }
    options = options.subspan(taken);
  }
  return true;
}

std::vector<zsets::Member> compute(Request& request) {
  switch (request.operation) {
    case Operation::kUnion:
      return zsets::unite(std::move(request.sources), request.aggregate);
    case Operation::kIntersection:
      return zsets::intersect(std::move(request.sources), request.aggregate);
    case Operation::kDifference:
    case Operation::kCount:
      break;
  }
  return zsets::subtract(request.sources);
}

void run(CommandContext& context, Request request) {
  const auto options = find_sources(context, request);
  if (!options || !take_options(context, request, *options)) return;
  if (request.operation == Operation::kCount) {
    const auto limit = static_cast<std::size_t>(request.limit);
    const std::size_t count = zsets::count_common(std::move(request.sources), limit);
    return context.reply.integer(static_cast<std::int64_t>(count));
  }
  std::vector<zsets::Member> members = compute(request);
  if (request.stores) {
    zsets::replace(context.store, context.args[1], members, context.now);
    return context.reply.integer(static_cast<std::int64_t>(members.size()));
  }
  zsets::sort_by_score(members);
  MemberReply reply(context, members.size(), request.with_scores);
  for (const zsets::Member& member : members) reply(member.name, member.score);
}

}  // namespace

void zdiff(CommandContext& context) {
  run(context, {.operation = Operation::kDifference, .command = "zdiff"});
}

void zdiffstore(CommandContext& context) {
  run(context, {.operation = Operation::kDifference, .command = "zdiffstore", .stores = true});
}

void zinter(CommandContext& context) {
  run(context, {.operation = Operation::kIntersection, .command = "zinter"});
}

void zintercard(CommandContext& context) {
  run(context, {.operation = Operation::kCount, .command = "zintercard"});
}

void zinterstore(CommandContext& context) {
  run(context, {.operation = Operation::kIntersection, .command = "zinterstore", .stores = true});
}

void zunion(CommandContext& context) {
  run(context, {.operation = Operation::kUnion, .command = "zunion"});
}

void zunionstore(CommandContext& context) {
  run(context, {.operation = Operation::kUnion, .command = "zunionstore", .stores = true});
}

}  // namespace ringhold::handlers

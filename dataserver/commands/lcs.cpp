// LCS key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]
#include "dataserver/store/lcs.h"

#include <algorithm>
#include <optional>

#include "common/base/limits.h"
#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"

namespace ringhold::handlers {

namespace {

struct LcsOptions {
  bool length_only = false;
  bool matches = false;
  bool match_lengths = false;
  std::int64_t match_length_min = 0;
};

// Empty after replying with an error.
std::optional<LcsOptions> parse_options(CommandContext& context) {
  LcsOptions options;
  for (std::size_t i = 3; i < context.args.size(); ++i) {
    const std::string_view word = context.args[i];
    if (equals_ignore_case(word, "idx")) {
      options.matches = true;
    } else if (equals_ignore_case(word, "len")) {
      options.length_only = true;
    } else if (equals_ignore_case(word, "withmatchlen")) {
      options.match_lengths = true;
    } else if (equals_ignore_case(word, "minmatchlen") && i + 1 < context.args.size()) {
      const auto value = integer_argument(context, context.args[++i]);
      if (!value) return std::nullopt;
      options.match_length_min = *value;
    } else {
      context.reply.error(errors::kSyntax);
      return std::nullopt;
    }
  }
  if (options.length_only && options.matches) {
    context.reply.error("ERR If you want both the length and indexes, please just use IDX.");
    return std::nullopt;
  }
  return options;
}

void reply_range(CommandContext& context, const LcsRange& range) {
  context.reply.array(2);
  context.reply.integer(range.first);
  context.reply.integer(range.last);
}

void reply_matches(CommandContext& context, const Lcs& lcs, const LcsOptions& options) {
  const auto counts = [&options](const LcsMatch& match) {
    return match.length() >= options.match_length_min;
  };
  context.reply.map(2);
  context.reply.bulk("matches");
  context.reply.array(
      static_cast<std::size_t>(std::count_if(lcs.matches.begin(), lcs.matches.end(), counts)));
  for (const LcsMatch& match : lcs.matches) {
    if (!counts(match)) continue;
    context.reply.array(options.match_lengths ? 3 : 2);
    reply_range(context, match.a);
    reply_range(context, match.b);
    if (options.match_lengths) context.reply.integer(match.length());
  }
  context.reply.bulk("len");
  context.reply.integer(lcs.length);
}

}  // namespace

void lcs(CommandContext& context) {
  const Place a = find(context, context.args[1], Use::kRead);
  const Place b = find(context, context.args[2], Use::kRead);
  for (const Place& place : {a, b}) {
    if (place && place.entry->type() != ValueType::kString) {
      return context.reply.error("ERR The specified keys must contain string values");
    }
  }
  const auto options = parse_options(context);
  if (!options) return;
  IntText scratch_a;
  IntText scratch_b;
  const std::string_view text_a = a ? a.entry->text(scratch_a) : "";
  const std::string_view text_b = b ? b.entry->text(scratch_b) : "";
  if (lcs_table_bytes(text_a.size(), text_b.size()) > limits::kLcsTableBytesMax) {
    return context.reply.error(
        "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }
  const Lcs result = longest_common_subsequence(text_a, text_b);
  if (options->matches) {
    reply_matches(context, result, *options);
  } else if (options->length_only) {
    context.reply.integer(result.length);
  } else {
    context.reply.bulk(result.text);
  }
}

}  // namespace ringhold::handlers

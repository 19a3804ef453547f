// Commands on all keys of this store. Over several shards, the proxy merges their replies.
#include <limits>
#include <vector>

#include "common/base/glob.h"
#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/scan_options.h"
#include "dataserver/commands/type_names.h"

namespace ringhold::handlers {

namespace {

void reply_keys(CommandContext& context, const std::vector<std::string_view>& keys) {
  context.reply.array(keys.size());
  for (const std::string_view key : keys) context.reply.bulk(key);
}

}  // namespace

void active_expiry(CommandContext& context) {
  const std::optional<std::int64_t> active = parse_int64(context.args[2]);
  if (!active) return context.reply.error(errors::kNotInteger);
  context.store.set_active_expiry(*active != 0);
  context.reply.ok();
}

void dbsize(CommandContext& context) {
  context.reply.integer(static_cast<std::int64_t>(context.store.size()));
}

// FLUSHALL and FLUSHDB [ASYNC | SYNC]: all the same here, since the keys are gone at once and the memory is
// freed in slices.
void flush(CommandContext& context) {
  const bool known = context.args.size() == 1 ||
                     (context.args.size() == 2 && (equals_ignore_case(context.args[1], "async") ||
                                                   equals_ignore_case(context.args[1], "sync")));
  if (!known) return context.reply.error(errors::kSyntax);
  context.store.flush();
  context.reply.ok();
}

void keys(CommandContext& context) {
  const std::string_view pattern = context.args[1];
  std::vector<std::string_view> found;
  context.store.scan({}, std::numeric_limits<std::size_t>::max(), [&](const Entry& entry) {
    if (!entry.is_due(context.now) && (pattern == "*" || glob_match(pattern, entry.key()))) {
      found.push_back(entry.key());
    }
  });
  reply_keys(context, found);
}

void randomkey(CommandContext& context) {
  if (const Entry* entry = context.store.random_entry(context.seed, context.now)) {
    context.reply.bulk(entry->key());
  } else {
    context.reply.null();
  }
}

// COUNT is how many keys are looked at, as in Redis, so a reply may well be empty before the end.
void scan(CommandContext& context) {
  const auto cursor = cursor_argument(context, context.args[1]);
  if (!cursor) return;
  const auto options = scan_options(context, 2, ScanOf::kKeys);
  if (!options) return;
  std::vector<std::string_view> found;
  const auto visit = [&](const Entry& entry) {
    if (entry.is_due(context.now) || !options->matches(entry.key())) return;
    if (options->type && !equals_ignore_case(*options->type, type_name(entry.type()))) return;
    found.push_back(entry.key());
  };
  const ScanPosition next = context.store.scan(ScanPosition::from_cursor(*cursor), options->count, visit);
  reply_scan_head(context, next.cursor(), found.size());
  for (const std::string_view key : found) context.reply.bulk(key);
}

}  // namespace ringhold::handlers

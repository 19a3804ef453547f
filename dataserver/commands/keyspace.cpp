// Commands on all keys of this store. Over several shards, the proxy merges their replies.
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/base/glob.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/type_names.h"

namespace ringhold::handlers {

namespace {

struct ScanOptions {
  std::size_t count = 10;
  std::optional<std::string_view> pattern;
  std::optional<std::string_view> type;

  bool takes(const Entry& entry) const {
    if (pattern && *pattern != "*" && !glob_match(*pattern, entry.key())) return false;
    return !type || equals_ignore_case(*type, type_name(entry.type()));
  }
};

// As Redis's strtoul takes it: a sign may stand in front, nothing at all is 0.
std::optional<std::uint64_t> parse_cursor(std::string_view text) {
  if (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) return std::nullopt;
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const auto cursor = std::strtoull(terminated.c_str(), &end, 10);
  if (*end != '\0' || errno == ERANGE) return std::nullopt;
  return cursor;
}

// Empty after replying with an error.
std::optional<ScanOptions> parse_scan_options(CommandContext& context) {
  ScanOptions options;
  for (std::size_t i = 2; i < context.args.size(); i += 2) {
    const std::string_view word = context.args[i];
    const bool has_value = i + 1 < context.args.size();
    if (has_value && equals_ignore_case(word, "count")) {
      const auto count = integer_argument(context, context.args[i + 1]);
      if (!count) return std::nullopt;
      if (*count >= 1) {
        options.count = std::min(static_cast<std::size_t>(*count), limits::kScanKeysMax);
        continue;
      }
    } else if (has_value && equals_ignore_case(word, "match")) {
      options.pattern = context.args[i + 1];
      continue;
    } else if (has_value && equals_ignore_case(word, "type")) {
      options.type = context.args[i + 1];
      continue;
    }
    context.reply.error(errors::kSyntax);
    return std::nullopt;
  }
  return options;
}

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
  const auto cursor = parse_cursor(context.args[1]);
  if (!cursor) return context.reply.error("ERR invalid cursor");
  const auto options = parse_scan_options(context);
  if (!options) return;
  std::vector<std::string_view> found;
  const ScanPosition next =
      context.store.scan(ScanPosition::from_cursor(*cursor), options->count, [&](const Entry& entry) {
        if (!entry.is_due(context.now) && options->takes(entry)) found.push_back(entry.key());
      });
  context.reply.array(2);
  context.reply.bulk(std::to_string(next.cursor()));
  reply_keys(context, found);
}

}  // namespace ringhold::handlers

// Commands on keys of any type.
#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/type_names.h"

namespace ringhold::handlers {

namespace {

void count_keys(CommandContext& context, Use use) {
  std::int64_t count = 0;
  for (const std::string_view key : context.args.subspan(1)) {
    if (find(context, key, use)) ++count;
  }
  context.reply.integer(count);
}

enum class IfTaken : std::uint8_t { kReplace, kRefuse };

void rename_key(CommandContext& context, IfTaken if_taken) {
  const HashedKey from = context.store.hash(context.args[1]);
  const HashedKey to = context.store.hash(context.args[2]);
  if (!context.store.find(from, context.now, Use::kWrite)) return context.reply.error(errors::kNoSuchKey);
  const bool taken = from.bytes == to.bytes || context.store.find(to, context.now, Use::kWrite);
  if (taken && if_taken == IfTaken::kRefuse) return context.reply.integer(0);
  if (from.bytes != to.bytes) context.store.rename(from, to, context.now);
  if (if_taken == IfTaken::kReplace) return context.reply.ok();
  context.reply.integer(1);
}

struct CopyOptions {
  bool replace = false;
};

// There is one database, number 0. Empty after replying with an error.
std::optional<CopyOptions> parse_copy_options(CommandContext& context) {
  CopyOptions options;
  for (std::size_t i = 3; i < context.args.size(); ++i) {
    if (equals_ignore_case(context.args[i], "replace")) {
      options.replace = true;
    } else if (equals_ignore_case(context.args[i], "db") && i + 1 < context.args.size()) {
      const auto db = integer_argument(context, context.args[++i]);
      if (!db) return std::nullopt;
      if (*db == 0) continue;
      const bool is_int = *db == static_cast<std::int32_t>(*db);
      context.reply.error(is_int ? errors::kDbIndex : errors::kNotInt32);
      return std::nullopt;
    } else {
      context.reply.error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

}  // namespace

void copy(CommandContext& context) {
  const auto options = parse_copy_options(context);
  if (!options) return;
  const HashedKey from = context.store.hash(context.args[1]);
  const HashedKey to = context.store.hash(context.args[2]);
  if (from.bytes == to.bytes) return context.reply.error(errors::kSameObject);
  if (!context.store.find(from, context.now, Use::kRead)) return context.reply.integer(0);
  if (!options->replace && context.store.find(to, context.now, Use::kWrite)) return context.reply.integer(0);
  context.store.copy(from, to, context.now);
  context.reply.integer(1);
}

void del(CommandContext& context) {
  std::int64_t count = 0;
  for (const std::string_view bytes : context.args.subspan(1)) {
    const HashedKey key = context.store.hash(bytes);
    if (const Place place = context.store.find(key, context.now, Use::kWrite)) {
      context.store.erase(key, place);
      ++count;
    }
  }
  context.reply.integer(count);
}

void exists(CommandContext& context) {
  count_keys(context, Use::kLook);
}
void touch(CommandContext& context) {
  count_keys(context, Use::kRead);
}

void rename(CommandContext& context) {
  rename_key(context, IfTaken::kReplace);
}
void renamenx(CommandContext& context) {
  rename_key(context, IfTaken::kRefuse);
}

void type(CommandContext& context) {
  const Place place = find(context, context.args[1], Use::kLook);
  context.reply.simple(place ? type_name(place.entry->type()) : "none");
}

}  // namespace ringhold::handlers

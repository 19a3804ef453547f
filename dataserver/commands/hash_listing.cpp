// The commands that go through the fields of a hash: all of them, a few at each call, or random ones.
#include <vector>

#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/hash_replies.h"
#include "dataserver/commands/large_replies.h"
#include "dataserver/commands/random_arguments.h"
#include "dataserver/commands/scan_options.h"
#include "dataserver/store/hashes.h"
#include "dataserver/store/member_scan.h"

namespace ringhold {

std::optional<hashes::Fields> fields_or_error(CommandContext& context, std::string_view key) {
  auto fields = hashes::read(context.store, key, context.now);
  if (!fields) context.reply.error(errors::kWrongType);
  return fields;
}

void reply_text(CommandContext& context, const StringValue& value) {
  IntText scratch;
  context.reply.bulk(value.text(scratch));
}

void reply_all(CommandContext& context, const hashes::Fields& fields) {
  if (fields.table() != nullptr && reply_slowly(context, *fields.table(), MemberReply::kMap)) return;
  context.reply.map(fields.size());
  fields.for_each([&context](const StringValue& field, const StringValue& value) {
    reply_text(context, field);
    reply_text(context, value);
  });
}

namespace handlers {

namespace {

using hashes::Fields;

// --- HRANDFIELD ---

// Random fields of either form, given to `visit(field, value)`.
template <typename Visit>
void pick_fields(CommandContext& context, const Fields& fields, const RandomArguments& how, Visit&& visit) {
  if (const MemberTable* table = fields.table()) {
    return pick(TableItems(*table), how, context.seed, [&](const Element* element) {
      visit(StringValue::raw(element->name()), StringValue::raw(element->value()));
    });
  }
  const PackedItems items = fields.items();
  const auto hashed = HashedItems::of(items, 2, context.store.options().seed);
  pick(hashed, how, context.seed,
       [&](const HashedItems::Item* item) { visit(item->name, items.at(items.next(item->position))); });
}

// With values, RESP3 has pairs and RESP2 a flat array.
void reply_random_fields(CommandContext& context, const Fields& fields, const RandomArguments& how) {
  const auto picks = picks_of(context, how, fields.size());
  if (!picks) return;
  const bool pairs = how.with_values && context.reply.version() == RespVersion::k3;
  context.reply.array(how.with_values && !pairs ? *picks * 2 : *picks);
  if (*picks == 0) return;
  pick_fields(context, fields, how, [&](const StringValue& field, const StringValue& value) {
    if (pairs) context.reply.array(2);
    reply_text(context, field);
    if (how.with_values) reply_text(context, value);
  });
}

bool reply_slowly(CommandContext& context, const Fields& fields, MemberReply what) {
  return fields.table() != nullptr && ringhold::reply_slowly(context, *fields.table(), what);
}

// --- HSCAN ---

void scan_table(CommandContext& context, const MemberTable& table, std::uint64_t cursor,
                const ScanOptions& options) {
  std::vector<const Element*> found;
  const auto next = scan_members(table, cursor, options.count, [&](const Element& element) {
    if (options.matches(element.name())) found.push_back(&element);
  });
  reply_scan_head(context, next, found.size() * 2);
  for (const Element* element : found) {
    context.reply.bulk(element->name());
    context.reply.bulk(element->value());
  }
}

void scan_packed(CommandContext& context, const Fields& fields, const ScanOptions& options) {
  const auto for_each_match = [&](auto&& visit) {
    fields.for_each([&](const StringValue& field, const StringValue& value) {
      IntText scratch;
      if (options.matches(field.text(scratch))) visit(field, value);
    });
  };
  std::size_t found = 0;
  for_each_match([&found](const StringValue&, const StringValue&) { ++found; });
  reply_scan_head(context, 0, found * 2);
  for_each_match([&context](const StringValue& field, const StringValue& value) {
    reply_text(context, field);
    reply_text(context, value);
  });
}

}  // namespace

void hgetall(CommandContext& context) {
  if (const auto fields = fields_or_error(context, context.args[1])) reply_all(context, *fields);
}

void hkeys(CommandContext& context) {
  const auto fields = fields_or_error(context, context.args[1]);
  if (!fields || reply_slowly(context, *fields, MemberReply::kFields)) return;
  context.reply.array(fields->size());
  fields->for_each([&context](const StringValue& field, const StringValue&) { reply_text(context, field); });
}

void hvals(CommandContext& context) {
  const auto fields = fields_or_error(context, context.args[1]);
  if (!fields || reply_slowly(context, *fields, MemberReply::kValues)) return;
  context.reply.array(fields->size());
  fields->for_each([&context](const StringValue&, const StringValue& value) { reply_text(context, value); });
}

void hrandfield(CommandContext& context) {
  const bool counted = context.args.size() > 2;
  RandomArguments how;
  if (counted) {
    const auto given = random_arguments(context, "withvalues");
    if (!given) return;
    how = *given;
  }
  const auto fields = fields_or_error(context, context.args[1]);
  if (!fields) return;
  if (counted) return reply_random_fields(context, *fields, how);
  if (fields->empty()) return context.reply.null();
  pick_fields(context, *fields, how,
              [&context](const StringValue& field, const StringValue&) { reply_text(context, field); });
}

// The options of a key that is missing or of another type are not looked at, as in Redis.
void hscan(CommandContext& context) {
  const auto cursor = cursor_argument(context, context.args[2]);
  if (!cursor) return;
  const auto fields = fields_or_error(context, context.args[1]);
  if (!fields) return;
  if (fields->empty()) return reply_scan_head(context, 0, 0);
  const auto options = scan_options(context, 3, ScanOf::kMembers);
  if (!options) return;
  if (const MemberTable* table = fields->table()) {
    scan_table(context, *table, *cursor, *options);
  } else {
    scan_packed(context, *fields, *options);
  }
}

}  // namespace handlers
}  // namespace ringhold

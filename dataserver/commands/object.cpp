// OBJECT … and MEMORY USAGE: how a key is stored.
#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/store/set_members.h"

namespace ringhold::handlers {

namespace {

// Redis's names, by Redis's rules: clients and tests know that a short string is "embstr".
std::string_view encoding_name(const Entry& entry) {
  constexpr std::size_t kEmbeddedBytesMax = 44;
  if (entry.type() == ValueType::kList) return "quicklist";
  if (entry.type() == ValueType::kSet) {
    return SetMembers::form_of(entry) == SetMembers::Form::kIntegers ? "intset" : "hashtable";
  }
  if (entry.type() == ValueType::kHash) return entry.is_packed() ? "listpack" : "hashtable";
  if (entry.type() == ValueType::kZset) return entry.is_packed() ? "listpack" : "skiplist";
  if (entry.payload() == Payload::kInt) return "int";
  return entry.was_grown() || entry.text_size() > kEmbeddedBytesMax ? "raw" : "embstr";
}

// The entry at args[2]; null after replying that there is none.
const Entry* entry_or_reply_null(CommandContext& context) {
  const Place place = find(context, context.args[2], Use::kLook);
  if (!place) context.reply.null();
  return place.entry;
}

// MEMORY USAGE key [SAMPLES count]: the sizes are exact, so there is nothing to sample; the count is only
// checked.
bool samples_ok(CommandContext& context) {
  for (std::size_t i = 3; i < context.args.size(); i += 2) {
    if (!equals_ignore_case(context.args[i], "samples") || i + 1 == context.args.size()) {
      context.reply.error(errors::kSyntax);
      return false;
    }
    const auto samples = integer_argument(context, context.args[i + 1]);
    if (!samples) return false;
    if (*samples >= 0) continue;
    context.reply.error(errors::kSyntax);
    return false;
  }
  return true;
}

}  // namespace

void memory_usage(CommandContext& context) {
  if (!samples_ok(context)) return;
  if (const Entry* entry = entry_or_reply_null(context)) {
    context.reply.integer(static_cast<std::int64_t>(context.store.entry_bytes(*entry)));
  }
}

void object_encoding(CommandContext& context) {
  if (const Entry* entry = entry_or_reply_null(context)) context.reply.bulk(encoding_name(*entry));
}

void object_freq(CommandContext& context) {
  if (entry_or_reply_null(context) == nullptr) return;
  context.reply.error(
      "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when "
      "switching "
      "between policies at runtime LRU and LFU data will take some time to adjust.");
}

void object_idletime(CommandContext& context) {
  if (const Entry* entry = entry_or_reply_null(context))
    context.reply.integer(entry->idle_ms(context.now) / 1000);
}

// Values are never shared.
void object_refcount(CommandContext& context) {
  if (entry_or_reply_null(context) != nullptr) context.reply.integer(1);
}

}  // namespace ringhold::handlers

// SORT and SORT_RO.
#include "dataserver/store/sort.h"

#include <string>
#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"

namespace ringhold::handlers {

namespace {

using sorting::Status;

struct SortArguments {
  sorting::SortOptions options;
  std::vector<std::string_view> gets;  // patterns
  std::optional<std::string_view> destination;
};

// In a cluster, the keys that a pattern leads to may be anywhere.
bool reply_if_denied(CommandContext& context, std::string_view option) {
  if (!context.clustered) return false;
  context.reply.error("ERR " + std::string(option) + " option of SORT denied in Cluster mode.");
  return true;
}

bool take_limit(CommandContext& context, sorting::SortOptions& options, std::size_t i) {
  const auto offset = integer_argument(context, context.args[i + 1]);
  if (!offset) return false;
  const auto count = integer_argument(context, context.args[i + 2]);
  if (!count) return false;
  options.offset = *offset;
  options.count = *count;
  return true;
}

bool take_by(CommandContext& context, sorting::SortOptions& options, std::string_view pattern) {
  options.by = pattern;
  if (pattern.find('*') == std::string_view::npos) {
    options.keep_order = true;
    return true;
  }
  return !reply_if_denied(context, "BY");
}

// Takes the option at `i` with its values; false after replying with an error.
bool take_option(CommandContext& context, SortArguments& parsed, bool may_store, std::size_t& i) {
  const auto args = context.args;
  const std::string_view word = args[i];
  const std::size_t left = args.size() - i - 1;
  const auto is = [word](std::string_view name) { return equals_ignore_case(word, name); };
  if (is("asc") || is("desc")) {
    parsed.options.descending = is("desc");
  } else if (is("alpha")) {
    parsed.options.as_text = true;
  } else if (is("limit") && left >= 2) {
    if (!take_limit(context, parsed.options, i)) return false;
    i += 2;
  } else if (may_store && is("store") && left >= 1) {
    parsed.destination = args[++i];
    parsed.options.stores = true;
  } else if (is("by") && left >= 1) {
    return take_by(context, parsed.options, args[++i]);
  } else if (is("get") && left >= 1) {
    parsed.gets.push_back(args[++i]);
    return parsed.gets.back() == "#" || !reply_if_denied(context, "GET");
  } else {
    context.reply.error(errors::kSyntax);
    return false;
  }
  return true;
}

void reply_sorted(CommandContext& context, const SortArguments& parsed,
                  const std::vector<std::string>& elements) {
  const std::size_t each = parsed.gets.empty() ? 1 : parsed.gets.size();
  context.reply.array(elements.size() * each);
  for (const std::string& element : elements) {
    if (parsed.gets.empty()) context.reply.bulk(element);
    for (const std::string_view pattern : parsed.gets) {
      if (const auto value = sorting::value_of(context.store, pattern, element, context.now)) {
        context.reply.bulk(*value);
      } else {
        context.reply.null();
      }
    }
  }
}

// In a stored list, a missing value is an empty one.
void store_sorted(CommandContext& context, const SortArguments& parsed, std::vector<std::string> elements) {
  std::vector<std::string> items;
  if (parsed.gets.empty()) {
    items = std::move(elements);
  } else {
    for (const std::string& element : elements) {
      for (const std::string_view pattern : parsed.gets) {
        items.push_back(sorting::value_of(context.store, pattern, element, context.now).value_or(""));
      }
    }
  }
  sorting::store_list(context.store, *parsed.destination, items, context.now);
  context.reply.integer(static_cast<std::int64_t>(items.size()));
}

void run(CommandContext& context, bool may_store) {
  SortArguments parsed;
  for (std::size_t i = 2; i < context.args.size(); ++i) {
    if (!take_option(context, parsed, may_store, i)) return;
  }
  auto result = sorting::sort(context.store, context.args[1], parsed.options, context.now);
  if (result.status == Status::kWrongType) return context.reply.error(errors::kWrongType);
  if (result.status == Status::kNotANumber) {
    return context.reply.error("ERR One or more scores can't be converted into double");
  }
  if (parsed.destination) return store_sorted(context, parsed, std::move(result.elements));
  reply_sorted(context, parsed, result.elements);
}

}  // namespace

void sort(CommandContext& context) {
  run(context, true);
}

void sort_ro(CommandContext& context) {
  run(context, false);
}

}  // namespace ringhold::handlers

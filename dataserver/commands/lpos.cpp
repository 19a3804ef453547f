// LPOS: where an item stands in a list.
#include <vector>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/list_replies.h"

namespace ringhold::handlers {

namespace {

using lists::List;

struct Search {
  ListEnd from = ListEnd::kFront;
  std::uint64_t rank = 1;                    // the first match that counts, from 1
  std::optional<std::uint64_t> matches_max;  // COUNT; 0 means all
  std::size_t items_max = List::kAll;        // MAXLEN
};

bool parse_rank(CommandContext& context, std::string_view text, Search& search) {
  const auto rank = integer_argument(context, text);
  if (!rank) return false;
  if (*rank == 0) {
    context.reply.error(
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative "
        "to start from the end of the list");
    return false;
  }
  search.from = *rank < 0 ? ListEnd::kBack : ListEnd::kFront;
  search.rank = static_cast<std::uint64_t>(*rank);
  if (*rank < 0) search.rank = std::uint64_t{0} - search.rank;
  return true;
}

// Empty after replying with an error.
std::optional<Search> parse_search(CommandContext& context) {
  Search search;
  for (std::size_t i = 3; i < context.args.size(); i += 2) {
    const std::string_view word = context.args[i];
    const bool has_value = i + 1 < context.args.size();
    if (has_value && equals_ignore_case(word, "rank")) {
      if (!parse_rank(context, context.args[i + 1], search)) return std::nullopt;
    } else if (has_value && equals_ignore_case(word, "count")) {
      const auto count = bounded_argument(context, context.args[i + 1], 0, "ERR COUNT can't be negative");
      if (!count) return std::nullopt;
      search.matches_max = static_cast<std::uint64_t>(*count);
    } else if (has_value && equals_ignore_case(word, "maxlen")) {
      const auto items = bounded_argument(context, context.args[i + 1], 0, "ERR MAXLEN can't be negative");
      if (!items) return std::nullopt;
      search.items_max = *items == 0 ? List::kAll : static_cast<std::size_t>(*items);
    } else {
      context.reply.error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return search;
}

// In the order in which they are met.
std::vector<std::size_t> matches(const List& list, const Search& search, std::string_view value) {
  std::vector<std::size_t> found;
  const std::uint64_t wanted = search.matches_max.value_or(1);
  std::uint64_t seen = 0;
  list.search(value, search.from, search.items_max, [&](std::size_t index) {
    if (++seen >= search.rank) found.push_back(index);
    return wanted == 0 || found.size() < wanted;
  });
  return found;
}

}  // namespace

void lpos(CommandContext& context) {
  const auto search = parse_search(context);
  if (!search) return;
  const List list(context.store, context.args[1], context.now, Use::kRead);
  if (reply_if_wrong_type(context, list)) return;
  const std::vector<std::size_t> found = matches(list, *search, context.args[2]);
  if (search->matches_max) {
    context.reply.array(found.size());
    for (const std::size_t index : found) context.reply.integer(static_cast<std::int64_t>(index));
  } else if (found.empty()) {
    context.reply.null();
  } else {
    context.reply.integer(static_cast<std::int64_t>(found[0]));
  }
}

}  // namespace ringhold::handlers

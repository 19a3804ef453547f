#include "client/library/command_traits.h"

#include <string_view>
#include <vector>

#include "common/command/command_table.h"

namespace ringhold::client {

CommandTraits traits_of(std::span<const std::string> args) {
  constexpr CommandTraits kUnknown{.repeatable = false, .leaves_state = true, .waits = false};
  if (args.empty()) return kUnknown;
  // A row depends on the number of arguments (TTL key, and the short form TTL key seconds), so all are given.
  const std::vector<std::string_view> views(args.begin(), args.end());
  const CommandLookup found = find_command(views);
  // The server refuses a wrong number of arguments.
  if (found.rejected != nullptr) return {};
  if (found.row == nullptr) return kUnknown;
  const CommandRow& row = *found.row;
  if (row.id == CommandId::kPing || row.id == CommandId::kEcho) return {.repeatable = true};
  return {.repeatable = row.is_read_only(),
          .leaves_state = row.routing == Routing::kConnection && !row.is_read_only(),
          .waits = row.has(kBlocking)};
}

}  // namespace ringhold::client

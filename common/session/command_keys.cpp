// COMMAND GETKEYS and GETKEYSANDFLAGS: for clients that ask the server where a command's keys are.
#include <algorithm>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "common/command/command_traits.h"
#include "common/session/connection_handlers.h"

namespace ringhold {
namespace {

// The row of a command without regard to its arity; null if there is none.
const CommandRow* row_of(std::span<const std::string_view> command) {
  const CommandRow* row = find_row(command[0]);
  if (row == nullptr || row->is_subcommand()) return nullptr;
  if (command.size() == 1 || subcommands_of(*row).empty()) return row;
  return find_row(std::string(row->name).append("|").append(command[1]));
}

// What the command does to its key number `number` (from 0).
std::uint16_t flags_of_key(const CommandRow& row, std::span<const std::string_view> command,
                           std::size_t number) {
  if (row.id == CommandId::kSet) {
    // Only with GET does SET look at what was there.
    const auto is_get = [](std::string_view word) { return equals_ignore_case(word, "GET"); };
    const bool get = std::any_of(command.begin() + 3, command.end(), is_get);
    return get ? kKeyRw | kKeyAccess | kKeyUpdate : kKeyOw | kKeyUpdate;
  }
  const KeySpec& keys = row.keys;
  if (number == 1 && keys.store_flags != 0) return keys.store_flags;
  return number >= 1 && keys.second_flags != 0 ? keys.second_flags : keys.flags;
}

}  // namespace

void handle_command_getkeys(ConnectionContext& context) {
  const std::span<const std::string_view> command = context.args.subspan(2);
  const CommandRow* row = row_of(command);
  if (row == nullptr) return context.reply.error("ERR Invalid command specified");
  if (row->keys.first == 0 && row->keys.numkeys_at == 0) {
    return context.reply.error("ERR The command has no key arguments");
  }
  // A short form is as good as the command that it stands for.
  if (!row->arity_ok(command.size())) row = find_command(command).row;
  if (row == nullptr) return context.reply.error("ERR Invalid number of arguments specified for command");
  std::vector<std::uint32_t> positions;
  if (!key_positions(*row, command, positions)) {
    return context.reply.error("ERR Invalid arguments specified for command");
  }
  const bool with_flags = context.row.id == CommandId::kCommandGetkeysandflags;
  context.reply.array(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (with_flags) context.reply.array(2);
    context.reply.bulk(command[positions[i]]);
    if (!with_flags) continue;
    const Names flags = key_flag_names(flags_of_key(*row, command, i));
    context.reply.set(flags.size());
    for (const std::string_view flag : flags) context.reply.simple(flag);
  }
}

}  // namespace ringhold

// Which rows clients are shown as commands: all but the short forms that share a full command's name.
#pragma once

#include <vector>

#include "common/command/command_table.h"

namespace ringhold {

bool is_listed(const CommandRow& row);
// Without subcommands, in the table's order.
std::vector<const CommandRow*> listed_commands();

}  // namespace ringhold

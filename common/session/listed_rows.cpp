#include "common/session/listed_rows.h"

namespace ringhold {

bool is_listed(const CommandRow& row) {
  return find_row(row.name) == &row;
}

std::vector<const CommandRow*> listed_commands() {
  std::vector<const CommandRow*> listed;
  for (const CommandRow& row : command_rows()) {
    if (!row.is_subcommand() && is_listed(row)) listed.push_back(&row);
  }
  return listed;
}

}  // namespace ringhold

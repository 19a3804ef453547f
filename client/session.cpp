#include "client/session.h"

#include <fmt/core.h>

#include <cstdio>

#include "common/command/command_table.h"

namespace ringhold::client {

int report(const Error& why) {
  fmt::print(stderr, "ringhold: {}\n", why.message);
  return kExitFailed;
}

bool may_block(std::span<const std::string> args) {
  const CommandRow* row = args.empty() ? nullptr : find_row(args[0]);
  return row != nullptr && row->has(kBlocking);
}

}  // namespace ringhold::client

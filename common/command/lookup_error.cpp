#include "common/command/lookup_error.h"

#include <algorithm>

#include "common/base/text.h"

namespace ringhold {
namespace {

// Redis quotes at most this much of a request.
constexpr std::size_t kQuotedBytesMax = 128;

// As C's "%.*s" prints it: up to `bytes_max` bytes, and not beyond a zero byte.
std::string_view quoted(std::string_view bytes, std::size_t bytes_max) {
  bytes = bytes.substr(0, bytes_max);
  return bytes.substr(0, bytes.find('\0'));
}

}  // namespace

std::string unknown_command_error(std::span<const std::string_view> args) {
  std::string beginning;
  for (std::size_t i = 1; i < args.size() && beginning.size() < kQuotedBytesMax; ++i) {
    const std::size_t room = kQuotedBytesMax - beginning.size();
    beginning.append("'").append(quoted(args[i], room)).append("' ");
  }
  return std::string("ERR unknown command '")
      .append(quoted(args[0], kQuotedBytesMax))
      .append("', with args beginning with: ")
      .append(beginning);
}

std::string unknown_subcommand_error(std::span<const std::string_view> args) {
  return std::string("ERR unknown subcommand '")
      .append(quoted(args[1], kQuotedBytesMax))
      .append("'. Try ")
      .append(to_upper(args[0]))
      .append(" HELP.");
}

std::string arity_error(const CommandRow& row) {
  return std::string("ERR wrong number of arguments for '").append(row.name).append("' command");
}

}  // namespace ringhold

#include "client/typed_command.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/resp/split_arguments.h"

namespace ringhold::client {

namespace {

constexpr std::int64_t kRepeatMax = 1000000;

bool is(const std::string& arg, std::string_view word) {
  return equals_ignore_case(arg, word);
}

}  // namespace

Result<TypedCommand> parse_typed_command(std::string_view line) {
  std::string storage;
  std::vector<std::string_view> words;
  if (!split_arguments(line, storage, words)) return Error{"Invalid argument(s)"};  // redis-cli's words
  TypedCommand command;
  if (words.size() > 1) {
    if (const auto repeat = parse_int64(words[0])) {
      if (*repeat <= 0 || *repeat > kRepeatMax) {
        return Error{fmt::format("Invalid number of repetitions (1 to {})", kRepeatMax)};
      }
      command.repeat = static_cast<std::uint32_t>(*repeat);
      words.erase(words.begin());
    }
  }
  command.args.assign(words.begin(), words.end());
  return command;
}

bool bears_password(std::span<const std::string> args) {
  if (args.empty()) return false;
  if (is(args[0], "auth")) return true;
  if (is(args[0], "hello")) {
    return std::any_of(args.begin(), args.end(), [](const std::string& arg) { return is(arg, "auth"); });
  }
  if (is(args[0], "migrate")) {
    return std::any_of(args.begin(), args.end(),
                       [](const std::string& arg) { return is(arg, "auth") || is(arg, "auth2"); });
  }
  if (args.size() < 2) return false;
  if (is(args[0], "acl")) return is(args[1], "setuser");
  if (!is(args[0], "config") || !is(args[1], "set")) return false;
  return std::any_of(args.begin() + 2, args.end(), [](const std::string& arg) {
    const std::string name = to_lower(arg);
    return name == "requirepass" || name == "masterauth" || name.find("pass") != std::string::npos;
  });
}

bool may_bear_password(std::string_view line) {
  const std::string text = to_lower(line);
  return text.find("auth") != std::string::npos || text.find("pass") != std::string::npos ||
         text.find("acl") != std::string::npos;
}

}  // namespace ringhold::client

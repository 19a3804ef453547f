#include "client/completion.h"

#include <algorithm>
#include <cctype>

#include "common/base/text.h"
#include "common/command/command_table.h"
#include "common/resp/split_arguments.h"

namespace ringhold::client {

namespace {

// Words that the client itself understands.
constexpr std::string_view kOwnWords[] = {"clear", "exit", "help", "quit", "status"};

// "config|get" → ("config", "get"); a command without subcommands has an empty second.
struct Name {
  std::string_view command;
  std::string_view subcommand;
};
Name split_name(std::string_view name) {
  const std::size_t bar = name.find('|');
  if (bar == std::string_view::npos) return {name, {}};
  return {name.substr(0, bar), name.substr(bar + 1)};
}

bool begins_with(std::string_view name, std::string_view begun) {
  return name.size() >= begun.size() && equals_ignore_case(name.substr(0, begun.size()), begun);
}

void finish(std::vector<std::string>& candidates, std::string_view begun) {
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  const bool upper = std::any_of(begun.begin(), begun.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!upper) return;
  for (std::string& candidate : candidates) candidate = to_upper(candidate);
}

}  // namespace

std::vector<std::string> complete_command(std::string_view line) {
  std::string storage;
  std::vector<std::string_view> words;
  if (!split_arguments(line, storage, words)) return {};
  if (line.empty() || line.back() == ' ') words.emplace_back();
  const std::string_view begun = words.back();
  // "help" is followed by a command's name; a repeat count may stand in front.
  if (words.size() > 1 && (equals_ignore_case(words[0], "help") || parse_int64(words[0])))
    words.erase(words.begin());

  std::vector<std::string> candidates;
  for (const CommandRow& row : command_rows()) {
    const Name name = split_name(row.name);
    if (words.size() == 1 && name.subcommand.empty() && begins_with(name.command, begun)) {
      candidates.emplace_back(name.command);
    }
    if (words.size() == 2 && !name.subcommand.empty() && equals_ignore_case(name.command, words[0]) &&
        begins_with(name.subcommand, begun)) {
      candidates.emplace_back(name.subcommand);
    }
  }
  if (words.size() == 1) {
    for (const std::string_view word : kOwnWords) {
      if (begins_with(word, begun)) candidates.emplace_back(word);
    }
  }
  finish(candidates, begun);
  return candidates;
}

}  // namespace ringhold::client

#include "client/completion.h"

#include <algorithm>
#include <span>

#include "client/syntax_match.h"
#include "common/base/text.h"
#include "common/command/command_table.h"
#include "common/resp/split_arguments.h"

namespace ringhold::client {

namespace {

using Views = std::vector<std::string_view>;

// Words that the client itself understands.
struct OwnWord {
  std::string_view name;
  std::string_view syntax;
};
constexpr OwnWord kOwnWords[] = {
    {"clear", ""}, {"connect", "host:port"},          {"exit", ""}, {"help", "[command-name | @group]"},
    {"quit", ""},  {"status", "[--watch [seconds]]"},
};

// Values that have names.
struct NamedValues {
  std::string_view value;
  std::vector<std::string_view> words;
};
const std::vector<NamedValues>& named_values() {
  static const std::vector<NamedValues> values = {
      {"type", {"STRING", "LIST", "SET", "ZSET", "HASH"}},
      {"section",
       {"SERVER", "CLIENTS", "MEMORY", "PERSISTENCE", "STATS", "REPLICATION", "CPU", "COMMANDSTATS",
        "ERRORSTATS", "CLUSTER", "KEYSPACE", "ALL", "EVERYTHING"}},
      {"protover", {"2", "3"}},
  };
  return values;
}

bool begins_with(std::string_view name, std::string_view begun) {
  return name.size() >= begun.size() && equals_ignore_case(name.substr(0, begun.size()), begun);
}

// Whether a person writes in capitals, by the first letter there is.
bool is_upper(std::string_view text) {
  const auto letter =
      std::find_if(text.begin(), text.end(), [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
  return letter != text.end() && *letter <= 'Z';
}

// What was typed, as arguments. The last one is being typed; behind a blank it is empty.
struct Typed {
  std::string storage;
  Views words;
  std::size_t typed = 0;  // bytes of the last one
  bool valid = false;
};
void read_line(std::string_view line, Typed& typed) {
  if (!split_arguments(line, typed.storage, typed.words)) return;
  if (line.empty() || line.back() == ' ' || line.back() == '\t') typed.words.emplace_back();
  typed.typed = typed.words.back().size();
  // A quoted word is a value; what stands there is not what it means.
  typed.valid = line.ends_with(typed.words.back());
  if (typed.words.size() > 1 && parse_int64(typed.words[0])) typed.words.erase(typed.words.begin());
}

// The row whose arguments are being typed, and how many words are its name. Short forms count only for names
// that have no other.
struct Named {
  const CommandRow* row = nullptr;
  std::size_t words = 0;
};
Named find_named(const Views& words) {
  Named found;
  for (const CommandRow& row : command_rows()) {
    const std::size_t bar = row.name.find('|');
    const bool sub = bar != std::string_view::npos;
    if (!equals_ignore_case(row.name.substr(0, bar), words[0])) continue;
    if (sub && (words.size() < 2 || !equals_ignore_case(row.name.substr(bar + 1), words[1]))) continue;
    if (!found.row || (found.row->is_short_form() && !row.is_short_form()) || (sub && found.words == 1)) {
      found = {&row, sub ? std::size_t{2} : std::size_t{1}};
    }
  }
  return found;
}

const OwnWord* find_own(std::string_view name) {
  for (const OwnWord& word : kOwnWords) {
    if (equals_ignore_case(word.name, name)) return &word;
  }
  return nullptr;
}

std::string_view subcommand_of(const CommandRow& row) {
  return row.name.substr(std::min(row.name.find('|') + 1, row.name.size()));
}

void offer_names(std::string_view begun, std::vector<std::string>& words) {
  for (const CommandRow& row : command_rows()) {
    if (!row.is_subcommand() && begins_with(row.name, begun)) words.emplace_back(row.name);
  }
}
void offer_groups(std::string_view begun, std::vector<std::string>& words) {
  for (const CommandRow& row : command_rows()) {
    const std::string group = "@" + std::string(row.group);
    if (begins_with(group, begun)) words.push_back(group);
  }
}

// The subcommands, or the words of the options that may stand next.
void offer_arguments(const Views& all, std::vector<std::string>& words) {
  const Views before(all.begin(), all.end() - 1);
  const std::string_view begun = all.back();
  const Named named = find_named(before);
  if (!named.row) return;
  const auto subcommands = subcommands_of(*named.row);
  if (!subcommands.empty()) {
    for (const CommandRow& row : subcommands) {
      if (before.size() == 1 && begins_with(subcommand_of(row), begun))
        words.emplace_back(subcommand_of(row));
    }
    return;
  }
  const std::vector<SyntaxNode> syntax = parse_syntax(named.row->syntax);
  const SyntaxRest rest = rest_of_syntax(syntax, std::span(before).subspan(named.words));
  for (const std::string_view token : rest.tokens) {
    if (begins_with(token, begun)) words.push_back(to_lower(token));
  }
  if (rest.value == "command-name") offer_names(begun, words);
  for (const NamedValues& values : named_values()) {
    if (values.value != rest.value) continue;
    for (const std::string_view word : values.words) {
      if (begins_with(word, begun)) words.push_back(to_lower(word));
    }
  }
}

void offer_help(Views words, std::vector<std::string>& offered) {
  words.erase(words.begin());
  const std::string_view begun = words.back();
  if (words.size() == 1) {
    if (!begun.empty() && begun.front() == '@') return offer_groups(begun, offered);
    return offer_names(begun, offered);
  }
  if (words.size() > 2) return;
  const Named named = find_named({words[0]});
  if (named.row && !subcommands_of(*named.row).empty()) offer_arguments(words, offered);
}

std::string join_subcommands(const CommandRow& row) {
  std::string text;
  for (const CommandRow& sub : subcommands_of(row)) {
    text += (text.empty() ? "" : " | ") + to_upper(subcommand_of(sub));
  }
  return "<" + text + ">";
}

// What stands behind `words`, all of which are complete.
std::string rest_behind(const Views& words) {
  if (const OwnWord* own = find_own(words[0])) return words.size() == 1 ? std::string(own->syntax) : "";
  const Named named = find_named(words);
  if (!named.row) return "";
  if (!subcommands_of(*named.row).empty()) return words.size() == 1 ? join_subcommands(*named.row) : "";
  return rest_of_syntax(parse_syntax(named.row->syntax), std::span(words).subspan(named.words)).text;
}

}  // namespace

Completion complete_command(std::string_view line) {
  Typed typed;
  read_line(line, typed);
  if (!typed.valid) return {};
  const Views& words = typed.words;
  Completion completion{.typed = typed.typed, .words = {}};
  if (words.size() == 1) {
    offer_names(words[0], completion.words);
    for (const OwnWord& own : kOwnWords) {
      if (begins_with(own.name, words[0])) completion.words.emplace_back(own.name);
    }
  } else if (equals_ignore_case(words[0], "help")) {
    offer_help(words, completion.words);
  } else if (equals_ignore_case(words[0], "status")) {
    if (words.size() == 2 && begins_with("--watch", words[1])) completion.words.emplace_back("--watch");
  } else {
    offer_arguments(words, completion.words);
  }
  std::sort(completion.words.begin(), completion.words.end());
  completion.words.erase(std::unique(completion.words.begin(), completion.words.end()),
                         completion.words.end());
  if (is_upper(words.back().empty() ? words.front() : words.back())) {
    for (std::string& word : completion.words) word = to_upper(word);
  }
  return completion;
}

std::string hint_for(std::string_view line) {
  Typed typed;
  read_line(line, typed);
  if (!typed.valid) return "";
  Views& words = typed.words;
  const bool behind_blank = words.back().empty();
  if (behind_blank) words.pop_back();
  if (words.empty()) return "";
  // The beginning of an option's word is not yet a value.
  if (!behind_blank && words.size() > 1) {
    const Completion completion = complete_command(line);
    const bool complete =
        std::any_of(completion.words.begin(), completion.words.end(),
                    [&](const std::string& word) { return equals_ignore_case(word, words.back()); });
    if (!completion.words.empty() && !complete) return "";
  }
  const std::string rest = rest_behind(words);
  if (rest.empty()) return "";
  return behind_blank ? rest : " " + rest;
}

}  // namespace ringhold::client

// What the table knows about a request's arguments: where its keys are, and what a short form stands for.
#include <algorithm>
#include <iterator>
#include <string>

#include "common/base/check.h"
#include "common/base/text.h"
#include "common/command/command_table.h"

namespace ringhold {
namespace {

void add_range(const KeySpec& keys, std::size_t args, std::vector<std::uint32_t>& positions) {
  const auto count = static_cast<std::int64_t>(args);
  const std::int64_t last = keys.last >= 0 ? keys.last : count + keys.last;
  for (std::int64_t at = keys.first; at <= last && at < count; at += keys.step) {
    positions.push_back(static_cast<std::uint32_t>(at));
  }
}

// What is wrong with a number of keys, in Redis's words, which differ by command.
enum class BadCount : std::uint8_t { kNotANumber, kNotPositive, kTooMany };

Error count_error(const CommandRow& row, BadCount bad) {
  const bool combines_zsets = row.group == "sorted-set" && row.name != "zmpop";
  if (bad == BadCount::kTooMany) {
    if (row.name == "sintercard") return Error{"ERR Number of keys can't be greater than number of args"};
    return Error{"ERR syntax error"};
  }
  if (!combines_zsets) return Error{"ERR numkeys should be greater than 0"};
  if (bad == BadCount::kNotANumber) return Error{"ERR value is not an integer or out of range"};
  return Error{"ERR at least 1 input key is needed for '" + std::string(row.name) + "' command"};
}

Result<void> add_counted(const CommandRow& row, std::span<const std::string_view> args,
                         std::vector<std::uint32_t>& positions) {
  const auto counter = static_cast<std::size_t>(row.keys.numkeys_at);
  if (counter >= args.size()) return Error{"ERR syntax error"};
  const std::optional<std::int64_t> count = parse_int64(args[counter]);
  if (!count) return count_error(row, BadCount::kNotANumber);
  if (*count <= 0) return count_error(row, BadCount::kNotPositive);
  if (static_cast<std::uint64_t>(*count) > args.size() - counter - 1) {
    return count_error(row, BadCount::kTooMany);
  }
  for (std::size_t i = 1; i <= static_cast<std::size_t>(*count); ++i) {
    positions.push_back(static_cast<std::uint32_t>(counter + i));
  }
  return {};
}

// The key behind STORE, among options of which some have values. The last one counts, as in Redis.
void add_store(std::span<const std::string_view> args, std::vector<std::uint32_t>& positions) {
  struct Option {
    std::string_view word;
    std::size_t values;
  };
  constexpr Option kOptions[] = {{"limit", 2}, {"get", 1}, {"by", 1}, {"store", 1}};
  std::size_t store = 0;
  for (std::size_t i = 2; i < args.size(); ++i) {
    const auto* option = std::find_if(std::begin(kOptions), std::end(kOptions), [&](const Option& known) {
      return equals_ignore_case(args[i], known.word);
    });
    if (option == std::end(kOptions)) continue;
    if (option->word == "store" && i + 1 < args.size()) store = i + 1;
    i += option->values;
  }
  if (store > 0) positions.push_back(static_cast<std::uint32_t>(store));
}

}  // namespace

Result<void> key_positions(const CommandRow& row, std::span<const std::string_view> args,
                           std::vector<std::uint32_t>& positions) {
  positions.clear();
  if (row.keys.first > 0) add_range(row.keys, args.size(), positions);
  if (row.keys.numkeys_at > 0) return add_counted(row, args, positions);
  if (row.keys.store_flags != 0) add_store(args, positions);
  return {};
}

void rewrite_short_form(const CommandRow& row, std::span<const std::string_view> args,
                        std::vector<std::string_view>& rewritten) {
  rewritten.clear();
  std::string_view rest = row.rewrite;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word[0] != '$') {
      rewritten.push_back(word);
      continue;
    }
    const std::optional<std::uint64_t> at = parse_uint64(word.substr(1));
    INVARIANT(at && *at < args.size());
    rewritten.push_back(args[*at]);
  }
}

}  // namespace ringhold

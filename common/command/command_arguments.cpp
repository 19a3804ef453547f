// What the table knows about a request's arguments: where its keys are, and what a short form stands for.
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

Result<void> add_counted(const KeySpec& keys, std::span<const std::string_view> args,
                         std::vector<std::uint32_t>& positions) {
  const auto counter = static_cast<std::size_t>(keys.numkeys_at);
  if (counter >= args.size()) return Error{"ERR syntax error"};
  const std::optional<std::int64_t> count = parse_int64(args[counter]);
  if (!count || *count <= 0) return Error{"ERR numkeys should be greater than 0"};
  if (static_cast<std::uint64_t>(*count) > args.size() - counter - 1) return Error{"ERR syntax error"};
  for (std::size_t i = 1; i <= static_cast<std::size_t>(*count); ++i) {
    positions.push_back(static_cast<std::uint32_t>(counter + i));
  }
  return {};
}

}  // namespace

Result<void> key_positions(const CommandRow& row, std::span<const std::string_view> args,
                           std::vector<std::uint32_t>& positions) {
  positions.clear();
  if (row.keys.first > 0) add_range(row.keys, args.size(), positions);
  if (row.keys.numkeys_at > 0) return add_counted(row.keys, args, positions);
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

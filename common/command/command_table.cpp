#include "common/command/command_table.h"

#include <array>

#include "common/base/check.h"
#include "common/base/text.h"
#include "common/command/lookup_error.h"
#include "common/command/name_index.h"
#include "common/command/rows_bitmap.h"
#include "common/command/rows_cluster.h"
#include "common/command/rows_connection.h"
#include "common/command/rows_generic.h"
#include "common/command/rows_hash.h"
#include "common/command/rows_http.h"
#include "common/command/rows_introspection.h"
#include "common/command/rows_list.h"
#include "common/command/rows_server.h"
#include "common/command/rows_set.h"
#include "common/command/rows_short.h"
#include "common/command/rows_sorted_set.h"
#include "common/command/rows_string.h"

namespace ringhold {
namespace {

constexpr std::array<CommandRow, kCommandCount> assemble() {
  std::array<CommandRow, kCommandCount> all{};
  std::size_t count = 0;
  const std::span<const CommandRow> groups[] = {
      rows::kConnectionRows, rows::kGenericRows,       rows::kStringRows,  rows::kBitmapRows,
      rows::kListRows,       rows::kSortedSetRows,     rows::kHashRows,    rows::kSetRows,
      rows::kServerRows,     rows::kIntrospectionRows, rows::kClusterRows, rows::kHttpRows,
      rows::kShortRows,
  };
  for (const std::span<const CommandRow> group : groups) {
    for (const CommandRow& row : group) all[count++] = row;
  }
  return all;
}

constexpr std::array<CommandRow, kCommandCount> kRows = assemble();

constexpr bool rows_match_ids() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].id != static_cast<CommandId>(i)) return false;
  }
  return true;
}
static_assert(rows_match_ids(), "every CommandId needs one row, in the order of command_id.h");

constexpr NameIndex kIndex{std::span<const CommandRow>(kRows)};
static_assert(kIndex.longest_probe() <= 4,
              "the hash of command names has become bad: choose other constants");

bool short_form_fits(const CommandRow& row, std::span<const std::string_view> args) {
  if (args.size() != static_cast<std::size_t>(row.arity)) return false;
  return row.number_at == 0 || parse_int64(args[row.number_at]).has_value();
}

}  // namespace

std::span<const CommandRow> command_rows() {
  return kRows;
}

const CommandRow& command_row(CommandId id) {
  INVARIANT(id < CommandId::kCount);
  return kRows[static_cast<std::size_t>(id)];
}

std::span<const CommandRow> subcommands_of(const CommandRow& row) {
  if (row.is_subcommand()) return {};
  const std::size_t first = static_cast<std::size_t>(row.id) + 1;
  std::size_t last = first;
  while (last < kRows.size() && kRows[last].is_subcommand()) ++last;
  return std::span(kRows).subspan(first, last - first);
}

CommandLookup find_command(std::span<const std::string_view> args) {
  const NameIndex::Entry* entry = kIndex.find(args[0], kNoRow);
  if (entry == nullptr) return {nullptr, unknown_command_error(args)};
  if (entry->container && args.size() > 1) {
    entry = kIndex.find(args[1], entry->row);
    if (entry == nullptr) return {nullptr, unknown_subcommand_error(args)};
  }
  if (entry->short_row != kNoRow && short_form_fits(kRows[entry->short_row], args)) {
    return {&kRows[entry->short_row], {}};
  }
  const CommandRow& row = kRows[entry->row];
  if (!row.arity_ok(args.size())) return {nullptr, arity_error(row), &row};
  return {&row, {}};
}

const CommandRow* find_row(std::string_view name) {
  std::uint16_t parent = kNoRow;
  if (const std::size_t bar = name.find('|'); bar != std::string_view::npos) {
    const NameIndex::Entry* container = kIndex.find(name.substr(0, bar), kNoRow);
    if (container == nullptr || !container->container) return nullptr;
    parent = container->row;
    name.remove_prefix(bar + 1);
  }
  const NameIndex::Entry* entry = kIndex.find(name, parent);
  return entry == nullptr ? nullptr : &kRows[entry->row];
}

}  // namespace ringhold

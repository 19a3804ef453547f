#include "client/help_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "client/text_table.h"
#include "common/base/text.h"
#include "common/command/command_table.h"

namespace ringhold::client {

namespace {

std::string intro() {
  std::set<std::string_view> groups;
  for (const CommandRow& row : command_rows()) groups.insert(row.group);
  return fmt::format(
      "\"help @GROUP\" lists the commands of a group: @{}\n"
      "\"help COMMAND\" explains a command; TAB completes names\n"
      "\"status\" shows the cluster, \"clear\" clears the screen, \"quit\" ends\n",
      fmt::join(groups, " @"));
}

// "config|get" → "CONFIG GET"
std::string shown_name(const CommandRow& row) {
  std::string name = to_upper(row.name);
  std::replace(name.begin(), name.end(), '|', ' ');
  return name;
}

std::string explain(const CommandRow& row, bool colours) {
  const auto paint = [colours](std::string_view text, Colour colour) {
    return colours ? coloured(text, colour) : std::string(text);
  };
  std::string out =
      fmt::format("\n  {} {}\n", paint(shown_name(row), Colour::kBold), paint(row.syntax, Colour::kDim));
  const auto line = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) out += fmt::format("  {} {}\n", paint(name, Colour::kYellow), text);
  };
  line("summary:", row.summary);
  line("complexity:", row.complexity);
  line("since:", row.since);
  line("group:", row.group);
  line("short for:", row.rewrite);
  return out;
}

// The command itself, its subcommands, and its short forms.
bool belongs_to(const CommandRow& row, std::string_view name) {
  if (row.name == name) return true;
  return row.name.size() > name.size() && row.name.starts_with(name) && row.name[name.size()] == '|';
}

}  // namespace

std::string render_help(std::span<const std::string> topic, bool colours) {
  if (topic.empty()) return intro();
  const std::string wanted = to_lower(fmt::format("{}", fmt::join(topic, "|")));
  std::string out;
  for (const CommandRow& row : command_rows()) {
    const bool of_group = wanted.starts_with('@') && row.group == std::string_view(wanted).substr(1);
    if (of_group || belongs_to(row, wanted)) out += explain(row, colours);
  }
  if (out.empty())
    return fmt::format("No help for '{}'; \"help\" alone lists the groups.\n", printable(wanted));
  return out + "\n";
}

}  // namespace ringhold::client

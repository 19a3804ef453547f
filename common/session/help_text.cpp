// Help for people, all of it made from the command table: HELP, HELP command, CONTAINER HELP. And LOLWUT.
#include <string>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/session/compatibility.h"
#include "common/session/connection_handlers.h"
#include "common/session/listed_rows.h"

namespace ringhold {
namespace {

using Lines = std::vector<std::string>;

// As Redis answers its own HELP subcommands: an array of simple strings, which every client shows line by
// line.
void write_lines(ReplyWriter& reply, const Lines& lines) {
  reply.array(lines.size());
  for (const std::string& line : lines) reply.simple(line);
}

// "CONFIG GET parameter [parameter ...]"
std::string usage(const CommandRow& row) {
  std::string line = to_upper(row.name);
  if (const std::size_t bar = line.find('|'); bar != std::string::npos) line[bar] = ' ';
  if (!row.syntax.empty()) line.append(" ").append(row.syntax);
  return line;
}

Lines describe_container(const CommandRow& container) {
  const std::string name = to_upper(container.name);
  Lines lines = {name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"};
  for (const CommandRow& row : subcommands_of(container)) {
    std::string line = usage(row).substr(name.size() + 1);
    lines.push_back(std::move(line));
    lines.push_back(std::string("    ").append(row.summary));
  }
  return lines;
}

Lines describe(const CommandRow& row) {
  Lines lines;
  if (!subcommands_of(row).empty()) lines = describe_container(row);
  if (row.id == CommandId::kCommand || lines.empty()) {
    Lines own = {usage(row), std::string("    ").append(row.summary)};
    if (!row.complexity.empty()) own.push_back(std::string("    Costs ").append(row.complexity));
    own.push_back(std::string("    Since ").append(row.since).append("; group ").append(row.group));
    if (!row.replaced_by.empty()) own.push_back(std::string("    Better: ").append(row.replaced_by));
    if (row.role == Role::kAdmin) own.emplace_back("    Needs the role admin");
    lines.insert(lines.begin(), own.begin(), own.end());
  }
  return lines;
}

// The short forms that share the row's name.
void add_short_forms(const CommandRow& full, Lines& lines) {
  for (const CommandRow& row : command_rows()) {
    if (&row == &full || row.name != full.name) continue;
    lines.push_back(usage(row));
    lines.push_back(std::string("    ").append(row.summary));
  }
}

Lines overview() {
  Lines lines = {"HELP command explains one of these:"};
  std::vector<std::string_view> groups;
  for (const CommandRow* row : listed_commands()) {
    bool known = false;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i] != row->group) continue;
      known = true;
      lines[i + 1].append(" ").append(to_upper(row->name));
    }
    if (known) continue;
    groups.push_back(row->group);
    lines.push_back(std::string(row->group).append(": ").append(to_upper(row->name)));
  }
  return lines;
}

}  // namespace

void handle_help(ConnectionContext& context) {
  if (context.args.size() == 1) return write_lines(context.reply, overview());
  if (context.args.size() > 3) return context.reply.error("ERR wrong number of arguments for 'help' command");
  std::string name(context.args[1]);
  for (const std::string_view word : context.args.subspan(2)) name.append("|").append(word);
  const CommandRow* row = find_row(name);
  if (row == nullptr) {
    return context.reply.error("ERR there is no command '" + printable(name) + "'; HELP lists them all");
  }
  Lines lines = describe(*row);
  add_short_forms(*row, lines);
  write_lines(context.reply, lines);
}

void handle_container_help(ConnectionContext& context) {
  const CommandRow* container = find_row(context.row.name.substr(0, context.row.name.find('|')));
  write_lines(context.reply, describe_container(*container));
}

void handle_lolwut(ConnectionContext& context) {
  std::string text =
      "      . - ~ - .\n"
      "   o             o\n"
      "  (    Ringhold    )\n"
      "   o             o\n"
      "      ' - . - '\n\n";
  text.append("Ringhold ver. ").append(RINGHOLD_VERSION);
  text.append(", as Redis ver. ").append(kCompatibleRedisVersion).append("\n");
  context.reply.verbatim(text);
}

}  // namespace ringhold

// Every row of the table is consistent in itself and with its neighbours.
#include <doctest/doctest.h>

#include <bit>
#include <set>
#include <string>

#include "common/base/text.h"
#include "common/command/command_table.h"
#include "common/command/name_index.h"
#include "common/command/syntax.h"

using namespace ringhold;

namespace {

std::string container_of(const CommandRow& row) {
  return std::string(row.name.substr(0, row.name.find('|')));
}

std::size_t value_count(const std::vector<SyntaxNode>& nodes, bool required_only) {
  std::size_t count = 0;
  for (const SyntaxNode& node : nodes) {
    if (required_only && node.optional) continue;
    if (!node.token.empty()) ++count;
    if (node.kind == SyntaxNode::Kind::kValue) ++count;
    if (node.kind == SyntaxNode::Kind::kBlock) count += value_count(node.children, required_only);
    if (node.kind == SyntaxNode::Kind::kOneOf) {
      std::size_t least = 1000;
      for (const SyntaxNode& choice : node.children)
        least = std::min(least, value_count({choice}, required_only));
      count += least;
    }
  }
  return count;
}

}  // namespace

TEST_CASE("there is one row for each id, in order") {
  CHECK(command_rows().size() == kCommandCount);
  for (std::size_t i = 0; i < command_rows().size(); ++i) {
    CHECK(command_rows()[i].id == static_cast<CommandId>(i));
    CHECK(&command_row(static_cast<CommandId>(i)) == &command_rows()[i]);
  }
}

TEST_CASE("every row says all that it must") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    CHECK(row.name == to_lower(row.name));
    CHECK(row.name.find(' ') == std::string_view::npos);
    CHECK(row.arity != 0);
    CHECK(!row.group.empty());
    CHECK(!row.since.empty());
    CHECK(!row.summary.empty());
    CHECK((row.summary.back() == '.' || row.summary.find('.') == std::string_view::npos));
    CHECK(row.summary.size() < 110);
    CHECK((!row.complexity.empty() || row.id == CommandId::kLolwut));
    CHECK(row.deprecated_since.empty() == row.replaced_by.empty());
    CHECK(!(row.has(kWrite) && row.has(kReadOnly)));
  }
}

TEST_CASE("full commands have names of their own, and fit into the index") {
  std::set<std::string_view> names;
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    if (!row.is_short_form()) CHECK(names.insert(row.name).second);
    const std::string_view last = row.name.substr(row.name.find('|') + 1);
    CHECK(last.size() <= PackedName::kBytesMax);
    CHECK(container_of(row).size() <= PackedName::kBytesMax);
  }
}

TEST_CASE("subcommands follow their container, in alphabetical order, with HELP among them") {
  const CommandRow* container = nullptr;
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    if (!row.is_subcommand()) {
      container = &row;
      continue;
    }
    REQUIRE(container != nullptr);
    CHECK(container->name == container_of(row));
    CHECK(row.arity != -1);
    CHECK(row.arity != 1);
    const CommandRow* help = find_row(container_of(row) + "|help");
    REQUIRE(help != nullptr);
    CHECK(help->routing == Routing::kConnection);
  }
  for (const CommandRow& row : command_rows()) {
    const std::span<const CommandRow> subcommands = subcommands_of(row);
    for (std::size_t i = 1; i < subcommands.size(); ++i) CHECK(subcommands[i - 1].name < subcommands[i].name);
    for (const CommandRow& subcommand : subcommands) CHECK(container_of(subcommand) == row.name);
  }
  CHECK(subcommands_of(command_row(CommandId::kClient)).size() == 11);
  CHECK(subcommands_of(command_row(CommandId::kGet)).empty());
  CHECK(subcommands_of(command_row(CommandId::kClientId)).empty());
}

TEST_CASE("keys, routing and gathering agree") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    const bool on_keys = row.routing == Routing::kKeys || row.routing == Routing::kSplit;
    CHECK(on_keys == (row.keys.first > 0 || row.keys.numkeys_at > 0));
    CHECK((row.routing == Routing::kSplit || row.routing == Routing::kScatter) ==
          (row.gather != Gather::kNone));
    if (row.routing == Routing::kSplit) CHECK(row.keys.last == (row.is_short_form() ? 1 : -1));
    // What touches keys must say whether it writes: unknown means write.
    if (on_keys || row.routing == Routing::kScatter) CHECK((row.has(kWrite) || row.has(kReadOnly)));
  }
}

TEST_CASE("key specifications lie within the least number of arguments") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    const int least = row.arity > 0 ? row.arity : -row.arity;
    if (row.keys.numkeys_at > 0) CHECK(row.keys.numkeys_at < least - 1);
    if (row.keys.first == 0) {
      CHECK((row.keys.flags == 0) == (row.keys.numkeys_at == 0));
      continue;
    }
    CHECK(row.keys.step > 0);
    CHECK(row.keys.first < least);
    CHECK(row.keys.last < least);
    CHECK((row.keys.last < 0 || row.keys.last >= row.keys.first));
    // Exactly one of RO, RW, OW, RM; and a read-only command writes no key.
    const auto modes = static_cast<unsigned>(row.keys.flags & (kKeyRo | kKeyRw | kKeyOw | kKeyRm));
    CHECK(std::popcount(modes) == 1);
    if (row.is_read_only()) CHECK(modes == kKeyRo);
    if (row.keys.numkeys_at > 0) {
      // Those that are counted come behind the others.
      CHECK(row.keys.numkeys_at > row.keys.last);
    } else if (row.keys.second_flags != 0) {
      CHECK((row.keys.last == -1 || row.keys.last == row.keys.first + 1));
    }
  }
}

TEST_CASE("the syntax of every row is well formed and needs as many words as its arity says") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    const std::vector<SyntaxNode> nodes = parse_syntax(row.syntax);
    const std::size_t words = (row.is_subcommand() ? 2U : 1U) + value_count(nodes, true);
    if (!subcommands_of(row).empty()) continue;
    if (row.arity > 0) {
      CHECK(words == static_cast<std::size_t>(row.arity));
    } else if (row.id != CommandId::kClientKill) {
      CHECK(words == static_cast<std::size_t>(-row.arity));
    }
  }
}

TEST_CASE("only administrators change or end a server; only the handshake and READY are open to strangers") {
  std::set<std::string_view> admin;
  std::set<std::string_view> open;
  for (const CommandRow& row : command_rows()) {
    if (row.role == Role::kAdmin) admin.insert(row.name);
    if (row.role == Role::kNone) open.insert(row.name);
    CHECK(row.has(kNoAuth) == (row.role == Role::kNone));
  }
  CHECK(admin == std::set<std::string_view>{"client|kill", "config|resetstat", "config|set", "debug",
                                            "debug|error", "debug|protocol", "debug|set-active-expire",
                                            "debug|sleep", "shutdown"});
  CHECK(open == std::set<std::string_view>{"auth", "hello", "quit", "ready", "reset"});
}

TEST_CASE("short forms have the keys, routing and kind of what they stand for") {
  for (const CommandRow& row : command_rows()) {
    if (!row.is_short_form()) continue;
    CAPTURE(row.name);
    CHECK(row.arity > 0);
    std::vector<std::string_view> args(static_cast<std::size_t>(row.arity), "1");
    args[0] = row.name;
    std::vector<std::string_view> full;
    rewrite_short_form(row, args, full);
    const CommandLookup found = find_command(full);
    REQUIRE(found.row != nullptr);
    CHECK(!found.row->is_short_form());
    CHECK(found.row->routing == row.routing);
    CHECK(found.row->gather == row.gather);
    CHECK(found.row->is_write() == row.is_write());
    CHECK(found.row->is_read_only() == row.is_read_only());
    CHECK(found.row->role == row.role);
    CHECK((found.row->keys.first > 0) == (row.keys.first > 0));
  }
}

// COMMAND DOCS: what commands do and how they are written, for the hints that clients show.
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "common/command/syntax.h"
#include "common/session/connection_handlers.h"
#include "common/session/listed_rows.h"

namespace ringhold {
namespace {

constexpr std::string_view kIntegerNames[] = {
    "bit",         "client-id", "count",  "cursor",   "decrement",    "destination-db",
    "end",         "increment", "index",  "len",      "milliseconds", "min-match-len",
    "num-matches", "numkeys",   "offset", "protover", "rank",         "seconds",
    "slot",        "start",     "stop",   "version",
};
constexpr std::string_view kKeyNames[] = {"destination", "destkey", "key",   "key1",
                                          "key2",        "newkey",  "source"};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Writes one command's "arguments". Counts keys on the way, to tell which key specification each belongs to.
class ArgumentWriter {
 public:
  ArgumentWriter(ReplyWriter& reply, const CommandRow& row) : reply_(reply), row_(row) {}

  void write(const std::vector<SyntaxNode>& nodes) {
    reply_.array(nodes.size());
    for (const SyntaxNode& node : nodes) write(node);
  }

 private:
  std::string_view type_of(const SyntaxNode& node) const {
    switch (node.kind) {
      case SyntaxNode::Kind::kToken:
        return "pure-token";
      case SyntaxNode::Kind::kOneOf:
        return "oneof";
      case SyntaxNode::Kind::kBlock:
        return "block";
      case SyntaxNode::Kind::kValue:
        break;
    }
    if ((row_.keys.first > 0 || row_.keys.numkeys_at > 0) && contains(kKeyNames, node.name)) return "key";
    if (node.name == "pattern") return "pattern";
    if (node.name.substr(0, 9) == "unix-time") return "unix-time";
    if (node.name == "increment" && row_.id == CommandId::kIncrbyfloat) return "double";
    if (node.name == "seconds" && row_.id == CommandId::kDebugSleep) return "double";
    return contains(kIntegerNames, node.name) ? "integer" : "string";
  }

  void write(const SyntaxNode& node) {
    const std::string_view type = type_of(node);
    const bool flagged = node.optional || node.multiple;
    const bool key = type == "key";
    reply_.map(2U + (key ? 1U : 0U) + (node.token.empty() ? 0U : 1U) + (flagged ? 1U : 0U) +
               (node.children.empty() ? 0U : 1U));
    field("name", node.name);
    field("type", type);
    if (key) {
      reply_.bulk("key_spec_index");
      reply_.integer(row_.keys.second_flags != 0 ? keys_seen_++ : 0);
    }
    if (!node.token.empty()) field("token", node.token);
    if (flagged) write_flags(node);
    if (!node.children.empty()) {
      reply_.bulk("arguments");
      write(node.children);
    }
  }

  void write_flags(const SyntaxNode& node) {
    reply_.bulk("flags");
    reply_.set((node.optional ? 1U : 0U) + (node.multiple ? 1U : 0U));
    if (node.optional) reply_.simple("optional");
    if (node.multiple) reply_.simple("multiple");
  }

  void field(std::string_view name, std::string_view value) {
    reply_.bulk(name);
    reply_.bulk(value);
  }

  ReplyWriter& reply_;
  const CommandRow& row_;
  int keys_seen_ = 0;
};

void write_docs(ReplyWriter& reply, const CommandRow& row) {
  struct Field {
    std::string_view name;
    std::string_view value;
  };
  const Field fields[] = {
      {"summary", row.summary},
      {"since", row.since},
      {"group", row.group},
      {"complexity", row.complexity},
      {"deprecated_since", row.deprecated_since},
      {"replaced_by", row.replaced_by},
  };
  const auto given = std::count_if(std::begin(fields), std::end(fields),
                                   [](const Field& field) { return !field.value.empty(); });
  const std::span<const CommandRow> subcommands = subcommands_of(row);
  const bool deprecated = !row.deprecated_since.empty();
  reply.map(static_cast<std::size_t>(given) + (deprecated ? 1U : 0U) + (row.syntax.empty() ? 0U : 1U) +
            (subcommands.empty() ? 0U : 1U));
  for (const Field& field : fields) {
    if (field.value.empty()) continue;
    reply.bulk(field.name);
    reply.bulk(field.value);
  }
  if (deprecated) {
    reply.bulk("doc_flags");
    reply.set(1);
    reply.simple("deprecated");
  }
  if (!row.syntax.empty()) {
    reply.bulk("arguments");
    ArgumentWriter(reply, row).write(parse_syntax(row.syntax));
  }
  if (subcommands.empty()) return;
  reply.bulk("subcommands");
  reply.map(subcommands.size());
  for (const CommandRow& subcommand : subcommands) {
    reply.bulk(subcommand.name);
    write_docs(reply, subcommand);
  }
}

}  // namespace

void handle_command_docs(ConnectionContext& context) {
  std::vector<const CommandRow*> rows;
  if (context.args.size() == 2) {
    rows = listed_commands();
  } else {
    for (const std::string_view name : context.args.subspan(2)) {
      if (const CommandRow* row = find_row(name); row != nullptr) rows.push_back(row);
    }
  }
  context.reply.map(rows.size());
  for (const CommandRow* row : rows) {
    context.reply.bulk(row->name);
    write_docs(context.reply, *row);
  }
}

}  // namespace ringhold

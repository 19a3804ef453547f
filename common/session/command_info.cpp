// COMMAND, COMMAND COUNT, COMMAND INFO and COMMAND LIST: the command table as clients read it.
#include <algorithm>
#include <string>
#include <vector>

#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/command/command_traits.h"
#include "common/session/connection_handlers.h"
#include "common/session/listed_rows.h"

namespace ringhold {
namespace {

// Flags are simple strings in Redis, as their number is small and fixed.
void write_flags(ReplyWriter& reply, const Names& names) {
  reply.set(names.size());
  for (const std::string_view name : names) reply.simple(name);
}

void write_key_search(ReplyWriter& reply, std::int64_t index) {
  reply.bulk("begin_search");
  reply.map(2);
  reply.bulk("type");
  reply.bulk("index");
  reply.bulk("spec");
  reply.map(1);
  reply.bulk("index");
  reply.integer(index);
}

struct FoundKeys {
  std::string_view type;
  std::string_view names[3];
  std::int64_t values[3];
};

void write_found_keys(ReplyWriter& reply, const FoundKeys& found) {
  reply.bulk("find_keys");
  reply.map(2);
  reply.bulk("type");
  reply.bulk(found.type);
  reply.bulk("spec");
  reply.map(3);
  for (std::size_t i = 0; i < 3; ++i) {
    reply.bulk(found.names[i]);
    reply.integer(found.values[i]);
  }
}

void write_key_spec(ReplyWriter& reply, std::uint16_t flags, std::int64_t index, const FoundKeys& found) {
  reply.map(3);
  reply.bulk("flags");
  write_flags(reply, key_flag_names(flags));
  write_key_search(reply, index);
  write_found_keys(reply, found);
}

// `last_key` is relative to the first key where it is not negative.
FoundKeys key_range(std::int64_t last_key, std::int64_t step) {
  return {"range", {"lastkey", "keystep", "limit"}, {last_key, step, 0}};
}

// Keys of which nobody can say beforehand where they are, and why.
void write_unknown_keys(ReplyWriter& reply, std::uint16_t flags, std::string_view notes) {
  reply.map(4);
  reply.bulk("notes");
  reply.bulk(notes);
  reply.bulk("flags");
  write_flags(reply, key_flag_names(flags));
  for (const std::string_view part : {"begin_search", "find_keys"}) {
    reply.bulk(part);
    reply.map(2);
    reply.bulk("type");
    reply.bulk("unknown");
    reply.bulk("spec");
    reply.map(0);
  }
}

void write_key_specs(ReplyWriter& reply, const KeySpec& keys) {
  const bool counted = keys.numkeys_at > 0;
  const bool split = keys.second_flags != 0 && !counted;
  const std::size_t ranges = keys.first == 0 ? 0 : split ? 2 : 1;
  reply.set(ranges + (counted ? 1 : 0) + (keys.patterns ? 1 : 0) + (keys.store_flags != 0 ? 1 : 0));
  if (split) {
    write_key_spec(reply, keys.flags, keys.first, key_range(0, 1));
    const int last = keys.last < 0 ? keys.last : keys.last - keys.first - 1;
    write_key_spec(reply, keys.second_flags, keys.first + 1, key_range(last, 1));
  } else if (keys.first > 0) {
    write_key_spec(reply, keys.flags, keys.first,
                   key_range(keys.last < 0 ? keys.last : keys.last - keys.first, keys.step));
  }
  if (counted) {
    write_key_spec(reply, ranges > 0 ? keys.second_flags : keys.flags, keys.numkeys_at,
                   {"keynum", {"keynumidx", "firstkey", "keystep"}, {0, 1, 1}});
  }
  if (keys.patterns) {
    write_unknown_keys(reply, kKeyRo | kKeyAccess, "The keys that BY and GET read depend on what is sorted");
  }
  if (keys.store_flags != 0) {
    write_unknown_keys(reply, keys.store_flags, "The word STORE may stand anywhere among the options");
  }
}

void write_command_info(ReplyWriter& reply, const CommandRow& row) {
  reply.array(10);
  reply.bulk(row.name);
  reply.integer(row.arity);
  write_flags(reply, command_flag_names(row));
  reply.integer(row.keys.first);
  reply.integer(row.keys.last);
  reply.integer(row.keys.step);
  write_flags(reply, acl_categories(row));
  const Names tips = command_tips(row);
  reply.set(tips.size());
  for (const std::string_view tip : tips) reply.bulk(tip);
  write_key_specs(reply, row.keys);
  const std::span<const CommandRow> subcommands = subcommands_of(row);
  if (subcommands.empty()) return reply.set(0);
  reply.array(subcommands.size());
  for (const CommandRow& subcommand : subcommands) write_command_info(reply, subcommand);
}

struct ListFilter {
  enum class Kind { kAll, kNothing, kCategory, kPattern };
  Kind kind = Kind::kAll;
  std::string category;  // with its '@', in lower case
  std::string_view pattern;

  bool takes(const CommandRow& row) const {
    switch (kind) {
      case Kind::kAll:
        return true;
      case Kind::kNothing:
        return false;
      case Kind::kPattern:
        return glob_match(pattern, row.name, GlobCase::kIgnore);
      case Kind::kCategory: {
        const Names categories = acl_categories(row);
        return std::find(categories.begin(), categories.end(), category) != categories.end();
      }
    }
    return false;
  }
};

// COMMAND LIST [FILTERBY <MODULE name | ACLCAT category | PATTERN pattern>]; nothing if it is none of these.
std::optional<ListFilter> parse_filter(std::span<const std::string_view> args) {
  ListFilter filter;
  if (args.size() == 2) return filter;
  if (args.size() != 5 || !equals_ignore_case(args[2], "FILTERBY")) return std::nullopt;
  if (equals_ignore_case(args[3], "MODULE")) {
    filter.kind = ListFilter::Kind::kNothing;  // there are no modules
  } else if (equals_ignore_case(args[3], "ACLCAT")) {
    filter.kind = ListFilter::Kind::kCategory;
    filter.category = '@' + to_lower(args[4]);
  } else if (equals_ignore_case(args[3], "PATTERN")) {
    filter.kind = ListFilter::Kind::kPattern;
    filter.pattern = args[4];
  } else {
    return std::nullopt;
  }
  return filter;
}

}  // namespace

void handle_command(ConnectionContext& context) {
  const std::vector<const CommandRow*> listed = listed_commands();
  context.reply.array(listed.size());
  for (const CommandRow* row : listed) write_command_info(context.reply, *row);
}

void handle_command_count(ConnectionContext& context) {
  context.reply.integer(static_cast<std::int64_t>(listed_commands().size()));
}

void handle_command_info(ConnectionContext& context) {
  if (context.args.size() == 2) return handle_command(context);
  const std::span<const std::string_view> names = context.args.subspan(2);
  context.reply.array(names.size());
  for (const std::string_view name : names) {
    const CommandRow* row = find_row(name);
    if (row == nullptr) {
      context.reply.null();
    } else {
      write_command_info(context.reply, *row);
    }
  }
}

void handle_command_list(ConnectionContext& context) {
  const std::optional<ListFilter> filter = parse_filter(context.args);
  if (!filter) return context.reply.error(kSyntaxError);
  std::vector<std::string_view> names;
  for (const CommandRow& row : command_rows()) {
    if (is_listed(row) && filter->takes(row)) names.push_back(row.name);
  }
  context.reply.array(names.size());
  for (const std::string_view name : names) context.reply.bulk(name);
}

}  // namespace ringhold

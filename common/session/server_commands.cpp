#include "common/session/server_commands.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "common/base/text.h"
#include "common/session/client_filter.h"
#include "common/session/connection_commands.h"
#include "common/session/memory_reply.h"
#include "common/session/protocol_examples.h"

namespace ringhold {
namespace {

void info(ServerCommandContext& context) {
  context.reply.verbatim(info_text(context.process, context.args.subspan(1)));
}

void time(ServerCommandContext& context) {
  const UnixMs now = context.process.wall_ms;
  context.reply.array(2);
  context.reply.bulk(std::to_string(now / 1000));
  context.reply.bulk(std::to_string(now % 1000 * 1000));
}

void config_get(ServerCommandContext& context) {
  const std::vector<ConfigPair> pairs = context.config.match(context.args.subspan(2));
  context.reply.map(pairs.size());
  for (const auto& [name, value] : pairs) {
    context.reply.bulk(name);
    context.reply.bulk(value);
  }
}

void config_set(ServerCommandContext& context) {
  const std::span<const std::string_view> pairs = context.args.subspan(2);
  if (pairs.size() % 2 != 0) {
    context.reply.error("ERR syntax error");
    return;
  }
  const Result<void> outcome = context.config.set(pairs);
  if (!outcome) {
    context.reply.error(outcome.error().message);
    return;
  }
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    context.effects.config_changes.emplace_back(pairs[i], pairs[i + 1]);
  }
  context.reply.ok();
}

void config_resetstat(ServerCommandContext& context) {
  context.effects.reset_stats = true;
  context.reply.ok();
}

void slowlog_get(ServerCommandContext& context) {
  const std::vector<SlowlogEntry>& entries = context.process.workers.slowlog;
  std::size_t count = 10;
  if (context.args.size() > 3) {
    context.reply.error(fmt::format(
        "ERR unknown subcommand or wrong number of arguments for '{}'. Try SLOWLOG HELP.", context.args[1]));
    return;
  }
  if (context.args.size() > 2) {
    const std::optional<std::int64_t> wanted = parse_int64(context.args[2]);
    if (!wanted || *wanted < -1) {
      context.reply.error("ERR count should be greater than or equal to -1");
      return;
    }
    count = *wanted == -1 ? entries.size() : static_cast<std::size_t>(*wanted);
  }
  count = std::min(count, entries.size());
  context.reply.array(count);
  for (const SlowlogEntry& entry : std::span(entries).first(count)) {
    context.reply.array(6);
    context.reply.integer(static_cast<std::int64_t>(entry.id));
    context.reply.integer(entry.logged_at / 1000);
    context.reply.integer(entry.usec);
    context.reply.array(entry.args.size());
    for (const std::string& argument : entry.args) context.reply.bulk(argument);
    context.reply.bulk(entry.client_address);
    context.reply.bulk(entry.client_name);
  }
}

void slowlog_len(ServerCommandContext& context) {
  context.reply.integer(static_cast<std::int64_t>(context.process.workers.slowlog.size()));
}

void slowlog_reset(ServerCommandContext& context) {
  context.effects.reset_slowlog = true;
  context.reply.ok();
}

void memory_stats(ServerCommandContext& context) {
  write_memory_stats(context.reply, context.process);
}

void memory_doctor(ServerCommandContext& context) {
  context.reply.verbatim(memory_doctor_text(context.process));
}

// The client chooses the whole error, its first word included.
void debug_error(ServerCommandContext& context) {
  context.reply.error(context.args[2]);
}

void debug_protocol(ServerCommandContext& context) {
  if (!write_protocol_example(context.reply, context.args[2])) {
    context.reply.error(
        "ERR Wrong protocol type name. Please use one of the following: "
        "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
  }
}

// In ascending order of their ids, which is the order in which they came.
std::vector<const ClientState*> matching_clients(const ServerCommandContext& context,
                                                 const ClientFilter& filter) {
  std::vector<const ClientState*> clients;
  for (const ClientState& client : context.process.workers.clients) {
    if (filter.matches(client, context.client.id, context.process.now)) clients.push_back(&client);
  }
  std::sort(clients.begin(), clients.end(),
            [](const ClientState* a, const ClientState* b) { return a->id < b->id; });
  return clients;
}

void client_list(ServerCommandContext& context) {
  const Result<ClientFilter> filter = parse_client_list(context.args);
  if (!filter) {
    context.reply.error(filter.error().message);
    return;
  }
  std::string text;
  for (const ClientState* client : matching_clients(context, *filter)) {
    text += client_info_line(*client, context.process.now);
    text += '\n';
  }
  context.reply.verbatim(text);
}

void client_kill(ServerCommandContext& context) {
  const Result<ClientKill> kill = parse_client_kill(context.args);
  if (!kill) {
    context.reply.error(kill.error().message);
    return;
  }
  const std::optional<std::string>& user = kill->filter.user;
  if (user && *user != ClientState().user && !context.authenticator.has_user(*user)) {
    context.reply.error(fmt::format("ERR No such user '{}'", *user));
    return;
  }
  std::vector<const ClientState*> victims = matching_clients(context, kill->filter);
  if (kill->old_form) {
    if (victims.empty()) {
      context.reply.error("ERR No such client");
      return;
    }
    victims.erase(victims.begin() + 1, victims.end());
  }
  for (const ClientState* victim : victims) {
    if (victim->id == context.client.id) {
      context.client.close_after_reply = true;  // it still gets its answer
    } else {
      context.effects.kill_clients.push_back(victim->id);
    }
  }
  if (kill->old_form) {
    context.reply.ok();
  } else {
    context.reply.integer(static_cast<std::int64_t>(victims.size()));
  }
}

struct Entry {
  CommandId id;
  ServerNeeds needs;
  void (*execute)(ServerCommandContext&);
};

constexpr Entry kEntries[] = {
    {CommandId::kInfo, {.stats = true, .clients = true}, info},
    {CommandId::kTime, {}, time},
    {CommandId::kConfigGet, {}, config_get},
    {CommandId::kConfigSet, {}, config_set},
    {CommandId::kConfigResetstat, {}, config_resetstat},
    {CommandId::kSlowlogGet, {.slowlog = true}, slowlog_get},
    {CommandId::kSlowlogLen, {.slowlog = true}, slowlog_len},
    {CommandId::kSlowlogReset, {}, slowlog_reset},
    {CommandId::kMemoryStats, {.stats = true, .clients = true}, memory_stats},
    {CommandId::kMemoryDoctor, {.stats = true, .clients = true}, memory_doctor},
    {CommandId::kDebugError, {}, debug_error},
    {CommandId::kDebugProtocol, {}, debug_protocol},
    {CommandId::kClientList, {.clients = true}, client_list},
    {CommandId::kClientKill, {.clients = true}, client_kill},
};

const Entry* find_entry(CommandId id) {
  const auto* found = std::find_if(std::begin(kEntries), std::end(kEntries),
                                   [id](const Entry& entry) { return entry.id == id; });
  return found == std::end(kEntries) ? nullptr : found;
}

}  // namespace

ServerNeeds server_command_needs(const CommandRow& row) {
  const Entry* entry = find_entry(row.id);
  return entry == nullptr ? ServerNeeds{} : entry->needs;
}

void execute_server_command(ServerCommandContext& context) {
  const Entry* entry = find_entry(context.row.id);
  if (entry == nullptr) {
    context.reply.error(fmt::format("ERR '{}' is not answered here", context.row.name));
    return;
  }
  entry->execute(context);
}

WorkerSnapshot take_snapshot(ServerNeeds needs, const ServerStats& stats, const Slowlog& slowlog) {
  WorkerSnapshot snapshot;
  if (needs.stats) snapshot.stats = stats;
  if (needs.slowlog) snapshot.slowlog.assign(slowlog.entries().begin(), slowlog.entries().end());
  snapshot.slowlog_length_max = slowlog.length_max();
  return snapshot;
}

void WorkerSnapshot::add(WorkerSnapshot other) {
  stats.add(other.stats);
  clients.insert(clients.end(), std::make_move_iterator(other.clients.begin()),
                 std::make_move_iterator(other.clients.end()));
  connected_clients += other.connected_clients;
  network.add(other.network);
  slowlog_length_max = std::max(slowlog_length_max, other.slowlog_length_max);
  slowlog = merge_slowlogs(std::move(slowlog), std::move(other.slowlog),
                           slowlog_length_max == 0 ? limits::kSlowlogEntriesMax : slowlog_length_max);
}

}  // namespace ringhold

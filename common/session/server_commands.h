// The commands that a process answers about itself, alike at a data server and at a proxy (Routing::kServer):
// INFO, CONFIG GET, SET, RESETSTAT; TIME; SLOWLOG GET, LEN, RESET; MEMORY STATS, DOCTOR; DEBUG ERROR
// and PROTOCOL; CLIENT LIST and KILL.
//
// They see values only: the caller gathers what the process knows into a ProcessSnapshot, calls, and then
// does what the ServerEffects say. At a data server that is one loop's own state. A proxy first asks every
// worker for its WorkerSnapshot, merges them, calls on the worker that holds the client, and posts the
// effects to all workers:
//
//   server_command_needs(row) → gather → execute_server_command → apply the effects on every loop
//
// Not here: SHUTDOWN and DEBUG SLEEP (the dispatcher's, they are not answered at once), MEMORY USAGE (the
// store's), CLUSTER (cluster/admin), the HELP subcommands (connection_commands.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/command/command_table.h"
#include "common/reactor/network.h"
#include "common/resp/reply_writer.h"
#include "common/session/authenticator.h"
#include "common/session/backup_state.h"
#include "common/session/client_state.h"
#include "common/session/config_table.h"
#include "common/session/process_probe.h"
#include "common/session/slowlog.h"
#include "common/session/stats.h"

namespace ringhold {

// What the store says about itself; at a proxy what the shards reported last, or zero.
struct StoreFigures {
  std::uint64_t keys = 0;
  std::uint64_t expires = 0;            // keys with a deadline
  std::uint64_t avg_ttl_ms = 0;         // of those; 0 if unknown
  std::uint64_t used_bytes = 0;         // exact accounting: keys, values, tables
  std::uint64_t overhead_bytes = 0;     // of used_bytes: what is neither key nor value
  std::uint64_t max_memory = 0;         // --max-memory; 0: no bound
  std::string eviction = "noeviction";  // in Redis's words: allkeys-lru, volatile-ttl, ...
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t expired = 0;  // keys that were removed because their time was over
  std::uint64_t evicted = 0;
};

// What one loop knows. Copyable: it travels from worker to worker.
struct WorkerSnapshot {
  ServerStats stats;
  std::vector<ClientState> clients;   // with input_bytes and output_bytes filled in
  std::vector<SlowlogEntry> slowlog;  // newest first
  std::size_t connected_clients = 0;
  NetworkFigures network;
  // slowlog-max-len, by which merged logs are cut; 0: not known, nothing is cut.
  std::size_t slowlog_length_max = 0;

  void add(WorkerSnapshot other);  // merges another worker's
};

// Which parts of a WorkerSnapshot a command reads.
struct ServerNeeds {
  bool stats = false;
  bool clients = false;
  bool slowlog = false;
};
ServerNeeds server_command_needs(const CommandRow& row);

// Copies what is needed; the caller adds the clients.
WorkerSnapshot take_snapshot(ServerNeeds needs, const ServerStats& stats, const Slowlog& slowlog);

// What never changes while the process lives.
struct ProcessFacts {
  std::string kind = "dataserver";  // or "proxy"
  std::string version;              // of Ringhold
  std::string build_id;
  std::string run_id;  // 40 hex digits, random for each start
  std::string shard;   // its name; empty at a proxy, and at a data server that has none
  Address addr;        // listened on, with the real port
  Address advertise;
  MonoTime started_at{};
  UnixMs started_wall_ms = 0;
  std::uint32_t threads = 1;  // loops that serve clients
  std::uint32_t clients_max = 0;
};

// What INFO says about the cluster.
struct ClusterFigures {
  bool enabled = false;    // a topology is known (always so at a proxy): Redis Cluster's commands work
  std::string cluster_id;  // hex
  std::uint64_t generation = 0;
  std::uint64_t epoch = 0;
  std::uint64_t shards = 0;
  std::uint64_t slots_owned = 0;  // by this process's shard
};

// References stay the caller's; they are read during the call only.
struct ProcessSnapshot {
  const ProcessFacts& facts;
  const WorkerSnapshot& workers;  // merged; what server_command_needs() did not ask for may be empty
  const StoreFigures& store;
  const ClusterFigures& cluster;
  const ProcessProbe& probe;
  UnixMs wall_ms = 0;
  MonoTime now{};
  // More lines for INFO's section "ringhold": the caller's own figures (upstream pools, forwarded commands).
  std::span<const std::pair<std::string, std::string>> extra = {};
  BackupState backup = {};
};

// What the caller must do after the call, on every loop of the process, before the client's next command.
struct ServerEffects {
  bool reset_stats = false;  // CONFIG RESETSTAT; the store's hits, misses, ... too
  bool reset_slowlog = false;
  std::vector<std::uint64_t> kill_clients;  // ids: abort these connections. The asking client is never among
                                            // them: its own close_after_reply is set instead
  // Accepted already by `config`; a proxy gives it to its other workers' tables (ConfigTable::set).
  std::vector<ConfigPair> config_changes;
};

struct ServerCommandContext {
  const CommandRow& row;
  std::span<const std::string_view> args;
  ReplyWriter& reply;
  ClientState& client;  // who asks
  const ProcessSnapshot& process;
  ConfigTable& config;  // of the loop that the call is made on
  const Authenticator& authenticator;
  ServerEffects effects = {};
};

// Precondition: row.routing == Routing::kServer and the row is one of those named above; arity and role were
// checked. Writes exactly one reply; a row that is not among those gets an error.
void execute_server_command(ServerCommandContext& context);

// INFO's text: `sections` as the client named them (any case; empty: the default ones). For tests, and for
// the dashboard to come.
std::string info_text(const ProcessSnapshot& process, std::span<const std::string_view> sections);

}  // namespace ringhold

// INFO: one function for each section, in Redis 7's order, then the table of them.
//
// Field names are Redis's where what they mean exists here; a field that clients or exporters insist on is
// shown with the value that is true of a process without that feature (rdb_bgsave_in_progress:0).
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include "common/base/text.h"
#include "common/session/info_writer.h"
#include "common/session/memory_figures.h"
#include "common/session/server_commands.h"

namespace ringhold {
namespace {

// The Redis version whose commands and replies this follows; clients switch features by it.
constexpr std::string_view kRedisVersion = "7.0.15";
constexpr std::int64_t kSecondsPerDay = 86400;
constexpr int kHz = 10;  // redis-cli and exporters want one; the expiry timer's

std::int64_t uptime_seconds(const ProcessSnapshot& process) {
  return std::chrono::duration_cast<std::chrono::seconds>(process.now - process.facts.started_at).count();
}

void server_section(InfoWriter& out, const ProcessSnapshot& process) {
  const ProcessFacts& facts = process.facts;
  const ProcessNames names = process.probe.names();
  const std::int64_t uptime = uptime_seconds(process);
  out.section("Server");
  out.field("redis_version", kRedisVersion);
  out.field("redis_git_sha1", "00000000");
  out.field("redis_git_dirty", 0);
  out.field("redis_build_id", facts.build_id);
  out.field("redis_mode", process.cluster.enabled ? "cluster" : "standalone");
  out.field("os", names.os);
  out.field("arch_bits", 8 * sizeof(void*));
  out.field("monotonic_clock", "POSIX clock_gettime");
  out.field("multiplexing_api", "libuv");
  out.field("gcc_version", names.compiler);
  out.field("process_id", names.process_id);
  out.field("process_supervised", "no");
  out.field("run_id", facts.run_id);
  out.field("tcp_port", facts.addr.port);
  out.field("server_time_usec", process.wall_ms * 1000);
  out.field("uptime_in_seconds", uptime);
  out.field("uptime_in_days", uptime / kSecondsPerDay);
  out.field("hz", kHz);
  out.field("configured_hz", kHz);
  out.field("lru_clock", (process.wall_ms / 1000) & ((1 << 24) - 1));  // as Redis: 24 bits of seconds
  out.field("executable", names.executable);
  out.field("config_file", "");
  out.field("io_threads_active", facts.threads > 1 ? 1 : 0);
}

void clients_section(InfoWriter& out, const ProcessSnapshot& process) {
  std::size_t input_max = 0;
  std::size_t output_max = 0;
  for (const ClientState& client : process.workers.clients) {
    input_max = std::max(input_max, client.input_bytes);
    output_max = std::max(output_max, client.output_bytes);
  }
  out.section("Clients");
  out.field("connected_clients", process.workers.clients.size());
  out.field("cluster_connections", 0);
  out.field("maxclients", process.facts.clients_max);
  out.field("client_recent_max_input_buffer", input_max);
  out.field("client_recent_max_output_buffer", output_max);
  out.field("blocked_clients", 0);
  out.field("tracking_clients", 0);
  out.field("clients_in_timeout_table", 0);
}

void memory_section(InfoWriter& out, const ProcessSnapshot& process) {
  const MemoryFigures memory = memory_figures(process);
  out.section("Memory");
  out.bytes("used_memory", memory.used_bytes);
  out.bytes("used_memory_rss", memory.resident_bytes);
  out.bytes("used_memory_peak", memory.peak_bytes);
  out.field("used_memory_peak_perc", fmt::format("{:.2f}%", memory.peak_percentage()));
  out.field("used_memory_overhead", memory.overhead_bytes);
  out.field("used_memory_startup", 0);
  out.field("used_memory_dataset", memory.dataset_bytes);
  out.field("used_memory_dataset_perc", fmt::format("{:.2f}%", memory.dataset_percentage()));
  out.field("allocator_allocated", memory.allocated_bytes);
  out.field("allocator_active", memory.allocated_bytes);
  out.field("allocator_resident", memory.resident_bytes);
  out.bytes("total_system_memory", memory.system_bytes);
  out.bytes("used_memory_lua", 0);
  out.field("number_of_cached_scripts", 0);
  out.bytes("maxmemory", process.store.max_memory);
  out.field("maxmemory_policy", process.store.eviction);
  out.decimal("mem_fragmentation_ratio", memory.fragmentation_ratio(), 2);
  out.field("mem_fragmentation_bytes",
            static_cast<std::int64_t>(memory.resident_bytes) - static_cast<std::int64_t>(memory.used_bytes));
  out.field("mem_not_counted_for_evict", 0);
  out.field("mem_replication_backlog", 0);
  out.field("mem_clients_slaves", 0);
  out.field("mem_clients_normal", memory.clients_bytes);
  out.field("mem_aof_buffer", 0);
  out.field("mem_allocator", process.probe.names().allocator);
  out.field("active_defrag_running", 0);
  out.field("lazyfree_pending_objects", 0);
  out.field("lazyfreed_objects", 0);
}

void persistence_section(InfoWriter& out, const ProcessSnapshot& process) {
  out.section("Persistence");
  out.field("loading", 0);
  out.field("async_loading", 0);
  const BackupState& backup = process.backup;
  // As Redis: before the first one, when the process started.
  const std::int64_t started_s = process.wall_ms / 1000 - uptime_seconds(process);
  out.field("rdb_changes_since_last_save", backup.changes_since);
  out.field("rdb_bgsave_in_progress", backup.running ? 1 : 0);
  out.field("rdb_last_save_time", backup.last_success_s != 0 ? backup.last_success_s : started_s);
  out.field("rdb_last_bgsave_status", backup.last_ok ? "ok" : "err");
  out.field("rdb_last_bgsave_time_sec", backup.last_duration_s);
  out.field("rdb_current_bgsave_time_sec", backup.running_s);
  out.field("rdb_saves", backup.done);
  out.field("rdb_last_cow_size", 0);
  out.field("rdb_last_load_keys_expired", backup.keys_expired);
  out.field("rdb_last_load_keys_loaded", backup.keys_loaded);
  out.field("backup_failures", backup.failed);
  out.field("backup_last_bytes", backup.bytes);
  out.field("backup_keys_set_aside", backup.set_aside);
  out.field("aof_enabled", 0);
  out.field("aof_rewrite_in_progress", 0);
  out.field("aof_rewrite_scheduled", 0);
  out.field("aof_last_rewrite_time_sec", -1);
  out.field("aof_current_rewrite_time_sec", -1);
  out.field("aof_last_bgrewrite_status", "ok");
  out.field("aof_last_write_status", "ok");
  out.field("aof_last_cow_size", 0);
}

void stats_section(InfoWriter& out, const ProcessSnapshot& process) {
  const ServerStats& stats = process.workers.stats;
  const TrafficRates rates = stats.rates();
  out.section("Stats");
  out.field("total_connections_received", stats.connections_received());
  out.field("total_commands_processed", stats.traffic().commands);
  out.decimal("instantaneous_ops_per_sec", rates.commands, 0);
  out.field("total_net_input_bytes", stats.traffic().input_bytes);
  out.field("total_net_output_bytes", stats.traffic().output_bytes);
  out.field("total_net_repl_input_bytes", 0);
  out.field("total_net_repl_output_bytes", 0);
  out.decimal("instantaneous_input_kbps", rates.input_bytes / 1024, 2);
  out.decimal("instantaneous_output_kbps", rates.output_bytes / 1024, 2);
  out.decimal("instantaneous_input_repl_kbps", 0, 2);
  out.decimal("instantaneous_output_repl_kbps", 0, 2);
  out.field("rejected_connections", process.workers.network.connections_rejected);
  out.field("sync_full", 0);
  out.field("sync_partial_ok", 0);
  out.field("sync_partial_err", 0);
  out.field("expired_keys", process.store.expired);
  out.field("evicted_keys", process.store.evicted);
  out.field("evicted_clients", 0);
  out.field("keyspace_hits", process.store.hits);
  out.field("keyspace_misses", process.store.misses);
  out.field("pubsub_channels", 0);
  out.field("pubsub_patterns", 0);
  out.field("pubsubshard_channels", 0);
  out.field("latest_fork_usec", 0);
  out.field("total_forks", 0);
  out.field("migrate_cached_sockets", 0);
  out.field("unexpected_error_replies", stats.unexpected_errors());
  out.field("total_error_replies", stats.error_replies());
  out.field("client_output_buffer_limit_disconnections", process.workers.network.evictions);
}

void replication_section(InfoWriter& out, const ProcessSnapshot& process) {
  out.section("Replication");
  out.field("role", "master");
  out.field("connected_slaves", 0);
  out.field("master_failover_state", "no-failover");
  out.field("master_replid", process.facts.run_id);
  out.field("master_replid2", std::string(40, '0'));
  out.field("master_repl_offset", 0);
  out.field("second_repl_offset", -1);
  out.field("repl_backlog_active", 0);
  out.field("repl_backlog_size", 0);
  out.field("repl_backlog_first_byte_offset", 0);
  out.field("repl_backlog_histlen", 0);
}

void cpu_section(InfoWriter& out, const ProcessSnapshot& process) {
  const ProcessUsage usage = process.probe.usage();
  out.section("CPU");
  out.decimal("used_cpu_sys", usage.cpu_system_seconds, 6);
  out.decimal("used_cpu_user", usage.cpu_user_seconds, 6);
  out.decimal("used_cpu_sys_children", usage.cpu_system_children_seconds, 6);
  out.decimal("used_cpu_user_children", usage.cpu_user_children_seconds, 6);
}

void modules_section(InfoWriter& out, const ProcessSnapshot& /*process*/) {
  out.section("Modules");
}

void errorstats_section(InfoWriter& out, const ProcessSnapshot& process) {
  out.section("Errorstats");
  for (const auto& [word, count] : process.workers.stats.errors()) {
    out.field(fmt::format("errorstat_{}", word), fmt::format("count={}", count));
  }
}

// Calls by name; rows that share one (a command and its short form) are one here.
std::map<std::string_view, CommandFigures> figures_by_name(const ServerStats& stats) {
  std::map<std::string_view, CommandFigures> by_name;
  for (const CommandRow& row : command_rows()) {
    const CommandFigures& figures = stats.command(row.id);
    if (figures.calls != 0 || figures.rejected_calls != 0) by_name[row.name].add(figures);
  }
  return by_name;
}

void commandstats_section(InfoWriter& out, const ProcessSnapshot& process) {
  out.section("Commandstats");
  for (const auto& [name, figures] : figures_by_name(process.workers.stats)) {
    const double usec_per_call =
        figures.calls == 0 ? 0
                           : static_cast<double>(figures.latency.usec) / static_cast<double>(figures.calls);
    out.field(
        fmt::format("cmdstat_{}", name),
        fmt::format("calls={},usec={},usec_per_call={:.2f},rejected_calls={},failed_calls={}", figures.calls,
                    figures.latency.usec, usec_per_call, figures.rejected_calls, figures.failed_calls));
  }
}

void latencystats_section(InfoWriter& out, const ProcessSnapshot& process) {
  out.section("Latencystats");
  for (const auto& [name, figures] : figures_by_name(process.workers.stats)) {
    if (figures.calls == 0) continue;
    out.field(
        fmt::format("latency_percentiles_usec_{}", name),
        fmt::format("p50={:.3f},p99={:.3f},p99.9={:.3f}", latency_percentile(figures.latency.buckets, 50),
                    latency_percentile(figures.latency.buckets, 99),
                    latency_percentile(figures.latency.buckets, 99.9)));
  }
}

void cluster_section(InfoWriter& out, const ProcessSnapshot& process) {
  out.section("Cluster");
  out.field("cluster_enabled", process.cluster.enabled ? 1 : 0);
}

void keyspace_section(InfoWriter& out, const ProcessSnapshot& process) {
  const StoreFigures& store = process.store;
  out.section("Keyspace");
  if (store.keys == 0) return;
  out.field("db0", fmt::format("keys={},expires={},avg_ttl={}", store.keys, store.expires, store.avg_ttl_ms));
}

void ringhold_section(InfoWriter& out, const ProcessSnapshot& process) {
  const ProcessFacts& facts = process.facts;
  out.section("Ringhold");
  out.field("ringhold_version", facts.version);
  out.field("ringhold_kind", facts.kind);
  out.field("ringhold_addr", facts.addr.text());
  out.field("ringhold_advertise", facts.advertise.text());
  out.field("ringhold_threads", facts.threads);
  if (!facts.shard.empty()) out.field("ringhold_shard", facts.shard);
  if (!process.cluster.cluster_id.empty()) out.field("ringhold_cluster", process.cluster.cluster_id);
  out.field("ringhold_generation", process.cluster.generation);
  out.field("ringhold_epoch", process.cluster.epoch);
  out.field("ringhold_shards", process.cluster.shards);
  out.field("ringhold_slots", process.cluster.slots_owned);
  for (const auto& [name, value] : process.extra) out.field(name, value);
}

struct Section {
  std::string_view name;
  bool by_default;
  void (*write)(InfoWriter&, const ProcessSnapshot&);
};

constexpr std::array kSections{
    Section{"server", true, server_section},
    Section{"clients", true, clients_section},
    Section{"memory", true, memory_section},
    Section{"persistence", true, persistence_section},
    Section{"stats", true, stats_section},
    Section{"replication", true, replication_section},
    Section{"cpu", true, cpu_section},
    Section{"modules", true, modules_section},
    Section{"errorstats", true, errorstats_section},
    Section{"commandstats", false, commandstats_section},
    Section{"latencystats", false, latencystats_section},
    Section{"cluster", true, cluster_section},
    Section{"keyspace", true, keyspace_section},
    Section{"ringhold", true, ringhold_section},
};

bool is_wanted(const Section& section, std::span<const std::string_view> names) {
  if (names.empty()) return section.by_default;
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return equals_ignore_case(name, "all") || equals_ignore_case(name, "everything") ||
           equals_ignore_case(name, section.name) ||
           (section.by_default && equals_ignore_case(name, "default"));
  });
}

}  // namespace

std::string info_text(const ProcessSnapshot& process, std::span<const std::string_view> sections) {
  InfoWriter out;
  for (const Section& section : kSections) {
    if (is_wanted(section, sections)) section.write(out, process);
  }
  return out.take();
}

}  // namespace ringhold

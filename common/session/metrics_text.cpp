#include "common/session/metrics_text.h"

#include <map>

#include "common/command/command_table.h"

namespace ringhold {

namespace {

using Kind = MetricsWriter::Kind;

double as_double(std::uint64_t value) {
  return static_cast<double>(value);
}

void gauge(MetricsWriter& out, std::string_view name, std::string_view help, double value) {
  out.family(name, Kind::kGauge, help).sample(value);
}
void counter(MetricsWriter& out, std::string_view name, std::string_view help, double value) {
  out.family(name, Kind::kCounter, help).sample(value);
}

void write_usage(MetricsWriter& out, const ProcessSnapshot& process) {
  const ProcessUsage usage = process.probe.usage();
  gauge(out, "process_start_time_seconds", "When this process started, in Unix time.",
        static_cast<double>(process.facts.started_wall_ms) / 1000);
  counter(out, "process_cpu_seconds_total", "Processor time of all threads.",
          usage.cpu_user_seconds + usage.cpu_system_seconds);
  gauge(out, "process_resident_memory_bytes", "Resident memory.", as_double(usage.resident_bytes));
  const OpenFiles files = process.probe.open_files();
  gauge(out, "process_open_fds", "Open files and sockets.", as_double(files.open));
  gauge(out, "process_max_fds", "The most files and sockets that may be open.", as_double(files.max));
}

void write_connections(MetricsWriter& out, const ProcessSnapshot& process) {
  const ServerStats& stats = process.workers.stats;
  const NetworkFigures& network = process.workers.network;
  gauge(out, "ringhold_connected_clients", "Open connections of clients, RESP and HTTP.",
        as_double(process.workers.connected_clients));
  counter(out, "ringhold_connections_received_total", "Connections of clients that were accepted.",
          as_double(stats.connections_received()));
  counter(out, "ringhold_connections_rejected_total", "Connections refused because there were too many.",
          as_double(network.connections_rejected));
  counter(out, "ringhold_slow_reader_disconnections_total",
          "Connections closed because all buffers together had reached their limit.",
          as_double(network.evictions));
  gauge(out, "ringhold_buffered_bytes", "Input and output buffers of all connections.",
        as_double(network.buffered_bytes));
  counter(out, "ringhold_network_received_bytes_total", "Bytes of requests, without TLS.",
          as_double(stats.traffic().input_bytes));
  counter(out, "ringhold_network_sent_bytes_total", "Bytes of replies, without TLS.",
          as_double(stats.traffic().output_bytes));
  out.family("ringhold_tls_handshakes_total", Kind::kCounter, "TLS handshakes of incoming connections.");
  out.sample({{"result", "full"}}, as_double(network.handshakes_full));
  out.sample({{"result", "resumed"}}, as_double(network.handshakes_resumed));
  out.sample({{"result", "failed"}}, as_double(network.handshakes_failed));
}

struct GroupFigures {
  LatencyHistogram latency;
  std::uint64_t failed = 0;
  std::uint64_t rejected = 0;
};

void write_commands(MetricsWriter& out, const ServerStats& stats) {
  std::map<std::string_view, GroupFigures> groups;
  for (const CommandRow& row : command_rows()) {
    const CommandFigures& figures = stats.command(row.id);
    GroupFigures& group = groups[row.group];
    group.latency.add(figures.latency);
    group.failed += figures.failed_calls;
    group.rejected += figures.rejected_calls;
  }
  out.family("ringhold_command_duration_seconds", Kind::kHistogram,
             "How long commands took, by group; at a proxy with the way to the shard and back.");
  for (const auto& [name, group] : groups) out.histogram({{"group", name}}, group.latency);
  out.family("ringhold_command_errors_total", Kind::kCounter, "Commands that were answered with an error.");
  for (const auto& [name, group] : groups) out.sample({{"group", name}}, as_double(group.failed));
  out.family("ringhold_commands_rejected_total", Kind::kCounter,
             "Commands that were refused before execution: arguments, role, memory.");
  for (const auto& [name, group] : groups) out.sample({{"group", name}}, as_double(group.rejected));
  out.family("ringhold_error_replies_total", Kind::kCounter, "Error replies, by their first word.");
  for (const auto& [word, count] : stats.errors()) out.sample({{"error", word}}, as_double(count));
}

}  // namespace

void write_process_metrics(MetricsWriter& out, const ProcessSnapshot& process) {
  out.family("ringhold_build_info", Kind::kGauge, "Always 1; the labels say what this process is.")
      .sample({{"version", process.facts.version}, {"kind", process.facts.kind}}, 1);
  write_usage(out, process);
  write_connections(out, process);
  write_commands(out, process.workers.stats);
  gauge(out, "ringhold_topology_generation",
        "The generation of the topology that this process goes by; 0: none.",
        as_double(process.cluster.generation));
  gauge(out, "ringhold_topology_epoch", "The epoch of that topology.", as_double(process.cluster.epoch));
  gauge(out, "ringhold_topology_shards", "The shards of that topology.", as_double(process.cluster.shards));
}

void write_store_metrics(MetricsWriter& out, const ProcessSnapshot& process, bool has_backup) {
  const StoreFigures& store = process.store;
  gauge(out, "ringhold_keys", "Keys in the store.", as_double(store.keys));
  gauge(out, "ringhold_expiring_keys", "Keys that have a time to live.", as_double(store.expires));
  gauge(out, "ringhold_store_bytes", "Memory of keys, values and tables.", as_double(store.used_bytes));
  gauge(out, "ringhold_store_max_bytes", "The bound on that (--max-memory); 0: none.",
        as_double(store.max_memory));
  gauge(out, "ringhold_slots_owned", "Slots that this server serves.",
        as_double(process.cluster.slots_owned));
  counter(out, "ringhold_keyspace_hits_total", "Reads that found their key.", as_double(store.hits));
  counter(out, "ringhold_keyspace_misses_total", "Reads that did not.", as_double(store.misses));
  counter(out, "ringhold_expired_keys_total", "Keys removed because their time was over.",
          as_double(store.expired));
  counter(out, "ringhold_evicted_keys_total", "Keys removed to make room.", as_double(store.evicted));
  if (!has_backup) return;
  const BackupState& backup = process.backup;
  gauge(out, "ringhold_backup_last_success_timestamp_seconds", "The last good backup, in Unix time.",
        static_cast<double>(backup.last_success_s));
  gauge(out, "ringhold_backup_last_duration_seconds", "How long the last backup took; -1: there was none.",
        static_cast<double>(backup.last_duration_s));
  gauge(out, "ringhold_backup_in_progress", "Whether one is being written.", backup.running ? 1 : 0);
  gauge(out, "ringhold_backup_last_failed", "Whether the last one failed.", backup.last_ok ? 0 : 1);
  gauge(out, "ringhold_changes_since_backup", "Changes of keys since the last good one.",
        as_double(backup.changes_since));
}

}  // namespace ringhold

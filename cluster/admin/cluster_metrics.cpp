#include "cluster/admin/cluster_metrics.h"

#include <fmt/core.h>

#include <algorithm>

namespace ringhold {

namespace {

using Kind = MetricsWriter::Kind;

bool is_up(const ShardStatus& shard) {
  return std::any_of(shard.replicas.begin(), shard.replicas.end(),
                     [](const ReplicaStatus& replica) { return replica.state == "up"; });
}

// One sample for each shard whose figure is known.
template <typename Figure>
void write_shards(MetricsWriter& out, const ClusterStatus& status, std::string_view name, Kind kind,
                  std::string_view help, Figure&& figure) {
  out.family(name, kind, help);
  for (const ShardStatus& shard : status.shards) {
    if (const std::optional<double> value = figure(shard)) out.sample({{"shard", shard.name}}, *value);
  }
}

void write_use(MetricsWriter& out, const ClusterStatus& status, std::string_view name, std::string_view help,
               std::uint64_t ShardStatus::Use::*figure) {
  write_shards(out, status, name, Kind::kCounter, help, [figure](const ShardStatus& shard) {
    return shard.use ? std::optional<double>((*shard.use).*figure) : std::nullopt;
  });
}

}  // namespace

void write_cluster_metrics(MetricsWriter& out, const ClusterStatus& status) {
  write_shards(out, status, "ringhold_shard_up", Kind::kGauge, "Whether the shard answers.",
               [](const ShardStatus& shard) { return std::optional<double>(is_up(shard) ? 1 : 0); });
  write_shards(out, status, "ringhold_shard_slots", Kind::kGauge, "Slots of the shard, of 16384.",
               [](const ShardStatus& shard) { return std::optional<double>(shard.slots); });
  write_shards(out, status, "ringhold_shard_keys", Kind::kGauge, "Keys of the shard.",
               [](const ShardStatus& shard) { return std::optional<double>(shard.keys); });
  write_shards(out, status, "ringhold_shard_store_bytes", Kind::kGauge,
               "Memory of the shard's keys, values and tables.",
               [](const ShardStatus& shard) { return std::optional<double>(shard.bytes); });
  write_shards(out, status, "ringhold_shard_commands_per_second", Kind::kGauge,
               "Commands that the shard executes, as it says itself.",
               [](const ShardStatus& shard) { return shard.ops; });
  write_use(out, status, "ringhold_shard_keyspace_hits_total", "Reads at the shard that found their key.",
            &ShardStatus::Use::hits);
  write_use(out, status, "ringhold_shard_keyspace_misses_total", "Reads at the shard that did not.",
            &ShardStatus::Use::misses);
  write_use(out, status, "ringhold_shard_expired_keys_total", "Keys of the shard whose time was over.",
            &ShardStatus::Use::expired);
  write_use(out, status, "ringhold_shard_evicted_keys_total", "Keys of the shard removed to make room.",
            &ShardStatus::Use::evicted);
  const bool refused = status.pending && !status.pending->error.empty();
  out.family("ringhold_servers_file_error", Kind::kGauge,
             "Whether the last edit of servers.json was refused.")
      .sample(refused ? 1 : 0);
  out.family("ringhold_servers_file_pending", Kind::kGauge,
             "Whether servers.json says something that is not in force yet.")
      .sample(status.pending && !refused ? 1 : 0);
}

Result<void> check_ready(const ClusterStatus& status) {
  if (status.shards.empty()) return Error{"there is no topology yet"};
  std::string why;
  for (const ShardStatus& shard : status.shards) {
    if (is_up(shard)) continue;
    const std::string state = shard.replicas.empty() ? "without replicas" : shard.replicas.front().state;
    why += fmt::format("{}shard '{}' is {}", why.empty() ? "" : "; ", shard.name, state);
  }
  if (!why.empty()) return Error{why};
  return {};
}

}  // namespace ringhold

#include "cluster/upstream/upstream_metrics.h"

namespace ringhold {

namespace {

using Kind = MetricsWriter::Kind;

void write_shards(MetricsWriter& out, const UpstreamReport& report, std::string_view name,
                  std::string_view help, std::uint64_t ShardLinkFigures::*figure) {
  out.family(name, Kind::kGauge, help);
  for (const auto& [shard, figures] : report.shards) {
    out.sample({{"shard", shard}}, static_cast<double>(figures.*figure));
  }
}

}  // namespace

void write_upstream_metrics(MetricsWriter& out, const UpstreamReport& report) {
  const auto count = [&out](std::string_view name, std::string_view help, std::uint64_t value) {
    out.family(name, Kind::kCounter, help).sample(static_cast<double>(value));
  };
  count("ringhold_upstream_requests_total", "Commands for shards; a split command counts once for each part.",
        report.totals.requests);
  count("ringhold_upstream_retries_total", "Commands that were sent again.", report.totals.retries);
  count("ringhold_upstream_deadlines_passed_total", "Commands whose time ran out (--deadline).",
        report.totals.expired);
  count("ringhold_upstream_uncertain_writes_total", "Writes whose outcome is unknown.",
        report.totals.uncertain);
  out.family("ringhold_shard_request_duration_seconds", Kind::kHistogram,
             "From this process to the shard and back.");
  for (const auto& [shard, figures] : report.shards) out.histogram({{"shard", shard}}, figures.latency);
  out.family("ringhold_pool_connections", Kind::kGauge, "Connections to the shard, by state.");
  for (const auto& [shard, figures] : report.shards) {
    out.sample({{"shard", shard}, {"state", "up"}}, static_cast<double>(figures.links_up));
    out.sample({{"shard", shard}, {"state", "connecting"}}, static_cast<double>(figures.links_connecting));
    out.sample({{"shard", shard}, {"state", "down"}}, static_cast<double>(figures.links_down));
  }
  write_shards(out, report, "ringhold_pool_requests_in_flight", "Requests that wait for the shard's reply.",
               &ShardLinkFigures::in_flight);
  write_shards(out, report, "ringhold_pool_requests_parked", "Requests that cannot be sent for now.",
               &ShardLinkFigures::parked);
}

}  // namespace ringhold

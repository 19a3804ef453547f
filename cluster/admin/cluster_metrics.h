// The cluster as one process sees it: for Prometheus, and for whoever asks whether it can serve.
#pragma once

#include "cluster/admin/cluster_status.h"
#include "common/base/metrics_writer.h"
#include "common/base/result.h"

namespace ringhold {

// ringhold_shard_… and ringhold_servers_file_…; names and labels: docs/metrics.md.
void write_cluster_metrics(MetricsWriter& out, const ClusterStatus& status);

// Whether all shards answer; the error says which do not.
Result<void> check_ready(const ClusterStatus& status);

}  // namespace ringhold

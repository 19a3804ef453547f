// What a process says of its ways to the shards to Prometheus. Names and labels: docs/metrics.md.
#pragma once

#include "cluster/upstream/router.h"
#include "common/base/metrics_writer.h"

namespace ringhold {

void write_upstream_metrics(MetricsWriter& out, const UpstreamReport& report);

}  // namespace ringhold

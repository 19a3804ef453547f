// What a process says of itself to Prometheus: METRICS, and GET /metrics. Names and labels are listed in
// docs/metrics.md.
#pragma once

#include "common/base/metrics_writer.h"
#include "common/session/server_commands.h"

namespace ringhold {

// What every kind of process has: itself, its connections, commands, TLS.
void write_process_metrics(MetricsWriter& out, const ProcessSnapshot& process);

// What a data server has: keys, memory, backups.
void write_store_metrics(MetricsWriter& out, const ProcessSnapshot& process, bool has_backup);

}  // namespace ringhold

#include "common/base/metrics_writer.h"

#include <doctest/doctest.h>

namespace ringhold {
namespace {

using Kind = MetricsWriter::Kind;

TEST_CASE("metrics: families and samples") {
  MetricsWriter metrics;
  metrics.family("a_total", Kind::kCounter, "Counts.").sample(9007199254740991.0);
  metrics.family("b", Kind::kGauge, "Measures.").sample({{"x", "1"}, {"y", "q\"\\\n"}}, 0.25);
  CHECK(metrics.take() ==
        "# HELP a_total Counts.\n# TYPE a_total counter\na_total 9007199254740991\n"
        "# HELP b Measures.\n# TYPE b gauge\nb{x=\"1\",y=\"q\\\"\\\\\\n\"} 0.25\n");
}

TEST_CASE("metrics: the buckets of a histogram are cumulative, and the last one has all") {
  LatencyHistogram latency;
  for (const std::uint64_t usec : {0, 1, 2, 3, 1000, 100000000}) latency.record(usec);
  MetricsWriter metrics;
  metrics.family("d_seconds", Kind::kHistogram, "Takes.").histogram({{"group", "g"}}, latency);
  const std::string text = metrics.take();
  for (const char* line :
       {"d_seconds_bucket{group=\"g\",le=\"1e-06\"} 2\n", "d_seconds_bucket{group=\"g\",le=\"2e-06\"} 3\n",
        "d_seconds_bucket{group=\"g\",le=\"4e-06\"} 4\n", "d_seconds_bucket{group=\"g\",le=\"0.000512\"} 4\n",
        "d_seconds_bucket{group=\"g\",le=\"0.001024\"} 5\n",
        "d_seconds_bucket{group=\"g\",le=\"4.194304\"} 5\n", "d_seconds_bucket{group=\"g\",le=\"+Inf\"} 6\n",
        "d_seconds_sum{group=\"g\"} 100.001006\n", "d_seconds_count{group=\"g\"} 6\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

}  // namespace
}  // namespace ringhold

// Builds a page in Prometheus's text format, version 0.0.4: families, each with its help and type, and their
// samples.
//
//   metrics.family("ringhold_keys", Kind::kGauge, "Keys in the store.").sample(5);
//   metrics.family("ringhold_shard_up", Kind::kGauge, "…").sample({{"shard", name}}, 1);
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/latency_histogram.h"

namespace ringhold {

class MetricsWriter {
 public:
  enum class Kind { kCounter, kGauge, kHistogram };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a family; the samples that follow are its own. A counter's name ends in _total. Precondition: no
  // family of this name has been written.
  MetricsWriter& family(std::string_view name, Kind kind, std::string_view help);
  MetricsWriter& sample(double value) { return sample({}, value); }
  MetricsWriter& sample(Labels labels, double value);
  // A histogram's buckets, in seconds; their sum; their count. One label at most.
  MetricsWriter& histogram(Labels labels, const LatencyHistogram& latency);

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view bound, double value);

  std::string text_;
  std::string name_;
};

}  // namespace ringhold

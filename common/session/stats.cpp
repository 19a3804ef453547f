#include "common/session/stats.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "common/command/command_table.h"

namespace ringhold {
namespace {

void add_to(TrafficTotals& total, const TrafficTotals& more) {
  total.commands += more.commands;
  total.input_bytes += more.input_bytes;
  total.output_bytes += more.output_bytes;
}

void add_to(TrafficRates& total, const TrafficRates& more) {
  total.commands += more.commands;
  total.input_bytes += more.input_bytes;
  total.output_bytes += more.output_bytes;
}

// "WRONGTYPE Operation against ..." → "WRONGTYPE". As Redis, "ERR" where no word ends early enough.
std::string_view error_word(std::string_view error) {
  if (error.starts_with('-')) error.remove_prefix(1);
  const std::size_t space = error.find(' ');
  if (space == std::string_view::npos || space == 0 || space > limits::kErrorWordBytesMax) return "ERR";
  return error.substr(0, space);
}

}  // namespace

void CommandFigures::add(const CommandFigures& other) {
  calls += other.calls;
  rejected_calls += other.rejected_calls;
  failed_calls += other.failed_calls;
  latency.add(other.latency);
}

double latency_percentile(const LatencyBuckets& buckets, double percentile) {
  const std::uint64_t total = std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  if (total == 0) return 0;
  const double wanted = static_cast<double>(total) * percentile / 100;
  std::uint64_t counted = 0;
  std::size_t bucket = 0;
  for (; bucket + 1 < buckets.size(); ++bucket) {
    counted += buckets[bucket];
    if (static_cast<double>(counted) >= wanted && counted != 0) break;
  }
  return static_cast<double>(std::uint64_t{1} << bucket);
}

void ServerStats::record_rejected(const CommandRow* row, std::string_view error) {
  if (row != nullptr) ++commands_[static_cast<std::size_t>(row->id)].rejected_calls;
  record_error(error);
}

void ServerStats::record_error(std::string_view error) {
  ++error_replies_;
  const std::string_view word = error_word(error);
  const auto found = errors_.find(word);
  if (found != errors_.end()) {
    ++found->second;
  } else if (errors_.size() < limits::kErrorWordsMax) {
    errors_.emplace(word, 1);
  } else {
    ++unexpected_errors_;
  }
}

void ServerStats::sample(MonoTime now, std::uint64_t used_bytes) {
  samples_[next_sample_ % samples_.size()] = {now, traffic_};
  ++next_sample_;
  used_bytes_peak_ = std::max(used_bytes_peak_, used_bytes);
}

TrafficRates ServerStats::own_rates() const {
  if (next_sample_ < 2) return {};
  const Sample& newest = samples_[(next_sample_ - 1) % samples_.size()];
  const Sample& oldest =
      next_sample_ < samples_.size() ? samples_[0] : samples_[next_sample_ % samples_.size()];
  const double seconds = std::chrono::duration<double>(newest.at - oldest.at).count();
  if (seconds <= 0) return {};
  const auto rate = [seconds](std::uint64_t from, std::uint64_t to) {
    return static_cast<double>(to - from) / seconds;
  };
  return {rate(oldest.totals.commands, newest.totals.commands),
          rate(oldest.totals.input_bytes, newest.totals.input_bytes),
          rate(oldest.totals.output_bytes, newest.totals.output_bytes)};
}

TrafficRates ServerStats::rates() const {
  TrafficRates total = own_rates();
  add_to(total, merged_rates_);
  return total;
}

void ServerStats::reset() {
  const std::uint64_t peak = used_bytes_peak_;
  *this = ServerStats{};
  used_bytes_peak_ = peak;
}

void ServerStats::add(const ServerStats& other) {
  for (std::size_t i = 0; i < commands_.size(); ++i) commands_[i].add(other.commands_[i]);
  add_to(traffic_, other.traffic_);
  add_to(merged_rates_, other.rates());
  connections_received_ += other.connections_received_;
  error_replies_ += other.error_replies_;
  unexpected_errors_ += other.unexpected_errors_;
  used_bytes_peak_ += other.used_bytes_peak_;
  for (const auto& [word, count] : other.errors_) {
    const auto found = errors_.find(word);
    if (found != errors_.end() || errors_.size() < limits::kErrorWordsMax) {
      errors_[word] += count;
    } else {
      unexpected_errors_ += count;
    }
  }
}

}  // namespace ringhold

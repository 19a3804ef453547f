// What a process counts: connections, commands, bytes, errors. The figures behind INFO and LATENCY.
//
// One per loop, owned by the data server or by a proxy's worker; only that loop writes it. A plain value: a
// proxy copies the figures of its workers and merges the copies with add(). Recording costs a few increments.
// Time is in microseconds, sizes in bytes, unless a name says otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/latency_histogram.h"
#include "common/base/limits.h"
#include "common/command/command_id.h"
#include "common/reactor/clock.h"

namespace ringhold {

struct CommandRow;

struct CommandFigures {
  std::uint64_t calls = 0;
  std::uint64_t rejected_calls = 0;  // refused before execution: arity, role, memory
  std::uint64_t failed_calls = 0;    // executed, and answered with an error
  LatencyHistogram latency;          // of the calls

  void add(const CommandFigures& other);
};

// The upper bound, in µs, of the bucket that holds the given percentile (0..100); 0 where nothing was
// counted.
double latency_percentile(const LatencyBuckets& buckets, double percentile);

// What is counted up for ever and shown as a rate too.
struct TrafficTotals {
  std::uint64_t commands = 0;
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
};

// Per second, over the last limits::kRateSamples samples.
struct TrafficRates {
  double commands = 0;
  double input_bytes = 0;
  double output_bytes = 0;
};

// By error word: "ERR", "WRONGTYPE".
using ErrorCounts = std::map<std::string, std::uint64_t, std::less<>>;

class ServerStats {
 public:
  // --- hot path ---
  // A command was executed. `reply` is the bytes of its reply (or at least the first line): what starts with
  // '-' counts as failed and by its error word. Precondition: id < kCount.
  void record_call(CommandId id, std::uint64_t usec, std::string_view reply) {
    CommandFigures& figures = commands_[static_cast<std::size_t>(id)];
    ++traffic_.commands;
    ++figures.calls;
    figures.latency.record(usec);
    if (!reply.empty() && reply.front() == '-') [[unlikely]] {
      ++figures.failed_calls;
      record_error(reply.substr(1));
    }
  }
  void record_input(std::size_t bytes) { traffic_.input_bytes += bytes; }
  void record_output(std::size_t bytes) { traffic_.output_bytes += bytes; }

  // --- not so hot ---
  // A request was refused before execution. `row` is null for an unknown command. `error` with or without the
  // leading '-'.
  void record_rejected(const CommandRow* row, std::string_view error);
  // An error reply that belongs to no command (protocol errors). `error` with or without the leading '-'.
  void record_error(std::string_view error);
  void record_connection() { ++connections_received_; }
  // Call every limits::kRateSampleInterval, from a timer: takes a sample for the rates and for the peak of
  // memory. `used_bytes`: what the store uses (0 at a proxy).
  void sample(MonoTime now, std::uint64_t used_bytes);

  // CONFIG RESETSTAT: all counters to zero, as Redis does; the peak of memory stays.
  void reset();
  // Merges the figures of another loop of the same process: totals and rates add up.
  void add(const ServerStats& other);

  // --- what INFO reads ---
  const CommandFigures& command(CommandId id) const { return commands_[static_cast<std::size_t>(id)]; }
  const TrafficTotals& traffic() const { return traffic_; }
  TrafficRates rates() const;
  std::uint64_t connections_received() const { return connections_received_; }
  std::uint64_t error_replies() const { return error_replies_; }
  // At most limits::kErrorWordsMax words.
  const ErrorCounts& errors() const { return errors_; }
  std::uint64_t unexpected_errors() const { return unexpected_errors_; }
  std::uint64_t used_bytes_peak() const { return used_bytes_peak_; }

 private:
  struct Sample {
    MonoTime at{};
    TrafficTotals totals;
  };
  TrafficRates own_rates() const;

  std::vector<CommandFigures> commands_ = std::vector<CommandFigures>(kCommandCount);
  TrafficTotals traffic_;
  std::uint64_t connections_received_ = 0;
  std::uint64_t error_replies_ = 0;
  ErrorCounts errors_;
  std::uint64_t unexpected_errors_ = 0;  // error replies whose word found no room in errors_
  std::uint64_t used_bytes_peak_ = 0;
  // The oldest sample is samples_[next_sample_ % kRateSamples] once the ring is full.
  std::array<Sample, limits::kRateSamples> samples_{};
  std::uint64_t next_sample_ = 0;
  TrafficRates merged_rates_;  // those of the loops that were added
};

}  // namespace ringhold

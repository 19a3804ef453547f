// One simulated run, from a seed to a verdict.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace ringhold::sim {

struct RunOptions {
  std::uint64_t seed = 0;
  bool verbose = false;        // a failure comes with all edits and faults, not only with the last ones
  std::FILE* trace = nullptr;  // every event as a line
};

struct RunResult {
  bool ok = true;
  std::string failure;  // what was broken, with the evidence; many lines
  std::string plan;     // what the seed stands for
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
  std::size_t requests = 0;
  std::size_t failed_requests = 0;  // error replies and lost connections, all excused
  std::string errors;               // how many of each kind, with the first word of each
  std::size_t undecided_keys = 0;   // whose history has too much concurrency to be checked
  std::size_t faults = 0;
  double virtual_seconds = 0;

  // Another scenario of the same seed: its plan and its errors follow on a line of their own.
  void add(const RunResult& other);
};

// Proxies and data servers; the life of one store.
RunResult run_cluster_seed(const RunOptions& options);
RunResult run_store_seed(const RunOptions& options);

}  // namespace ringhold::sim

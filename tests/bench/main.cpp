// ringhold-bench: what the store costs inside the process, without a network, in time and in memory.
//
// Names say where and what: one_key/store/GET is the store's own call on one key, million_keys/command/GET
// the command with its reply on 1,000,000 keys in random order, memory/... the bytes of a workload,
// append/... a message between replicas with so many entries. one_key/map and million_keys/map are the
// yardstick of the same run: a look-up in a std::unordered_map that copies the value out.
#include <benchmark/benchmark.h>

#include "tests/bench/bench_store.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  ringhold::bench::register_key_benches();
  ringhold::bench::register_large_benches();
  ringhold::bench::register_memory_benches();
  ringhold::bench::register_message_benches();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

// Bytes per key of the usual small values, as the store counts them: all its tables and entries, in the
// allocator's size classes, above an empty store. How long filling takes is shown on the way.
//
// Of the first, also with fewer and more keys: a slot's table holds 6, 61 or 610 of them then.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "tests/bench/bench_store.h"

namespace ringhold::bench {

namespace {

struct Workload {
  std::string name;
  CommandId id;
  Words rest;  // arguments after the key
  std::size_t keys = kMillion;
};

std::vector<Workload> workloads() {
  constexpr std::string_view kItem = "list:item:_13";
  Words fields;
  for (const char* field :
       {"field:1", "field:2", "field:3", "field:4", "field:5", "field:6", "field:7", "field:8"}) {
    fields.insert(fields.end(), {field, kItem});
  }
  return {
      {"string of 64", CommandId::kSet, {kValue}},
      {"string of 64, 100,000 keys", CommandId::kSet, {kValue}, kMillion / 10},
      {"string of 64, 10,000,000 keys", CommandId::kSet, {kValue}, kMillion * 10},
      {"string of 64 with TTL", CommandId::kSet, {kValue, "EX", "10000"}},
      {"integer", CommandId::kSet, {"12345678"}},
      {"hash of 8 fields", CommandId::kHset, fields},
      {"list of 16 items of 13", CommandId::kRpush, Words(16, kItem)},
  };
}

void measure(benchmark::State& state, const Workload& workload) {
  double bytes = 0;
  for (auto _ : state) {
    BenchStore bench;
    bench.fill(workload.keys, workload.id, workload.rest);
    bytes = static_cast<double>(bench.store().used_bytes());
  }
  state.counters["bytes_per_key"] = bytes / static_cast<double>(workload.keys);
}

}  // namespace

void register_memory_benches() {
  for (const Workload& workload : workloads()) {
    benchmark::RegisterBenchmark(("memory/" + workload.name).c_str(),
                                 [workload](benchmark::State& state) { measure(state, workload); })
        ->Unit(benchmark::kMillisecond)
        ->Iterations(1);
  }
}

}  // namespace ringhold::bench

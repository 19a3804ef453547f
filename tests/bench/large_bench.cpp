// Commands on one key that holds a million items.
#include <benchmark/benchmark.h>

#include <string>

#include "tests/bench/bench_store.h"

namespace ringhold::bench {

namespace {

// One command per item.
void make_items(BenchStore& bench, const std::string& key, CommandId made_by) {
  const Handler make = store_handler(made_by);
  for (std::size_t i = 0; i < kMillion; ++i) {
    const std::string item = "item:" + std::to_string(i);
    const std::string score = std::to_string(i);
    Words args{"", key};
    if (made_by == CommandId::kZadd) args.emplace_back(score);
    args.emplace_back(item);
    if (made_by == CommandId::kHset) args.emplace_back("value");
    bench.run(make, args);
  }
}

void measure(benchmark::State& state, CommandId made_by, CommandId id, const Words& rest) {
  BenchStore bench;
  const std::string key = key_of(0);
  make_items(bench, key, made_by);
  Words args{"", key};
  args.insert(args.end(), rest.begin(), rest.end());
  const Handler handler = store_handler(id);
  for (auto _ : state) benchmark::DoNotOptimize(bench.run(handler, args));
  state.counters["bytes_per_item"] = static_cast<double>(bench.store().used_bytes()) / kMillion;
}

}  // namespace

void register_large_benches() {
  const auto add = [](const char* name, CommandId made_by, CommandId id, const Words& rest) {
    benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { measure(state, made_by, id, rest); });
  };
  add("million_items/LPUSH", CommandId::kRpush, CommandId::kLpush, {"item"});
  add("million_items/LINDEX middle", CommandId::kRpush, CommandId::kLindex, {"500000"});
  add("million_items/LRANGE of 100", CommandId::kRpush, CommandId::kLrange, {"500000", "500099"});
  add("million_items/HGET", CommandId::kHset, CommandId::kHget, {"item:777777"});
  add("million_items/SISMEMBER", CommandId::kSadd, CommandId::kSismember, {"item:777777"});
  add("million_items/SRANDMEMBER", CommandId::kSadd, CommandId::kSrandmember, {});
  add("million_items/ZADD", CommandId::kZadd, CommandId::kZadd, {"5.5", "item:777777"});
  add("million_items/ZRANK", CommandId::kZadd, CommandId::kZrank, {"item:777777"});
  add("million_items/ZRANGE of 100", CommandId::kZadd, CommandId::kZrange, {"500000", "500099"});
}

}  // namespace ringhold::bench

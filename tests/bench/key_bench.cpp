// Operations on small values: by the store's own calls, and as commands; on one key, and on a million.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dataserver/store/hashes.h"
#include "dataserver/store/lists.h"
#include "dataserver/store/set_members.h"
#include "dataserver/store/sets.h"
#include "dataserver/store/strings.h"
#include "tests/bench/bench_store.h"

namespace ringhold::bench {

namespace {

// --- the store's own calls: the value is copied into `out` ---

using StoreCall = void (*)(Store& store, std::string_view key, std::string& out);

void get(Store& store, std::string_view key, std::string& out) {
  IntText scratch;
  out = strings::get(store, key, kNow, scratch).value;
}

void set(Store& store, std::string_view key, std::string&) {
  benchmark::DoNotOptimize(strings::set(store, key, kValue, {}, kNow));
}

void increment(Store& store, std::string_view key, std::string&) {
  benchmark::DoNotOptimize(strings::increment(store, key, 1, kNow));
}

void lpush(Store& store, std::string_view key, std::string&) {
  const std::string_view item = "a short item";
  lists::List(store, key, kNow, Use::kWrite).push(ListEnd::kFront, {&item, 1});
}

void item_at(Store& store, std::string_view key, std::size_t index, std::string& out) {
  const lists::List list(store, key, kNow, Use::kRead);
  IntText scratch;
  out = list.at(index).text(scratch);
}

void lget_first(Store& store, std::string_view key, std::string& out) {
  item_at(store, key, 0, out);
}
void lget_middle(Store& store, std::string_view key, std::string& out) {
  item_at(store, key, 8, out);
}

void hset(Store& store, std::string_view key, std::string&) {
  const std::string_view pair[] = {"field:5", "value:9"};
  benchmark::DoNotOptimize(hashes::set(store, key, pair, kNow));
}

void hget(Store& store, std::string_view key, std::string& out) {
  IntText scratch;
  const auto fields = hashes::read(store, key, kNow);
  if (const auto value = fields->find("field:5")) out = value->text(scratch);
}

void sismember(Store& store, std::string_view key, std::string&) {
  benchmark::DoNotOptimize(sets::read(store, key, kNow)->contains("member:5"));
}

// --- what is measured: the call, and the command that does the same ---

struct Operation {
  std::string name;
  CommandId made_by;  // the value it works on
  Words made_of;
  StoreCall call;
  CommandId command;
  Words rest;  // arguments after the key
};

const Words kFields{"field:1", "value:1", "field:2", "value:2", "field:3", "value:3", "field:4", "value:4",
                    "field:5", "value:5", "field:6", "value:6", "field:7", "value:7", "field:8", "value:8"};
const Words kItems(16, "list:item:__9");
const Words kMembers{"member:1", "member:2", "member:3", "member:4",
                     "member:5", "member:6", "member:7", "member:8"};

void measure_call(benchmark::State& state, const Operation& operation, std::size_t keys) {
  BenchStore bench;
  bench.fill(keys, operation.made_by, operation.made_of);
  const RandomKeys chosen(keys);
  std::string out;
  std::size_t i = 0;
  for (auto _ : state) {
    operation.call(bench.store(), chosen[i++], out);
    benchmark::DoNotOptimize(out.data());
  }
}

void measure_command(benchmark::State& state, const Operation& operation, std::size_t keys) {
  BenchStore bench;
  bench.fill(keys, operation.made_by, operation.made_of);
  const RandomKeys chosen(keys);
  Words args{operation.name, ""};
  args.insert(args.end(), operation.rest.begin(), operation.rest.end());
  const Handler handler = store_handler(operation.command);
  std::size_t i = 0;
  for (auto _ : state) {
    args[1] = chosen[i++];
    benchmark::DoNotOptimize(bench.run(handler, args));
  }
}

void measure_map(benchmark::State& state, std::size_t keys) {
  std::unordered_map<std::string, std::string> map;
  for (std::size_t i = 0; i < keys; ++i) map.emplace(key_of(i), kValue);
  const RandomKeys chosen(keys);
  std::string out;
  std::size_t i = 0;
  for (auto _ : state) {
    out = map.find(chosen[i++])->second;
    benchmark::DoNotOptimize(out.data());
  }
}

std::vector<Operation> operations() {
  return {
      {"GET", CommandId::kSet, {kValue}, get, CommandId::kGet, {}},
      {"SET", CommandId::kSet, {kValue}, set, CommandId::kSet, {kValue}},
      {"INCR", CommandId::kSet, {"12345678"}, increment, CommandId::kIncr, {}},
      {"LPUSH", CommandId::kRpush, {"a short item"}, lpush, CommandId::kLpush, {"a short item"}},
      {"LGET", CommandId::kRpush, kItems, lget_first, CommandId::kLindex, {"0"}},
      {"LGET middle of 16", CommandId::kRpush, kItems, lget_middle, CommandId::kLindex, {"8"}},
      {"HSET", CommandId::kHset, {"field:5", "value:5"}, hset, CommandId::kHset, {"field:5", "value:9"}},
      {"HSET of 8", CommandId::kHset, kFields, hset, CommandId::kHset, {"field:5", "value:9"}},
      {"HGET", CommandId::kHset, {"field:5", "value:5"}, hget, CommandId::kHget, {"field:5"}},
      {"HGET of 8", CommandId::kHset, kFields, hget, CommandId::kHget, {"field:5"}},
      {"SISMEMBER", CommandId::kSadd, kMembers, sismember, CommandId::kSismember, {"member:5"}},
  };
}

}  // namespace

void register_key_benches() {
  const std::pair<std::string, std::size_t> sizes[] = {{"one_key/", 1}, {"million_keys/", kMillion}};
  for (const auto& [prefix, keys] : sizes) {
    const auto add = [&prefix = prefix](const std::string& name, auto function) {
      benchmark::RegisterBenchmark((prefix + name).c_str(), function);
    };
    const std::size_t count = keys;
    add("map", [count](benchmark::State& state) { measure_map(state, count); });
    for (const Operation& operation : operations()) {
      add("store/" + operation.name,
          [operation, count](benchmark::State& state) { measure_call(state, operation, count); });
      add("command/" + operation.name,
          [operation, count](benchmark::State& state) { measure_command(state, operation, count); });
    }
  }
}

}  // namespace ringhold::bench

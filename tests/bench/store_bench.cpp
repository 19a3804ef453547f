// ringhold-bench: what commands cost inside the process: a handler, the store, the reply, without a network.
//
// Three sizes of each: one key, 1,000,000 keys in random order, and large values. BM_map… is the yardstick of
// the same run: a look-up in a std::unordered_map that copies the value out.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/command/command_table.h"
#include "dataserver/commands/handler.h"
#include "dataserver/store/store.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;
constexpr std::size_t kKeys = 1000000;
const std::string kValue(64, 'v');

std::string key_of(std::size_t number) {
  std::string digits = std::to_string(number);
  return "key:" + std::string(12 - digits.size(), '0') + digits;
}

// A store and a reply buffer that is used again and again.
class Bench {
 public:
  Bench() : store_({.seed = 1}) {}

  std::size_t run(Handler handler, const std::vector<std::string_view>& args) {
    out_.clear();
    ReplyWriter reply(out_, RespVersion::k2);
    CommandContext context{args, reply, store_, kNow, ++seed_};
    handler(context);
    return out_.size();
  }
  void fill(CommandId id, std::size_t keys, const std::vector<std::string>& rest) {
    const Handler handler = store_handler(id);
    for (std::size_t i = 0; i < keys; ++i) {
      const std::string key = key_of(i);
      std::vector<std::string_view> args{"", key};
      args.insert(args.end(), rest.begin(), rest.end());
      run(handler, args);
    }
  }
  Store& store() { return store_; }

 private:
  Store store_;
  ByteBuffer out_;
  std::uint64_t seed_ = 0;
};

// Numbers below `bound`, each time the same ones.
class Sequence {
 public:
  std::size_t below(std::size_t bound) {
    std::uint64_t x = (state_ += 0x9E3779B97F4A7C15U);
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    return static_cast<std::size_t>((x ^ (x >> 27U)) % bound);
  }

 private:
  std::uint64_t state_ = 0;
};

// --- one key ---

void repeat(benchmark::State& state, Bench& bench, CommandId id, const std::vector<std::string_view>& args) {
  const Handler handler = store_handler(id);
  for (auto _ : state) benchmark::DoNotOptimize(bench.run(handler, args));
}

void one_get(benchmark::State& state) {
  Bench bench;
  bench.fill(CommandId::kSet, 1, {kValue});
  repeat(state, bench, CommandId::kGet, {"GET", key_of(0)});
}

void one_set(benchmark::State& state) {
  Bench bench;
  const std::string key = key_of(0);
  repeat(state, bench, CommandId::kSet, {"SET", key, kValue});
}

void one_lpush(benchmark::State& state) {
  Bench bench;
  const std::string key = key_of(0);
  repeat(state, bench, CommandId::kLpush, {"LPUSH", key, "a short item"});
}

void one_lget(benchmark::State& state) {
  Bench bench;
  const std::string key = key_of(0);
  for (int i = 0; i < 100; ++i) bench.run(store_handler(CommandId::kLpush), {"LPUSH", key, "a short item"});
  repeat(state, bench, CommandId::kLindex, {"LINDEX", key, "0"});
}

void one_hset(benchmark::State& state) {
  Bench bench;
  const std::string key = key_of(0);
  repeat(state, bench, CommandId::kHset, {"HSET", key, "field", "value"});
}

void one_hget(benchmark::State& state) {
  Bench bench;
  const std::string key = key_of(0);
  bench.run(store_handler(CommandId::kHset), {"HSET", key, "field", "value"});
  repeat(state, bench, CommandId::kHget, {"HGET", key, "field"});
}

void one_map(benchmark::State& state) {
  std::unordered_map<std::string, std::string> map{{key_of(0), kValue}};
  const std::string key = key_of(0);
  std::string out;
  for (auto _ : state) {
    out = map.find(key)->second;
    benchmark::DoNotOptimize(out.data());
  }
}

// --- 1,000,000 keys in random order ---

void many(benchmark::State& state, CommandId made_by, const std::vector<std::string>& with, CommandId id,
          const std::vector<std::string_view>& rest) {
  Bench bench;
  bench.fill(made_by, kKeys, with);
  std::vector<std::string> keys;
  Sequence sequence;
  for (std::size_t i = 0; i < 65536; ++i) keys.push_back(key_of(sequence.below(kKeys)));
  const Handler handler = store_handler(id);
  std::vector<std::string_view> args{"", ""};
  args.insert(args.end(), rest.begin(), rest.end());
  std::size_t i = 0;
  for (auto _ : state) {
    args[1] = keys[i++ % keys.size()];
    benchmark::DoNotOptimize(bench.run(handler, args));
  }
  state.counters["bytes_per_key"] = static_cast<double>(bench.store().used_bytes()) / kKeys;
}

void many_map(benchmark::State& state) {
  std::unordered_map<std::string, std::string> map;
  for (std::size_t i = 0; i < kKeys; ++i) map.emplace(key_of(i), kValue);
  std::vector<std::string> keys;
  Sequence sequence;
  for (std::size_t i = 0; i < 65536; ++i) keys.push_back(key_of(sequence.below(kKeys)));
  std::string out;
  std::size_t i = 0;
  for (auto _ : state) {
    out = map.find(keys[i++ % keys.size()])->second;
    benchmark::DoNotOptimize(out.data());
  }
}

std::vector<std::string> repeated(std::size_t count, const std::string& item, bool pairs) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back(item + std::to_string(i));
    if (pairs) items.push_back("value:" + std::to_string(i));
  }
  return items;
}

// --- large values: a million items under one key ---

void large(benchmark::State& state, CommandId made_by, const std::vector<std::string_view>& prefix,
           bool scores, CommandId id, const std::vector<std::string_view>& rest) {
  Bench bench;
  const Handler make = store_handler(made_by);
  const std::string key = key_of(0);
  for (std::size_t i = 0; i < kKeys; ++i) {
    const std::string item = "item:" + std::to_string(i);
    const std::string score = std::to_string(i);
    std::vector<std::string_view> args{"", key};
    args.insert(args.end(), prefix.begin(), prefix.end());
    if (scores) args.emplace_back(score);
    args.emplace_back(item);
    if (made_by == CommandId::kHset) args.emplace_back("value");
    bench.run(make, args);
  }
  std::vector<std::string_view> args{"", key};
  args.insert(args.end(), rest.begin(), rest.end());
  repeat(state, bench, id, args);
  state.counters["bytes_per_item"] = static_cast<double>(bench.store().used_bytes()) / kKeys;
}

void register_all() {
  const auto add = [](const char* name, auto function) { benchmark::RegisterBenchmark(name, function); };
  add("one_key/map", one_map);
  add("one_key/GET", one_get);
  add("one_key/SET", one_set);
  add("one_key/LPUSH", one_lpush);
  add("one_key/LGET", one_lget);
  add("one_key/HSET", one_hset);
  add("one_key/HGET", one_hget);

  add("million_keys/map", many_map);
  const auto add_many = [](const char* name, CommandId made_by, std::vector<std::string> with, CommandId id,
                           std::vector<std::string_view> rest) {
    benchmark::RegisterBenchmark(name,
                                 [=](benchmark::State& state) { many(state, made_by, with, id, rest); });
  };
  add_many("million_keys/GET", CommandId::kSet, {kValue}, CommandId::kGet, {});
  add_many("million_keys/SET", CommandId::kSet, {kValue}, CommandId::kSet, {kValue});
  add_many("million_keys/INCR", CommandId::kSet, {"12345678"}, CommandId::kIncr, {});
  add_many("million_keys/HGET", CommandId::kHset, repeated(8, "field:", true), CommandId::kHget, {"field:5"});
  add_many("million_keys/HSET", CommandId::kHset, repeated(8, "field:", true), CommandId::kHset,
           {"field:5", "value:9"});
  add_many("million_keys/LINDEX", CommandId::kRpush, repeated(16, "list:item:__", false), CommandId::kLindex,
           {"8"});
  add_many("million_keys/SISMEMBER", CommandId::kSadd, repeated(8, "member:", false), CommandId::kSismember,
           {"member:5"});

  const auto add_large = [](const char* name, CommandId made_by, std::vector<std::string_view> prefix,
                            bool scores, CommandId id, std::vector<std::string_view> rest) {
    benchmark::RegisterBenchmark(
        name, [=](benchmark::State& state) { large(state, made_by, prefix, scores, id, rest); });
  };
  add_large("million_items/LPUSH", CommandId::kRpush, {}, false, CommandId::kLpush, {"item"});
  add_large("million_items/LINDEX middle", CommandId::kRpush, {}, false, CommandId::kLindex, {"500000"});
  add_large("million_items/LRANGE of 100", CommandId::kRpush, {}, false, CommandId::kLrange,
            {"500000", "500099"});
  add_large("million_items/HGET", CommandId::kHset, {}, false, CommandId::kHget, {"item:777777"});
  add_large("million_items/SISMEMBER", CommandId::kSadd, {}, false, CommandId::kSismember, {"item:777777"});
  add_large("million_items/SRANDMEMBER", CommandId::kSadd, {}, false, CommandId::kSrandmember, {});
  add_large("million_items/ZADD", CommandId::kZadd, {}, true, CommandId::kZadd, {"5.5", "item:777777"});
  add_large("million_items/ZRANK", CommandId::kZadd, {}, true, CommandId::kZrank, {"item:777777"});
  add_large("million_items/ZRANGE of 100", CommandId::kZadd, {}, true, CommandId::kZrange,
            {"500000", "500099"});
}

}  // namespace
}  // namespace ringhold

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  ringhold::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

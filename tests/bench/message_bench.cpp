// Messages between replicas: an append as a frame, and back. The yardstick copies the payloads' bytes.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <variant>

#include "cluster/raft_io/message_codec.h"
#include "tests/bench/bench_store.h"

namespace ringhold::bench {

namespace {

constexpr std::size_t kPayloadBytes = 100;

raft::Message append_of(std::int64_t entries) {
  raft::AppendRequest append{{{300'000}, {7}}, {299'000}, {}};
  for (std::int64_t i = 1; i <= entries; ++i) {
    append.entries.push_back({{{300'000 + static_cast<std::uint64_t>(i)}, {7}},
                              raft::EntryKind::kCommand,
                              raft::make_payload(std::string(kPayloadBytes, 'x'))});
  }
  return {{}, {}, {7}, std::move(append)};
}

void copy(benchmark::State& state) {
  const raft::Message message = append_of(state.range(0));
  ByteBuffer out;
  for (auto _ : state) {
    out.clear();
    for (const raft::Entry& entry : std::get<raft::AppendRequest>(message.body).entries)
      out.append(*entry.payload);
    benchmark::DoNotOptimize(out.view().data());
  }
}

void encode(benchmark::State& state) {
  const raft::Message message = append_of(state.range(0));
  ByteBuffer out;
  for (auto _ : state) {
    out.clear();
    raft_io::write_message(out, message);
    benchmark::DoNotOptimize(out.view().data());
  }
}

void decode(benchmark::State& state) {
  ByteBuffer out;
  raft_io::write_message(out, append_of(state.range(0)));
  FrameParser parser;
  for (auto _ : state) {
    if (parser.next(out.view()) != FrameParser::Status::kFrame) state.SkipWithError("no frame");
    benchmark::DoNotOptimize(raft_io::read_message(parser.frame()));
  }
}

}  // namespace

void register_message_benches() {
  benchmark::RegisterBenchmark("append/copy", copy)->Arg(1)->Arg(64);
  benchmark::RegisterBenchmark("append/encode", encode)->Arg(1)->Arg(64);
  benchmark::RegisterBenchmark("append/decode", decode)->Arg(1)->Arg(64);
}

}  // namespace ringhold::bench

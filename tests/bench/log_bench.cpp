// ringhold-log-bench DIRECTORY: what a replica's log costs on a real disk, alone, without a core or a
// network.
//
//   entries per second, syncs and bytes on disk per entry, with 1 and 64 entries outstanding;
//   the time that a start takes with a log of 1 GB, of which all, or nothing, is known to be committed.
#include <fmt/core.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cluster/raft_io/log_store.h"
#include "common/net/loop.h"
#include "common/net/system_rng.h"
#include "common/net/uv_disk.h"

namespace {

using namespace ringhold;
using namespace ringhold::raft_io;
using Clock = std::chrono::steady_clock;

class NoNetwork final : public Network {
 public:
  std::unique_ptr<Stream> connect(const Address& /*address*/, Protocol /*protocol*/,
                                  StreamHandler& /*handler*/) override {
    std::abort();
  }
  Result<std::unique_ptr<Listener>> listen(const Address& /*address*/, const ListenOptions& /*options*/,
                                           AcceptHandler& /*handler*/) override {
    return Error{"no network here"};
  }
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Bench {
  explicit Bench(std::string where) : directory(std::move(where)) {}
  ~Bench() {
    store.reset();
    loop.run_once();
  }

  World world() { return {loop, rng, loop, network, disk}; }

  void begin_anew() {
    std::filesystem::remove_all(directory);
    must(disk.make_directory(directory));
    identity = {};
    identity.replica.value.bytes[0] = 1;
    bool done = false;
    IdentitySaver saver(disk, directory);
    saver.save(identity, [&](const Result<void>& outcome) {
      must(outcome);
      done = true;
    });
    run_until([&] { return done; });
  }
  raft::Recovered open() {
    LogCallbacks callbacks;
    callbacks.on_persisted = [this](std::uint64_t up_to) {
      persisted = up_to;
      if (on_persisted) on_persisted();
    };
    callbacks.on_stalled = [](const std::string& why) { fmt::print(stderr, "stalled: {}\n", why); };
    callbacks.on_works = [] {};
    callbacks.on_damage = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
    store = std::make_unique<LogStore>(world(), directory, identity, LogOptions{}, callbacks);
    std::optional<raft::Recovered> recovered;
    store->open(
        {}, [this](const raft::Entry&) { ++applied; },
        [&](Result<raft::Recovered> outcome) {
          if (!outcome.ok()) must(outcome.error());
          recovered = std::move(*outcome);
        });
    run_until([&] { return recovered.has_value(); });
    identity.has_log = true;
    return std::move(*recovered);
  }
  void run_until(const std::function<bool()>& done) {
    while (!done()) loop.run_once();
  }
  static void must(const Result<void>& outcome) {
    if (outcome.ok()) return;
    fmt::print(stderr, "{}\n", outcome.error().message);
    std::exit(1);
  }

  void persist(std::uint64_t count, std::uint64_t commit, const raft::Payload& payload) {
    raft::Persist request{++number, {}, {}, {commit}};
    if (number == 1) request.vote = raft::Vote{{1}, {}};
    for (; count > 0; --count)
      request.entries.push_back({{{++index}, {1}}, raft::EntryKind::kCommand, payload});
    store->persist(std::move(request));
  }

  std::string directory;
  Loop loop;
  SystemRng rng;
  NoNetwork network;
  UvDisk disk{loop};
  Identity identity;
  std::unique_ptr<LogStore> store;
  std::function<void()> on_persisted;
  std::uint64_t number = 0;
  std::uint64_t index = 0;
  std::uint64_t persisted = 0;
  std::uint64_t applied = 0;
};

void bench_writes(const std::string& directory, std::uint64_t outstanding, std::size_t bytes) {
  constexpr double kSeconds = 3;
  Bench bench(directory);
  bench.begin_anew();
  bench.open();
  const auto payload = raft::make_payload(std::string(bytes, 'x'));
  const auto start = Clock::now();
  // As many as are missing, as soon as some are durable.
  const auto fill = [&] {
    if (seconds_since(start) > kSeconds) return;
    while (bench.number - bench.persisted < outstanding) bench.persist(1, bench.persisted, payload);
  };
  bench.on_persisted = fill;
  const LogFigures before = bench.store->figures();
  fill();
  bench.run_until([&] { return bench.persisted == bench.number && seconds_since(start) > kSeconds; });
  const double took = seconds_since(start);
  const LogFigures after = bench.store->figures();
  const auto entries = static_cast<double>(after.entries);
  fmt::print(
      "write   {:5} bytes, {:2} outstanding: {:8.0f} entries/s, {:.3f} syncs and {:.0f} bytes on disk per "
      "entry\n",
      bytes, outstanding, entries / took, static_cast<double>(after.syncs - before.syncs) / entries,
      static_cast<double>(after.bytes_written - before.bytes_written) / entries);
}

void bench_start(const std::string& directory, std::size_t bytes, bool committed) {
  constexpr std::uint64_t kLogBytes = limits::kGiB;
  Bench bench(directory);
  bench.begin_anew();
  bench.open();
  const auto payload = raft::make_payload(std::string(bytes, 'x'));
  while (bench.store->figures().bytes_written < kLogBytes) {
    bench.persist(64 * limits::kKiB / bytes, committed ? bench.index : 0, payload);
    bench.run_until([&] { return bench.persisted == bench.number; });
  }
  const auto start = Clock::now();
  const raft::Recovered recovered = bench.open();
  fmt::print("start   {:5} bytes, {:9} entries, {:9} applied: {:.2f} s\n", bytes,
             recovered.log.last_index().value, bench.applied, seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: ringhold-log-bench DIRECTORY (it is removed first)\n");
    return 2;
  }
  for (const std::uint64_t outstanding : {1, 64}) bench_writes(argv[1], outstanding, 100);
  for (const std::uint64_t outstanding : {1, 64}) bench_writes(argv[1], outstanding, 1024);
  for (const std::size_t bytes : {100, 1024}) bench_start(argv[1], bytes, true);
  bench_start(argv[1], 1024, false);
  std::filesystem::remove_all(argv[1]);
  return 0;
}

// The scenario of a shard of replicas: that it is the same each time, and that what it rests on tells right
// from wrong.
#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/sim/raft/proposal.h"
#include "tests/sim/raft/raft_plan.h"
#include "tests/sim/raft/run_raft.h"
#include "tests/sim/raft/state_hash.h"
#include "tests/sim/raft/store_machine.h"
#include "tests/unit/sim/disk_fixture.h"

namespace ringhold::sim {
namespace {

raft::Entry entry_of(std::uint64_t index, const std::vector<Words>& commands, UnixMs wall = 1000) {
  const Proposal proposal{wall, 5, 1, index, commands};
  return {{{index}, {1}}, raft::EntryKind::kCommand, raft::make_payload(encode(proposal))};
}

// A state machine on a simulated disk.
struct Machine {
  explicit Machine(Disked& disked, StoreOptions options = {}) {
    StoreMachineCallbacks callbacks;
    callbacks.on_apply = [](const raft::Entry&, const Proposal&) {};
    callbacks.on_hash = [](raft::LogIndex, std::uint64_t) {};
    callbacks.on_wrong = [this](const std::string& what) { wrong += what; };
    machine = std::make_unique<StoreMachine>(disked.loop->world(), options, std::move(callbacks));
  }
  std::unique_ptr<StoreMachine> machine;
  std::string wrong;
};

}  // namespace

TEST_CASE("raft scenario: the same seed gives the same run") {
  for (const std::uint64_t seed : {2, 9, 31}) {
    const RunResult first = run_raft_seed({.seed = seed});
    const RunResult second = run_raft_seed({.seed = seed});
    CHECK_MESSAGE(first.ok, first.failure);
    CHECK(first.trace_hash == second.trace_hash);
    CHECK(first.events == second.events);
    CHECK(first.errors == second.errors);
  }
}

TEST_CASE("raft scenario: seeds stand for shards of all sizes, for all themes, for both kinds of reads") {
  std::set<std::uint32_t> sizes;
  std::set<std::string> themes;
  std::set<raft_io::ReadMode> reads;
  bool is_beyond_margin = false;
  for (std::uint64_t seed = 1; seed < 400; ++seed) {
    const RaftPlan plan = make_raft_plan(seed);
    sizes.insert(plan.replicas);
    themes.insert(plan.theme);
    reads.insert(plan.reads);
    const bool far = plan.drift_ppm > 30000;
    is_beyond_margin = is_beyond_margin || far;
    // Leases promise nothing then.
    if (far) CHECK(plan.reads == raft_io::ReadMode::kQuorum);
  }
  CHECK(sizes == std::set<std::uint32_t>{1, 3, 5, 7});
  CHECK(themes.size() == 10);
  CHECK(reads.size() == 2);
  CHECK(is_beyond_margin);
}

TEST_CASE("raft scenario: states are equal if their contents are, however they came to be") {
  Disked disked(1);
  disked.sim.run_on(*disked.loop, [&] {
    StoreOptions packed;
    StoreOptions large;
    large.encoding.hash_entries = large.encoding.set_entries = large.encoding.zset_entries = 2;
    Machine one(disked, packed);
    Machine other(disked, large);
    one.machine->apply(entry_of(
        1, {{"SADD", "s", "a", "b", "c", "d", "e", "f"}, {"HSET", "h", "x", "1", "y", "2", "z", "3"}}));
    one.machine->apply(
        entry_of(2, {{"ZADD", "z", "1", "m", "2", "n", "3", "o"}, {"SET", "t", "v", "PX", "50"}}));
    other.machine->apply(entry_of(
        1, {{"SADD", "s", "f", "e", "d", "c", "b", "a"}, {"HSET", "h", "z", "3", "y", "2", "x", "1"}}));
    other.machine->apply(
        entry_of(2, {{"ZADD", "z", "3", "o", "2", "n", "1", "m"}, {"SET", "t", "v", "PX", "50"}}));
    CHECK(one.machine->hash() == other.machine->hash());
    other.machine->apply(entry_of(3, {{"HSET", "h", "y", "3"}}));
    one.machine->apply(entry_of(3, {{"HSET", "h", "x", "2"}}));
    CHECK(one.machine->hash() != other.machine->hash());
    one.machine->apply(entry_of(4, {{"HSET", "h", "x", "1", "y", "3"}}));
    other.machine->apply(entry_of(4, {}));
    CHECK(one.machine->hash() == other.machine->hash());
    // What is due by the log time is not there, whether or not it was met.
    one.machine->apply(entry_of(5, {{"GET", "t"}}, 2000));
    other.machine->apply(entry_of(5, {}, 2000));
    CHECK(one.machine->hash() == other.machine->hash());
    CHECK(one.wrong.empty());
    one.machine->apply(entry_of(7, {}));
    CHECK(one.wrong == "entry 7 is applied to the state after entry 5");
  });
}

TEST_CASE(
    "raft scenario: a state machine that was saved while it changed comes back as it was at that moment") {
  Disked disked(3);
  Machine saved(disked);
  std::map<std::uint64_t, std::uint64_t> hashes;  // by the entry after which it was so
  std::uint64_t points = 0;
  std::string outcome;
  disked.sim.run_on(*disked.loop, [&] {
    for (std::uint64_t i = 1; i <= 100; ++i)
      saved.machine->apply(entry_of(i, {{"SET", "key" + std::to_string(i), "before"}}));
    saved.machine->save(
        "dump.rh",
        [&] {
          ++points;
          hashes[saved.machine->applied().value] = saved.machine->hash();
          return std::string("words of the replica");
        },
        [&](const Result<void>& result) { outcome = result.ok() ? "ok" : result.error().message; });
  });
  // In the middle of an entry all is deleted: the moment that the file shows is a later one, between entries.
  std::uint64_t index = 100;
  std::uint64_t flushed_at = 0;
  const auto change = [&] {
    disked.sim.run_on(*disked.loop, [&] {
      const bool flush = points == 1 && flushed_at == 0;
      ++index;
      if (flush) flushed_at = index;
      std::vector<Words> commands = {{"SET", "late" + std::to_string(index), "x"}};
      if (flush) commands.insert(commands.begin(), {"FLUSHALL"});
      saved.machine->apply(entry_of(index, commands));
      hashes[index] = saved.machine->hash();
    });
  };
  for (int i = 0; i < 3000 && outcome.empty(); ++i) {
    disked.sim.run_for(microseconds(40));
    change();
  }
  CHECK(outcome == "ok");
  CHECK(points == 2);
  disked.sim.run_on(*disked.loop, [&] {
    Machine restored(disked);
    REQUIRE(restored.machine->restore("dump.rh").ok());
    CHECK(restored.machine->hash() == hashes[restored.machine->applied().value]);
    CHECK(flushed_at > 0);
    CHECK(restored.machine->applied() >= raft::LogIndex{flushed_at});
    CHECK(*restored.machine->inspect("dump.rh", false) == "words of the replica");
    CHECK(*restored.machine->inspect("dump.rh", true) == "words of the replica");
    saved.machine.reset();
  });
}

}  // namespace ringhold::sim

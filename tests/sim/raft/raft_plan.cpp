#include "tests/sim/raft/raft_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>
#include <vector>

#include "tests/sim/world/random.h"

namespace ringhold::sim {

namespace {

using F = RaftFault;

struct Theme {
  const char* name;
  std::uint64_t weight;
  std::vector<std::pair<RaftFault, std::uint64_t>> faults;
};

const std::vector<Theme>& themes() {
  static const std::vector<Theme> all = {
      {"calm", 6, {{F::kSnapshot, 1}, {F::kTransfer, 1}}},
      {"crashes", 14, {{F::kCrash, 4}, {F::kCrashAtDisk, 6}, {F::kCrashMany, 2}, {F::kSnapshot, 1}}},
      {"network", 12, {{F::kCut, 3}, {F::kOneWay, 4}, {F::kIsolate, 4}, {F::kSplit, 2}, {F::kWeather, 2}}},
      {"leases",
       18,
       {{F::kIsolate, 4},
        {F::kSplit, 6},
        {F::kQuickRestart, 4},
        {F::kTransfer, 4},
        {F::kPause, 1},
        {F::kPauseInTurn, 4}}},
      {"disks",
       14,
       {{F::kFailingSync, 4},
        {F::kFailingWrites, 4},
        {F::kFullDisk, 4},
        {F::kSlowDisk, 2},
        {F::kCrash, 3},
        {F::kCrashAtDisk, 4},
        {F::kCrashMany, 1},
        {F::kTransfer, 1}}},
      {"damage",
       10,
       {{F::kDamage, 6}, {F::kCrash, 2}, {F::kCrashAtDisk, 2}, {F::kWipe, 1}, {F::kSnapshot, 1}}},
      {"members",
       14,
       {{F::kMember, 8},
        {F::kWipe, 2},
        {F::kCrash, 2},
        {F::kIsolate, 2},
        {F::kSnapshot, 4},
        {F::kTransfer, 2},
        {F::kCrashMany, 1}}},
      {"snapshots",
       12,
       {{F::kLag, 8},
        {F::kSnapshot, 4},
        {F::kCrash, 2},
        {F::kCrashAtDisk, 2},
        {F::kTransfer, 1},
        {F::kMember, 1}}},
      {"time",
       8,
       {{F::kPause, 4}, {F::kPauseInTurn, 4}, {F::kWallClock, 3}, {F::kIsolate, 2}, {F::kMayLead, 2}}},
      {"everything", 16, {}},
  };
  return all;
}

const Theme& pick_theme(SimRng& rng) {
  std::uint64_t total = 0;
  for (const Theme& theme : themes()) total += theme.weight;
  std::uint64_t at = rng.below(total);
  for (const Theme& theme : themes()) {
    if (at < theme.weight) return theme;
    at -= theme.weight;
  }
  return themes().back();
}

void choose_faults(RaftPlan& plan, SimRng& rng) {
  const Theme& theme = pick_theme(rng);
  plan.theme = theme.name;
  for (const auto& [fault, weight] : theme.faults) plan.faults[fault] = weight;
  if (theme.faults.empty()) plan.faults.weights.fill(1);
  plan.faults.interval_ms = plan.theme == "calm" ? 700 : rng.between(60, 300);
}

// Small, so that everything that happens at a bound happens in a short run.
void choose_bounds(RaftPlan& plan, SimRng& rng) {
  raft::Bounds& bounds = plan.bounds;
  bounds.append_bytes = static_cast<std::size_t>(rng.between(150, 4000));
  bounds.in_flight_bytes = static_cast<std::size_t>(rng.between(400, 16000));
  bounds.in_flight_messages = static_cast<std::size_t>(rng.between(1, 32));
  bounds.uncommitted_bytes = static_cast<std::size_t>(rng.between(6000, 60000));
  bounds.memory_bytes = rng.percent(50) ? 0 : static_cast<std::size_t>(rng.below(20000));
  bounds.unsynced_bytes = static_cast<std::size_t>(rng.between(2000, 40000));
  bounds.entry_bytes = 16 * limits::kKiB;
  bounds.chunk_bytes = static_cast<std::size_t>(rng.between(500, 6000));
  bounds.reads = static_cast<std::size_t>(rng.between(4, 64));
  bounds.held_messages = static_cast<std::size_t>(rng.between(16, 256));
  plan.log.segment_bytes = static_cast<std::uint64_t>(rng.between(32, 128)) * 512;
  plan.log.write_bytes_max = static_cast<std::size_t>(rng.between(1000, 8000));
  plan.log.retry_pause = std::chrono::milliseconds(rng.between(20, 200));
  plan.snapshot_log_bytes = static_cast<std::uint64_t>(rng.between(4000, 40000));
}

// Leases hold while clocks drift within the margin: 3% each way are 6%, and with what a turn of work takes
// they stay below 30 ms in 300. Reads by quorum assume nothing.
void choose_clocks(RaftPlan& plan, SimRng& rng) {
  plan.reads = rng.percent(65) ? raft_io::ReadMode::kLease : raft_io::ReadMode::kQuorum;
  const bool is_about_time = plan.theme == "time" || plan.theme == "everything" || plan.theme == "leases";
  if (!is_about_time) return;
  plan.wall_skew_ms = rng.between(0, 2000);
  if (plan.reads == raft_io::ReadMode::kLease) {
    plan.drift_ppm = rng.between(0, 30000);
  } else {
    plan.drift_ppm = rng.percent(50) ? 500000 : 30000;
  }
}

// Few keys that are written and read all the time: what is stale is noticed.
void seek_stale_reads(RaftPlan& plan, SimRng& rng) {
  if (rng.percent(70)) plan.reads = raft_io::ReadMode::kLease;
  plan.drift_ppm = std::min<std::int64_t>(plan.drift_ppm, 30000);
  if (plan.replicas > 3 && rng.percent(60)) plan.replicas = 3;
  plan.keys = static_cast<std::uint32_t>(rng.between(1, 4));
  plan.clients = static_cast<std::uint32_t>(rng.between(4, 7));
  plan.think_us = rng.between(3000, 12000);
  plan.reads_percent = static_cast<std::uint64_t>(rng.between(40, 70));
  plan.patience_ms = rng.between(50, 200);
}

// Much is written, and the log is soon forgotten.
void seek_snapshots(RaftPlan& plan, SimRng& rng) {
  plan.bounds.memory_bytes = static_cast<std::size_t>(rng.below(2)) * 500;
  plan.bounds.chunk_bytes = static_cast<std::size_t>(rng.between(500, 2000));
  plan.snapshot_log_bytes = static_cast<std::uint64_t>(rng.between(3000, 10000));
  plan.clients = static_cast<std::uint32_t>(rng.between(4, 7));
  plan.think_us = rng.between(4000, 12000);
  plan.reads_percent = rng.below(30);
  plan.faults.interval_ms = rng.between(200, 500);
}

}  // namespace

const char* fault_name(RaftFault fault) {
  static constexpr std::array kNames = {"crash",
                                        "crash at the disk",
                                        "crash of many",
                                        "quick restart",
                                        "cut",
                                        "one way",
                                        "isolate",
                                        "split",
                                        "weather",
                                        "pause",
                                        "pause in a turn",
                                        "failing sync",
                                        "failing writes",
                                        "full disk",
                                        "slow disk",
                                        "member",
                                        "wipe",
                                        "transfer",
                                        "snapshot",
                                        "lag",
                                        "damage",
                                        "wall clock",
                                        "may lead"};
  static_assert(kNames.size() == static_cast<std::size_t>(RaftFault::kCount));
  return kNames[static_cast<std::size_t>(fault)];
}

std::uint64_t RaftMix::total() const {
  return std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
}

RaftPlan make_raft_plan(std::uint64_t seed) {
  SimRng rng(seed, "raft-plan");
  RaftPlan plan;
  plan.seed = seed;
  choose_faults(plan, rng);
  const auto size = rng.below(100);
  plan.replicas = size < 5 ? 1 : size < 62 ? 3 : size < 92 ? 5 : 7;
  plan.grown = rng.percent(plan.theme == "members" ? 50 : 10);
  choose_bounds(plan, rng);
  choose_clocks(plan, rng);
  plan.store.seed = rng.next();
  if (rng.percent(50)) {
    EncodingLimits& encoding = plan.store.encoding;
    encoding.list_bytes = 60;
    encoding.hash_entries = encoding.set_entries = encoding.set_integers = encoding.zset_entries = 4;
  }
  if (rng.percent(30)) plan.weather.splits = rng.percent(90) ? Splits::kPieces : Splits::kWhole;
  plan.weather.delay_max_us = rng.between(100, 3000);
  plan.clients = static_cast<std::uint32_t>(rng.between(2, 6));
  plan.keys = static_cast<std::uint32_t>(rng.between(3, 24));
  plan.think_us = rng.between(4000, 40000);
  plan.reads_percent = rng.below(70);
  plan.patience_ms = rng.between(100, 900);
  plan.duration_ms = rng.between(1500, 3500);
  if (plan.theme == "leases") seek_stale_reads(plan, rng);
  if (plan.theme == "snapshots") seek_snapshots(plan, rng);
  return plan;
}

std::string describe(const RaftPlan& plan) {
  return fmt::format(
      "raft: {}, {} replicas{}, reads by {}, {} clients on {} keys, a fault every {} ms, drift {} ppm, {} ms",
      plan.theme, plan.replicas, plan.grown ? " grown from one" : "",
      plan.reads == raft_io::ReadMode::kLease ? "lease" : "quorum", plan.clients, plan.keys,
      plan.faults.interval_ms, plan.drift_ppm, plan.duration_ms);
}

}  // namespace ringhold::sim

// What a seed stands for: the shard, its bounds, its clients, and what goes wrong in the run.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "cluster/raft/core.h"
#include "cluster/raft_io/driver.h"
#include "dataserver/store/store.h"
#include "tests/sim/world/fabric.h"

namespace ringhold::sim {

// Kinds of faults; the numbers in a mix are weights.
enum class RaftFault : std::uint8_t {
  kCrash,          // a replica, at any time
  kCrashAtDisk,    // a replica, before, in or after one of its next writes or syncs
  kCrashMany,      // several at once, or all
  kQuickRestart,   // crash and start within a lease
  kCut,            // connections
  kOneWay,         // what one sends to another does not arrive
  kIsolate,        // a replica, from all others; often the leader
  kSplit,          // the leader and one follower do not hear each other
  kWeather,        // delays, spikes, pieces
  kPause,          // a process is stopped
  kPauseInTurn,    // ... in the middle of a turn, often one that reads
  kFailingSync,    // once
  kFailingWrites,  // for a while
  kFullDisk,       // for a while
  kSlowDisk,       // for a while
  kMember,         // one is removed, or added
  kWipe,           // a replica's disk is emptied, and it joins anew
  kTransfer,       // of the leadership, often to somebody who can be heard by nobody else for a moment
  kSnapshot,       // taken now
  kLag,            // a replica falls behind, and the leader changes while it is being given a snapshot
  kDamage,         // a bit flips on a disk, or the log has gone
  kWallClock,      // jumps
  kMayLead,        // a replica must not lead for a while
  kCount
};
const char* fault_name(RaftFault fault);

struct RaftMix {
  std::array<std::uint64_t, static_cast<std::size_t>(RaftFault::kCount)> weights{};
  std::int64_t interval_ms = 200;  // mean pause between two faults

  std::uint64_t& operator[](RaftFault fault) { return weights[static_cast<std::size_t>(fault)]; }
  std::uint64_t total() const;
};

struct RaftPlan {
  std::uint64_t seed = 0;
  std::string theme;
  std::uint32_t replicas = 3;
  std::uint32_t spares = 2;  // hosts beyond them
  bool grown = false;        // founded by one; the others join
  raft_io::ReadMode reads = raft_io::ReadMode::kLease;
  raft::Timing timing;
  raft::Bounds bounds;
  raft_io::LogOptions log;
  std::uint64_t snapshot_log_bytes = 0;
  StoreOptions store;
  std::int64_t drift_ppm = 0;     // clocks are off by up to this
  std::int64_t wall_skew_ms = 0;  // likewise
  Weather weather;
  RaftMix faults;
  std::uint32_t clients = 4;
  std::uint32_t keys = 12;
  std::int64_t think_us = 20000;     // mean pause between two operations of a client
  std::uint64_t reads_percent = 40;  // of operations
  std::int64_t patience_ms = 500;    // how long a client waits for a reply
  std::int64_t duration_ms = 3000;
};

RaftPlan make_raft_plan(std::uint64_t seed);
std::string describe(const RaftPlan& plan);

}  // namespace ringhold::sim

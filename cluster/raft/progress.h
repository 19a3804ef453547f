// Progress: what a leader knows of another replica's log, and how it sends to it (dissertation 3.5, 10.2.1;
// the states are etcd's).
//
//               accepted                    too far behind
//   probe ───────────────────▶ replicate ─────────────────────▶ snapshot
//     ▲  one append at a time      │  many, up to a bound           │ one chunk at a time
//     └────────────────────────────┘◀───────────────────────────────┘
//          rejected, or lost                 installed
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "cluster/raft/membership.h"
#include "cluster/raft/types.h"
#include "common/reactor/clock.h"

namespace ringhold::raft {

struct InFlight {
  LogIndex last;
  std::size_t bytes = 0;
  MonoTime at;
};

struct SnapshotTransfer {
  std::optional<SnapshotMeta> snapshot;  // none: the shell has not given one yet
  std::uint64_t next_offset = 0;
  bool offered = false;             // and not answered
  bool reading = false;             // the shell reads the next chunk
  std::size_t in_flight_bytes = 0;  // of the chunk that was sent last
  MonoTime sent_at;                 // the last chunk, or the offer
};

struct Progress {
  enum class State : std::uint8_t { kProbe, kReplicate, kSnapshot };

  State state = State::kProbe;
  LogIndex match;        // its log agrees with the leader's up to here, durably
  LogIndex next;         // what to send next
  bool probing = false;  // a probe is on its way
  MonoTime probed_at;
  bool reading = false;  // entries that it needs are being read from the disk
  std::deque<InFlight> in_flight;
  std::size_t in_flight_bytes = 0;
  std::optional<SnapshotTransfer> transfer;

  bool leaving = false;               // its removal is in the log
  std::optional<MonoTime> forget_at;  // its removal is applied; until then it is told

  MonoTime heard_at;                   // the last message of this term from it
  std::uint64_t acked_round = 0;       // of heartbeats
  std::optional<MonoTime> lease_from;  // when that round was sent

  // Of a learner: it has caught up when it gets what was in the log at the beginning of a round within an
  // election time-out (4.2.1).
  std::optional<LogIndex> round_end;
  MonoTime round_began;

  void to_probe() {
    state = State::kProbe;
    next = match.next();
    probing = false;
    clear_in_flight();
  }
  void clear_in_flight() {
    in_flight.clear();
    in_flight_bytes = 0;
  }
  void sent(const InFlight& message) {
    in_flight.push_back(message);
    in_flight_bytes += message.bytes;
  }
  void acknowledged(LogIndex up_to) {
    while (!in_flight.empty() && in_flight.front().last <= up_to) {
      in_flight_bytes -= in_flight.front().bytes;
      in_flight.pop_front();
    }
  }
};

}  // namespace ringhold::raft

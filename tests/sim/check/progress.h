// How long a group takes to have a working leader again, in units of election time-outs: the check of
// progress.
//
// Raft promises progress while a majority is up, connected, and quicker than its election time-outs
// (2.1, 3.9). So nothing is owed while there are faults; from their end on, and whenever a leader is lost in
// calm, a leader that has committed an entry of its own term is owed within a bound. Elections are drawn by
// lot (3.4), so the bound holds with a probability only: take it from the waits that were measured, with
// room.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/reactor/clock.h"

namespace ringhold::sim {

class ProgressCheck {
 public:
  struct Limits {
    std::chrono::microseconds election_timeout{};  // the least one that a replica draws
    double timeouts_max = 0;
  };
  explicit ProgressCheck(const Limits& limits) : limits_(limits) {}

  // Whether faults are under way; begins with faults. Times may not go back.
  void faults(MonoTime now, bool under_way);
  // Whether there is a leader with a committed entry of its term; begins with none.
  void leader(MonoTime now, bool ready);

  // What is overdue; empty if nothing is. Kept from the first time that a wait went beyond the bound.
  std::string overdue(MonoTime now);

  double longest_wait(MonoTime now) const;  // in election time-outs, one that still lasts included
  std::uint32_t leaders_lost_in_calm() const { return lost_in_calm_; }

 private:
  double timeouts(MonoTime from, MonoTime to) const;
  void settle(MonoTime now);

  Limits limits_;
  bool calm_ = false;
  bool ready_ = false;
  std::optional<MonoTime> waiting_since_;
  double longest_ = 0;
  std::uint32_t lost_in_calm_ = 0;
  std::string overdue_;
};

}  // namespace ringhold::sim

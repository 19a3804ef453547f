// Which failures are excused? A request may fail, or be late, only if something that it needed was troubled
// meanwhile.
//
// The scenario writes down each fault with the processes that it concerns; the checker holds every failed or
// slow request against that. So "a shard that is down fails only its own keys" is checked for every request
// of a run.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/load/run_log.h"
#include "tests/sim/scenario/ownership_log.h"

namespace ringhold::sim {

struct Fault {
  MonoTime begin;
  MonoTime end = MonoTime::max();
  std::string what;
  // One process that is troubled, or two between which the network is.
  std::set<std::string> concerned;
  // After its end, until everything must work again: connections have to be made anew.
  std::chrono::microseconds aftermath{0};
};

class FaultLog {
 public:
  // Returns its number.
  std::size_t begin(MonoTime now, std::string what, std::set<std::string> concerned,
                    std::chrono::microseconds aftermath);
  void end(std::size_t fault, MonoTime now) { faults_[fault].end = now; }
  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

struct AvailabilityRules {
  std::set<std::string> servers;          // all data servers
  std::chrono::microseconds deadline{0};  // of the proxies
  std::chrono::microseconds slow{0};      // an untroubled request that takes longer is a stall
};

// The first request that failed, or was slow, without an excuse, in words; empty if there is none.
std::string check_availability(const RunLog& run, const FaultLog& faults, const OwnershipLog& ownership,
                               const AvailabilityRules& rules);

}  // namespace ringhold::sim

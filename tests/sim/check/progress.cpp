#include "tests/sim/check/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringhold::sim {

void ProgressCheck::faults(MonoTime now, bool under_way) {
  if (calm_ == !under_way) return;
  settle(now);
  calm_ = !under_way;
  waiting_since_ = calm_ && !ready_ ? std::optional(now) : std::nullopt;
}

void ProgressCheck::leader(MonoTime now, bool ready) {
  if (ready == ready_) return;
  settle(now);
  if (calm_ && !ready) ++lost_in_calm_;
  ready_ = ready;
  waiting_since_ = calm_ && !ready_ ? std::optional(now) : std::nullopt;
}

std::string ProgressCheck::overdue(MonoTime now) {
  settle(now);
  return overdue_;
}

double ProgressCheck::longest_wait(MonoTime now) const {
  return waiting_since_ ? std::max(longest_, timeouts(*waiting_since_, now)) : longest_;
}

double ProgressCheck::timeouts(MonoTime from, MonoTime to) const {
  return static_cast<double>((to - from).count()) / static_cast<double>(limits_.election_timeout.count());
}

void ProgressCheck::settle(MonoTime now) {
  longest_ = longest_wait(now);
  if (!waiting_since_ || !overdue_.empty()) return;
  const double waited = timeouts(*waiting_since_, now);
  if (waited <= limits_.timeouts_max) return;
  overdue_ = fmt::format(
      "no progress: no leader with a committed entry of its term for {:.1f} election time-outs of calm "
      "({:.1f} are allowed)",
      waited, limits_.timeouts_max);
}

}  // namespace ringhold::sim

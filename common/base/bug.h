// Canaries: known bugs that the simulator must be able to find.
//
// broken(Bug::kX) is constexpr false everywhere but in the targets that ringhold-sim-broken links, where
// `--break NAME` switches one bug on. Release objects hold none of this code: the branch is dead.
#pragma once

#include <span>
#include <string_view>

namespace ringhold {

enum class Bug {
  kSwappedReplies,         // two replies of one connection leave in the wrong order
  kRetryNonIdempotent,     // a write whose connection broke is sent again
  kStaleTopologyAccepted,  // a data server adopts a topology older than its own
  kBackupNotSynced,        // a backup takes its place before it is on the disk
  kChangeNotSetAside,      // a key that changes during a backup is written as it is by then
  kDeadlineLost,           // a backup forgets that keys expire
  kNewestEvicted,          // eviction takes the most recently used
};

struct BugRow {
  Bug bug;
  std::string_view name;
  std::string_view summary;
};
std::span<const BugRow> all_bugs();

#ifdef RINGHOLD_BROKEN
bool broken(Bug bug);
void break_on_purpose(Bug bug);
#else
constexpr bool broken(Bug /*bug*/) {
  return false;
}
#endif

}  // namespace ringhold

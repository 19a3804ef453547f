#include "common/base/bug.h"

#include <array>

namespace ringhold {

namespace {
constexpr std::array kBugs = {
    BugRow{Bug::kSwappedReplies, "swapped-replies", "two replies of one connection leave in the wrong order"},
    BugRow{Bug::kRetryNonIdempotent, "retry-non-idempotent", "a write whose connection broke is sent again"},
    BugRow{Bug::kStaleTopologyAccepted, "stale-topology-accepted",
           "a data server adopts a topology older than its own"},
    BugRow{Bug::kBackupNotSynced, "backup-not-synced", "a backup takes its place before it is on the disk"},
    BugRow{Bug::kChangeNotSetAside, "change-not-set-aside",
           "a key that changes during a backup is written as it is by then"},
    BugRow{Bug::kDeadlineLost, "deadline-lost", "a backup forgets that keys expire"},
    BugRow{Bug::kNewestEvicted, "newest-evicted", "eviction takes the most recently used"},
};
}  // namespace

std::span<const BugRow> all_bugs() {
  return kBugs;
}

#ifdef RINGHOLD_BROKEN
namespace {
// The one deliberate global of the project: it exists in no shipped binary.
int active_bug = -1;
}  // namespace

bool broken(Bug bug) {
  return active_bug == static_cast<int>(bug);
}
void break_on_purpose(Bug bug) {
  active_bug = static_cast<int>(bug);
}
#endif

}  // namespace ringhold

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
    BugRow{Bug::kOldTermCommitted, "old-term-committed",
           "an old term's entry is committed by counting replicas (figure 8)"},
    BugRow{Bug::kVoteNotDurable, "vote-not-durable", "a vote is sent before it is on the disk"},
    BugRow{Bug::kAcknowledgedBeforeSynced, "acknowledged-before-synced",
           "an entry counts as soon as it was received"},
    BugRow{Bug::kLogNotSynced, "log-not-synced", "the log's writes are not synced"},
    BugRow{Bug::kReadAfterLease, "read-after-lease", "a read is served though the lease has ended"},
    BugRow{Bug::kVoteAfterRestart, "vote-after-restart", "a voter votes at once after its start"},
    BugRow{Bug::kLeaseKeptInTransfer, "lease-kept-in-transfer",
           "a leader that hands over keeps serving reads by its lease"},
    BugRow{Bug::kLeaseByCachedClock, "lease-by-cached-clock",
           "the lease is checked against the time at which the turn began"},
    BugRow{Bug::kDamageTakenForTorn, "damage-taken-for-torn",
           "whatever is wrong at the end of a log is cut off"},
    BugRow{Bug::kEmptyLogVotes, "empty-log-votes", "a voter whose log has gone starts as if it were new"},
    BugRow{Bug::kFailedAppendIgnored, "failed-append-ignored", "a leader whose disk fails counts itself"},
    BugRow{Bug::kMembershipBeforeCommit, "membership-before-commit",
           "a leader changes members before it has committed anything"},
    BugRow{Bug::kSnapshotWithoutMembership, "snapshot-without-membership",
           "a snapshot bears the members of the one before"},
    BugRow{Bug::kChunkOfOldLeader, "chunk-of-old-leader",
           "a snapshot's chunk is taken from a leader of an older term"},
    BugRow{Bug::kOlderVotePreferred, "older-vote-preferred", "of two copies of the vote, the older counts"},
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

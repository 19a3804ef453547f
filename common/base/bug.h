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
  // Consensus: cluster/raft, cluster/raft_io
  kOldTermCommitted,           // an old term's entry is committed by counting replicas (figure 8)
  kVoteNotDurable,             // a vote is sent before it is on the disk
  kAcknowledgedBeforeSynced,   // an entry counts as soon as it was received
  kLogNotSynced,               // the log's writes are not synced
  kReadAfterLease,             // a read is served though the lease has ended
  kVoteAfterRestart,           // a voter votes at once after its start
  kLeaseKeptInTransfer,        // a leader that hands over keeps serving reads by its lease
  kLeaseByCachedClock,         // the lease is checked against the time at which the turn began
  kDamageTakenForTorn,         // whatever is wrong at the end of a log is cut off
  kEmptyLogVotes,              // a voter whose log has gone starts as if it were new
  kFailedAppendIgnored,        // a leader whose disk fails counts itself
  kMembershipBeforeCommit,     // a leader changes members before it has committed anything
  kSnapshotWithoutMembership,  // a snapshot bears the members of the one before
  kChunkOfOldLeader,           // a snapshot's chunk is taken from a leader of an older term
  kOlderVotePreferred,         // of two copies of the vote, the older counts
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

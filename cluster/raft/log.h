// Log: the entries of one replica, as far as the core needs them.
//
//         base                snapshot        memory_first                    last
//   ───────┼──────────────────────┼────────────────┼───────────────────────────┤
//          │ on the disk (ReadLog)                 │ on the disk and in memory │
//
// Entries stand on the disk from base + 1 on; a bounded number of bytes of applied ones, and all others, are
// in memory too. Terms are known for all of base..last, because they come in runs: one per election.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "cluster/raft/membership.h"
#include "cluster/raft/types.h"

namespace ringhold::raft {

class Log {
 public:
  // Empty, before everything.
  Log() : Log(SnapshotMeta{}) {}
  // Begins behind `snapshot`.
  explicit Log(const SnapshotMeta& snapshot) : Log(snapshot, snapshot.position) {}
  // Begins behind `base`, which is at or before the snapshot: older entries are still on the disk.
  Log(SnapshotMeta snapshot, Position base);

  Position last() const;
  LogIndex last_index() const { return last_; }
  // The first that is on the disk: what was before is only in the snapshot. May be last + 1.
  LogIndex first_index() const { return base_.index.next(); }
  // The first that is in memory; last + 1 if none is.
  LogIndex memory_first() const { return memory_first_; }
  const SnapshotMeta& snapshot() const { return snapshot_; }
  std::size_t memory_bytes() const { return memory_bytes_; }

  // Nothing outside of base..last.
  std::optional<Term> term_at(LogIndex index) const;
  bool has(Position position) const { return term_at(position.index) == position.term; }
  // Precondition: memory_first() <= index <= last.
  const Entry& at(LogIndex index) const;
  // From memory: entries from `from` on, of `bytes_max` together, or one that is larger.
  std::vector<Entry> slice(LogIndex from, std::size_t bytes_max) const;
  // The largest index up to `at.index` whose term is at most `at.term`, but not below first_index() - 1: the
  // last place where a log that ends like `at` can agree with this one.
  LogIndex last_possible_match(Position at) const;

  // Precondition: its index is last + 1, its term at least the last one's; a membership can be decoded.
  void append(Entry entry);
  // Removes `from` and all behind it. Precondition: from is behind the base and in memory.
  void truncate_from(LogIndex from);
  // Removes entries up to `applied` from memory, the oldest first, until `bytes_max` are left.
  void forget(LogIndex applied, std::size_t bytes_max);
  // There is a newer snapshot, and entries before `keep_from` are no longer on the disk. `keep_from` is at
  // most behind the snapshot. A snapshot behind the end of the log replaces all of it.
  void compact(const SnapshotMeta& snapshot, LogIndex keep_from);

  // The newest that is in the log, whether or not it is committed.
  const Membership& membership() const { return memberships_.back().membership; }
  LogIndex membership_index() const { return memberships_.back().index; }
  // The one in force at `index`, which is not before the snapshot.
  const Membership& membership_at(LogIndex index) const;
  // Was it a member in any that is known, up to `index`?
  bool had_member(ReplicaId id, LogIndex index) const;

 private:
  struct TermRun {
    LogIndex first;
    Term term;
  };
  struct MembershipAt {
    LogIndex index;
    Membership membership;
  };

  SnapshotMeta snapshot_;
  Position base_;
  LogIndex last_;
  LogIndex memory_first_;
  std::deque<Entry> memory_;
  std::size_t memory_bytes_ = 0;
  std::deque<TermRun> runs_;              // of base and what is behind it; never empty
  std::deque<MembershipAt> memberships_;  // the snapshot's, and those behind it
};

}  // namespace ringhold::raft

#include "cluster/raft/log.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace ringhold::raft {

Payload make_payload(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

Log::Log(SnapshotMeta snapshot, Position base)
    : snapshot_(std::move(snapshot)),
      base_(base),
      last_(base.index),
      memory_first_(base.index.next()),
      runs_{{base.index, base.term}},
      memberships_{{snapshot_.position.index, snapshot_.members}} {
  INVARIANT(base_.index <= snapshot_.position.index);
}

Position Log::last() const {
  return {last_, runs_.back().term};
}

std::optional<Term> Log::term_at(LogIndex index) const {
  if (index < base_.index || index > last_) return std::nullopt;
  // Almost always one of the last.
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (run->first <= index) return run->term;
  }
  return std::nullopt;
}

const Entry& Log::at(LogIndex index) const {
  INVARIANT(index >= memory_first_ && index <= last_);
  return memory_[index.value - memory_first_.value];
}

std::vector<Entry> Log::slice(LogIndex from, std::size_t bytes_max) const {
  std::vector<Entry> entries;
  std::size_t bytes = 0;
  for (LogIndex index = from; index <= last_; index = index.next()) {
    const Entry& entry = at(index);
    bytes += entry.cost();
    if (!entries.empty() && bytes > bytes_max) break;
    entries.push_back(entry);
  }
  return entries;
}

LogIndex Log::last_possible_match(Position at) const {
  LogIndex index = std::min(at.index, last_);
  for (auto run = runs_.rbegin(); run != runs_.rend() && index > base_.index; ++run) {
    if (run->first > index) continue;
    if (run->term <= at.term) return index;
    // No entry of this term is there; the one before it may be.
    index = run->first > base_.index ? run->first.previous() : base_.index;
  }
  return std::max(index, base_.index);
}

void Log::append(Entry entry) {
  INVARIANT(entry.position.index == last_.next());
  INVARIANT(entry.position.term >= runs_.back().term);
  last_ = entry.position.index;
  if (entry.position.term != runs_.back().term) runs_.push_back({last_, entry.position.term});
  // Those up to the snapshot are in it.
  if (entry.kind == EntryKind::kMembership && last_ > snapshot_.position.index) {
    auto membership = decode_membership(entry.payload ? *entry.payload : std::string());
    INVARIANT(membership.ok());
    memberships_.push_back({last_, std::move(*membership)});
  }
  memory_bytes_ += entry.cost();
  memory_.push_back(std::move(entry));
}

void Log::truncate_from(LogIndex from) {
  INVARIANT(from > base_.index && from >= memory_first_);
  while (last_ >= from) {
    memory_bytes_ -= memory_.back().cost();
    memory_.pop_back();
    last_ = last_.previous();
  }
  while (runs_.size() > 1 && runs_.back().first > last_) runs_.pop_back();
  while (memberships_.size() > 1 && memberships_.back().index > last_) memberships_.pop_back();
}

void Log::forget(LogIndex applied, std::size_t bytes_max) {
  while (!memory_.empty() && memory_first_ <= applied && memory_bytes_ > bytes_max) {
    memory_bytes_ -= memory_.front().cost();
    memory_.pop_front();
    memory_first_ = memory_first_.next();
  }
}

void Log::compact(const SnapshotMeta& snapshot, LogIndex keep_from) {
  INVARIANT(keep_from <= snapshot.position.index.next());
  if (!has(snapshot.position) && snapshot.position.index > base_.index) {
    *this = Log(snapshot);
    return;
  }
  if (snapshot.position.index > snapshot_.position.index) {
    snapshot_ = snapshot;
    while (memberships_.size() > 1 && memberships_[1].index <= snapshot.position.index)
      memberships_.pop_front();
    // The same, but for a snapshot from elsewhere.
    memberships_.front() = {snapshot.position.index, snapshot.members};
  }
  if (keep_from <= base_.index.next()) return;
  const LogIndex new_base = keep_from.previous();
  base_ = {new_base, *term_at(new_base)};
  while (runs_.size() > 1 && runs_[1].first <= new_base) runs_.pop_front();
  runs_.front().first = std::max(runs_.front().first, new_base);
  forget(new_base, 0);
}

const Membership& Log::membership_at(LogIndex index) const {
  for (auto at = memberships_.rbegin(); at != memberships_.rend(); ++at) {
    if (at->index <= index) return at->membership;
  }
  return memberships_.front().membership;
}

bool Log::had_member(ReplicaId id, LogIndex index) const {
  return std::any_of(memberships_.begin(), memberships_.end(), [&](const MembershipAt& at) {
    return at.index <= index && at.membership.find(id) != nullptr;
  });
}

}  // namespace ringhold::raft

#include "cluster/raft_io/log_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace ringhold::raft_io {

namespace {

std::string named(raft::Position position) {
  return fmt::format("{} of term {}", position.index.value, position.term.value);
}

}  // namespace

LogBuilder::LogBuilder(const Identity& identity, raft::SnapshotMeta newest,
                       std::function<void(const raft::Entry&)> apply)
    : identity_(identity),
      newest_(std::move(newest)),
      apply_(std::move(apply)),
      log_(newest_),
      applied_(newest_.position.index) {}

Result<void> LogBuilder::add(const SegmentHeader& header) {
  if (header.replica != identity_.replica || header.shard != identity_.shard) {
    return Error{fmt::format("it is of replica {} of shard {}, and this is replica {} of shard {}",
                             header.replica.value.hex(), header.shard.hex(), identity_.replica.value.hex(),
                             identity_.shard.hex())};
  }
  const bool is_first = !std::exchange(begun_, true);
  if (header.anew) return begin_anew(*header.anew);
  if (is_first) {
    if (auto fine = begin_at(header.last); !fine.ok()) return fine;
  } else if (log_.last() != header.last) {
    return Error{fmt::format("it goes on behind entry {}, and the segment before it ends with {}",
                             named(header.last), named(log_.last()))};
  }
  return add(CommitRecord{header.commit});
}

Result<void> LogBuilder::begin_anew(const raft::SnapshotMeta& snapshot) {
  const bool is_founding = snapshot.position.index.value == 0;
  if (is_founding && newest_.position.index.value == 0 && newest_.members.empty()) newest_ = snapshot;
  if (snapshot.position.index < commit_) {
    return Error{fmt::format("the log begins anew behind entry {}, though entry {} was committed",
                             named(snapshot.position), commit_.value)};
  }
  if (auto fine = begin_at(snapshot.position); !fine.ok()) return fine;
  commit_ = std::max(commit_, snapshot.position.index);
  return apply_committed();
}

Result<void> LogBuilder::begin_at(raft::Position last) {
  if (last.index > newest_.position.index) {
    return Error{
        fmt::format("the log begins behind entry {}, and the newest snapshot ends with {}: a snapshot is "
                    "missing",
                    named(last), named(newest_.position))};
  }
  log_ = raft::Log(newest_, last);
  return {};
}

Result<void> LogBuilder::add(raft::Entry entry) {
  const raft::Position at = entry.position;
  if (!begun_) return Error{"an entry stands before the segment's header"};
  if (at.index <= commit_) return Error{fmt::format("entry {} replaces one that was committed", named(at))};
  if (at.index > log_.last_index().next())
    return Error{fmt::format("entry {} follows entry {}", named(at), named(log_.last()))};
  last_entry_term_ = at.term;
  if (at.index < log_.first_index()) {
    // What it replaces stood in a segment that is gone, so all of this is older than the snapshot.
    log_ = raft::Log(newest_, at);
    return {};
  }
  if (at.index <= log_.last_index()) log_.truncate_from(at.index);
  if (at.term < log_.last().term)
    return Error{fmt::format("entry {} follows entry {}: terms never fall", named(at), named(log_.last()))};
  log_.append(std::move(entry));
  return {};
}

Result<void> LogBuilder::add(CommitRecord record) {
  if (!begun_) return Error{"a record stands before the segment's header"};
  if (record.index > log_.last_index()) {
    return Error{fmt::format("entry {} is said to be committed, and the log ends with {}", record.index.value,
                             named(log_.last()))};
  }
  commit_ = std::max(commit_, record.index);
  return apply_committed();
}

Result<void> LogBuilder::apply_committed() {
  const raft::LogIndex snapshot = newest_.position.index;
  if (commit_ >= snapshot && log_.first_index() <= snapshot.next() && !log_.has(newest_.position)) {
    return Error{fmt::format("an entry other than {}, with which the newest snapshot ends, is committed",
                             named(newest_.position))};
  }
  for (raft::LogIndex index = applied_.next(); index <= commit_; index = index.next()) {
    apply_(log_.at(index));
    applied_ = index;
  }
  log_.forget(commit_, 0);
  return {};
}

Result<bool> LogBuilder::finish() {
  if (!log_.has(newest_.position)) {
    log_ = raft::Log(newest_);
    commit_ = newest_.position.index;
    return true;
  }
  commit_ = std::max(commit_, newest_.position.index);
  log_.forget(commit_, 0);
  return false;
}

}  // namespace ringhold::raft_io

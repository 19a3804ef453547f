// How a replica's log is taken up at its start, or begun.
#include <fmt/core.h>

#include <utility>

#include "cluster/raft_io/damage.h"
#include "cluster/raft_io/file_names.h"
#include "cluster/raft_io/log_store.h"
#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold::raft_io {

void LogStore::open(const raft::SnapshotMeta& newest, Apply apply, Opened done) {
  INVARIANT(!busy_ && segments_.empty());
  busy_ = true;
  if (identity_.has_log) {
    const auto is_there = check_found();
    if (is_there.ok()) return open_found(newest, std::move(apply), std::move(done));
    if (!broken(Bug::kEmptyLogVotes)) return refuse(is_there.error(), std::move(done));
  }
  open_new(newest, std::move(done));
}

void LogStore::refuse(const Error& error, Opened done) {
  world_.scheduler.post(guard_.wrap([error, done = std::move(done)] { done(error); }));
}

// A replica that has had a log has promised things to others. If it is not there, nobody knows what.
Result<void> LogStore::check_found() const {
  const auto segments = list_segments(world_.disk, directory_);
  if (!segments.ok()) return segments.error();
  std::string missing;
  if (segments->empty()) missing = directory_ + "/log-*.wal";
  if (!vote_file_.exists()) missing = vote_path(directory_);
  if (missing.empty()) return {};
  return Error{
      fmt::format("{} is missing, and this replica has had a log. {}", missing, way_out(directory_))};
}

void LogStore::open_found(const raft::SnapshotMeta& newest, Apply apply, Opened done) {
  const auto vote = vote_file_.read();
  if (!vote.ok()) return refuse(vote.error(), std::move(done));
  auto outcome = LogRecovery(world_.disk, directory_, identity_, newest, std::move(apply)).run(*vote);
  if (!outcome.ok()) return refuse(outcome.error(), std::move(done));

  vote_ = vote->vote;
  // Shared with what goes on with it.
  const auto found = std::make_shared<RecoveredLog>(std::move(*outcome));
  segments_ = std::move(found->segments);
  index_ = std::move(found->index);
  for (std::size_t i = 0; i + 1 < segments_.size(); ++i) cut_to_used(segments_[i]);
  const raft::Position last = found->log.last();
  tail_ = {last, found->commit};
  LogWrite first{std::move(found->carried), std::nullopt, found->end.last, found->end.commit};
  if (found->begins_anew) {
    first = {{}, newest, last, last.index};
    found->carried_entries.clear();
    index_.reset(last.index);
  }
  writer_.continue_behind(found->end);
  write_first(first, [this, found, done = std::move(done)](const Written& written) {
    note_entries(found->carried_entries, written);
    remove_before(found->begins_anew ? written.segment : found->first_needed);
    busy_ = false;
    done(raft::Recovered{vote_, std::move(found->log), found->applied, std::nullopt});
  });
}

void LogStore::open_new(const raft::SnapshotMeta& newest, Opened done) {
  const auto left_over = list_segments(world_.disk, directory_);
  if (!left_over.ok()) return refuse(left_over.error(), std::move(done));
  // A beginning that a crash has cut short leaves the first segment at most; it is replaced.
  LogEnd end;
  if (!left_over->empty() && left_over->back() > 1) {
    if (!broken(Bug::kEmptyLogVotes)) {
      const std::string path = segment_path(directory_, left_over->back());
      return refuse(Error{fmt::format("{} is there, though this replica has never had a log. {}", path,
                                      way_out(directory_))},
                    std::move(done));
    }
    for (const std::uint32_t number : *left_over) segments_.push_back({number, 0, 0, {}});
    end.segment = left_over->back();
  }
  const raft::Position last = newest.position;
  tail_ = {last, last.index};
  index_.reset(last.index);
  writer_.continue_behind(end);
  const auto begun = [this, newest, done = std::move(done)](const Written& written) {
    remove_before(written.segment);
    note_log([this, newest, done] {
      busy_ = false;
      done(raft::Recovered{vote_, raft::Log(newest), newest.position.index, std::nullopt});
    });
  };
  write_first({{}, newest, last, last.index}, begun);
}

// The vote, in both copies, and the segment in which the log goes on.
void LogStore::write_first(const LogWrite& first, std::function<void(const Written&)> next) {
  save_vote([this, first, next = std::move(next)] {
    writer_.write(first, [this, next](const Written& written) {
      note_segment(written);
      save_segment([this, next, written] {
        works();
        next(written);
      });
    });
  });
}

// From here on a log that is missing has been lost.
void LogStore::note_log(std::function<void()> next) {
  identity_.has_log = true;
  const auto saved = [this, next = std::move(next)](const Result<void>& outcome) {
    if (outcome.ok()) {
      works();
      return next();
    }
    trouble(outcome.error().message);
    retry([this, next] { note_log(next); });
  };
  identity_saver_.save(identity_, saved);
}

}  // namespace ringhold::raft_io

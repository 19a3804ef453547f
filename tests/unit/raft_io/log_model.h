// What a log has to be: a plain row of entries, and what was asked for, one by one. A crash may take the end
// of that away, but nothing that was reported durable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/raft_io/store_fixture.h"

namespace ringhold::raft_io {

// The entries from base + 1 on.
struct LogState {
  raft::Position base;
  std::vector<raft::Entry> entries;

  raft::Position last() const { return entries.empty() ? base : entries.back().position; }
  std::uint64_t last_index() const { return last().index.value; }
  const raft::Entry& at(std::uint64_t index) const { return entries[index - base.index.value - 1]; }
  void append(const raft::Entry& entry) {
    entries.resize(entry.position.index.value - base.index.value - 1);
    entries.push_back(entry);
  }
};

class LogModel {
 public:
  // The state after all that was asked for.
  const LogState& state() const { return state_; }
  const raft::Vote& vote() const { return vote_; }
  std::uint64_t commit() const { return commit_; }
  std::uint64_t applied_max() const { return std::min(commit_, durable_last_); }
  const raft::SnapshotMeta& newest() const { return newest_; }

  void persist(std::uint64_t number, const std::vector<raft::Entry>& entries, std::uint64_t commit,
               const std::optional<raft::Vote>& vote) {
    if (vote) {
      vote_ = *vote;
      votes_.push_back({number, *vote});
    }
    for (const raft::Entry& entry : entries) {
      state_.append(entry);
      steps_.push_back({number, entry, std::nullopt});
    }
    commit_ = std::max(commit_, commit);
  }
  void reset(const raft::SnapshotMeta& meta) {
    newest_ = meta;
    state_ = {meta.position, {}};
    commit_ = meta.position.index.value;
    steps_.push_back({0, {}, meta});
    // From the moment on in which the snapshot is durable, a start that does not find it in the log begins
    // anew behind it.
    needed_ = steps_.size();
    durable_last_ = meta.position.index.value;
  }
  void snapshot(const raft::SnapshotMeta& meta) { newest_ = meta; }
  void durable(std::uint64_t number) {
    for (std::size_t i = needed_; i < steps_.size(); ++i) {
      if (steps_[i].number == 0 || steps_[i].number > number) break;
      needed_ = i + 1;
      durable_last_ = steps_[i].entry.position.index.value;
    }
    while (votes_.size() > 1 && votes_[1].number <= number) votes_.erase(votes_.begin());
    if (!votes_.empty() && votes_.front().number <= number) durable_vote_ = votes_.front().vote;
  }

  // After a crash: the recovered log is one of those that may be; the model goes on with it. False: it is
  // not.
  bool adopt(const raft::Recovered& recovered, const std::vector<std::string>& on_disk) {
    if (!adopt_vote(recovered.vote)) return false;
    LogState state = start_;
    std::optional<LogState> found;
    for (std::size_t i = 0; i <= steps_.size(); ++i) {
      if (i > 0) take(state, steps_[i - 1]);
      if (i >= needed_ && is(state, recovered, on_disk)) found = state;
    }
    if (!found) return false;
    state_ = start_ = *found;
    steps_.clear();
    needed_ = 0;
    commit_ = std::min(commit_, state_.last_index());
    durable_last_ = state_.last_index();
    return true;
  }

 private:
  struct Step {
    std::uint64_t number = 0;  // 0: a reset
    raft::Entry entry;
    std::optional<raft::SnapshotMeta> reset;
  };
  struct VoteAt {
    std::uint64_t number = 0;
    raft::Vote vote;
  };

  static void take(LogState& state, const Step& step) {
    if (step.reset) {
      state = {step.reset->position, {}};
    } else {
      state.append(step.entry);
    }
  }
  static bool is(const LogState& state, const raft::Recovered& recovered,
                 const std::vector<std::string>& on_disk) {
    if (state.last() != recovered.log.last()) return false;
    std::uint64_t index = recovered.log.first_index().value;
    if (on_disk.size() != state.last_index() + 1 - index) return false;
    for (const std::string& text : on_disk) {
      if (index > state.base.index.value && text_of(state.at(index)) != text) return false;
      ++index;
    }
    return true;
  }
  bool adopt_vote(const raft::Vote& vote) {
    bool fits = vote == durable_vote_;
    for (const VoteAt& at : votes_) fits = fits || vote == at.vote;
    vote_ = durable_vote_ = vote;
    votes_.clear();
    return fits;
  }

  LogState start_;  // as it was recovered last
  LogState state_;
  std::vector<Step> steps_;  // since then
  std::size_t needed_ = 0;   // of them, so many are durable
  std::uint64_t durable_last_ = 0;
  std::uint64_t commit_ = 0;
  raft::SnapshotMeta newest_;
  raft::Vote vote_;
  raft::Vote durable_vote_;
  std::vector<VoteAt> votes_;  // not known to be durable
};

}  // namespace ringhold::raft_io

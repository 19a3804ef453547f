// Raft replicas that do as the test says, right or wrong, and are observed after every step.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/sim/check/raft_invariants.h"

namespace ringhold::sim {

class FakeLog final : public ReplicaLog {
 public:
  std::uint64_t term_at(std::uint64_t index) const override { return entries.at(index).term; }
  EntryView entry_at(std::uint64_t index) const override { return entries.at(index); }
  std::vector<EntryView> entries = {{}};  // by index
};

class FakeGroup {
 public:
  using Number = std::uint32_t;
  using Index = std::uint64_t;

  explicit FakeGroup(RaftInvariants::Options options = three()) : invariants(options), options_(options) {
    for (Number r = 0; r < replicas_.size(); ++r) {
      replicas_[r].view.replica = r;
      replicas_[r].view.running = true;
    }
  }
  static RaftInvariants::Options three() {
    RaftInvariants::Options options;
    options.initial.voters = {1, 2, 3};
    return options;
  }

  // Each shows the replica afterwards.
  FakeGroup& vote(Number r, std::uint64_t term, Number candidate) {
    view(r).vote = {term, candidate};
    view(r).leader = false;
    return sync(r);
  }
  FakeGroup& term(Number r, std::uint64_t term) {
    view(r).vote = {term, {}};
    view(r).leader = false;
    return sync(r);
  }
  FakeGroup& lead(Number r) {
    view(r).leader = true;
    return show(r);
  }
  FakeGroup& elect(Number r, std::uint64_t term, std::initializer_list<Number> voters) {
    for (const Number voter : voters) vote(voter, term, r);
    return lead(r);
  }
  FakeGroup& append(Number r, std::uint64_t term, std::uint64_t hash, std::optional<Members> members = {}) {
    log(r).push_back({term, hash, members});
    return sync(r);
  }
  // In memory only.
  FakeGroup& append_unsynced(Number r, std::uint64_t term, std::uint64_t hash) {
    log(r).push_back({term, hash, {}});
    return show(r);
  }
  FakeGroup& truncate(Number r, Index last) {
    log(r).resize(last + 1);
    return sync(r);
  }
  FakeGroup& replicate(Number from, Number to) {
    if (view(to).vote.term < view(from).vote.term) view(to).vote = {view(from).vote.term, {}};
    view(to).leader = false;
    log(to) = log(from);
    return sync(to);
  }
  FakeGroup& commit(Number r, Index index) {
    view(r).commit_index = view(r).applied_index = index;
    return show(r);
  }
  FakeGroup& compact(Number r, Index last) {
    view(r).first_index = last + 1;
    view(r).base_term = log(r)[last].term;
    return show(r);
  }
  // A snapshot up to `index`, and nothing after it.
  FakeGroup& install(Number from, Number to, Index index) {
    log(to).assign(log(from).begin(), log(from).begin() + static_cast<std::ptrdiff_t>(index) + 1);
    view(to).vote = {view(from).vote.term, {}};
    view(to).commit_index = view(to).applied_index = index;
    view(to).first_index = index + 1;
    view(to).base_term = log(from)[index].term;
    return sync(to);
  }
  FakeGroup& crash(Number r) {
    view(r).running = false;
    view(r).leader = false;
    return show(r);
  }
  FakeGroup& restart(Number r) {
    if (view(r).running) crash(r);
    view(r).running = true;
    view(r).commit_index = view(r).applied_index = view(r).first_index - 1;
    ++view(r).life;
    return show(r);
  }
  FakeGroup& sync(Number r) {
    sync_quietly(r);
    return show(r);
  }
  void sync_quietly(Number r) {
    const auto last = log(r).size() - 1;
    view(r).disk = DiskView{view(r).vote, last, log(r)[last].term, log(r)[last].hash};
  }
  FakeGroup& show(Number r) {
    Replica& replica = replicas_[r];
    replica.view.last_index = replica.log.entries.size() - 1;
    if (follow_members) replica.view.members = members_of(r);
    invariants.observe(replica.view, replica.log);
    replica.view.state_hash.reset();
    return *this;
  }

  ReplicaView& view(Number r) { return replicas_[r].view; }
  std::vector<EntryView>& log(Number r) { return replicas_[r].log.entries; }
  const FakeLog& reader(Number r) const { return replicas_[r].log; }
  Members members_of(Number r) {
    for (std::size_t i = log(r).size(); i-- > 0;) {
      if (log(r)[i].members) return *log(r)[i].members;
    }
    return options_.initial.voters.has(r) || log(r).size() > 1 ? options_.initial : Members{};
  }
  bool ok() const { return invariants.ok(); }
  // The violation that was found, if it begins with this.
  bool says(const std::string& text) const { return invariants.violation().starts_with(text); }

  RaftInvariants invariants;
  bool follow_members = true;

 private:
  struct Replica {
    ReplicaView view;
    FakeLog log;
  };
  RaftInvariants::Options options_;
  std::array<Replica, 8> replicas_;
};

}  // namespace ringhold::sim

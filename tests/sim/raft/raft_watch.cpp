#include "tests/sim/raft/raft_watch.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <string_view>

#include "common/base/check.h"
#include "common/wire/codec.h"

namespace ringhold::sim {

namespace {

constexpr const char* kDirectory = "data/raft";

// The newest of the two copies of the vote that are sound: read here apart from the program that wrote them.
std::optional<std::pair<std::uint64_t, raft::Vote>> newest_vote(std::string_view file) {
  constexpr std::size_t kCopyBytes = 512;
  constexpr std::size_t kChecksumAt = 504;
  std::optional<std::pair<std::uint64_t, raft::Vote>> newest;
  for (const std::size_t at : {std::size_t{0}, std::size_t{4096}}) {
    if (file.size() < at + kCopyBytes) continue;
    const std::string_view copy = file.substr(at, kCopyBytes);
    WireReader end(copy.substr(kChecksumAt));
    if (end.u64() != XXH3_64bits(copy.data(), kChecksumAt) || !copy.starts_with("RHVOTE01")) continue;
    WireReader reader(copy.substr(8));
    const std::uint64_t sequence = reader.u64();
    raft::Vote vote;
    vote.term = {reader.u64()};
    if (const Id128 candidate = reader.id(); !candidate.is_none())
      vote.candidate = raft::ReplicaId{candidate};
    if (!newest || newest->first < sequence) newest = {sequence, vote};
  }
  return newest;
}

// What was written last stands in the newest segment.
bool newest_segment_is_synced(const SimFiles& files) {
  std::string newest;
  for (const std::string& name : files.names()) {
    if (name.find("/log-") != std::string::npos && name.ends_with(".wal")) newest = name;
  }
  const auto file = newest.empty() ? nullptr : files.find(newest);
  return file == nullptr || file->is_synced();
}

}  // namespace

class RaftWatch::LogOf final : public ReplicaLog {
 public:
  LogOf(const RaftWatch& watch, const raft::Log& log) : watch_(watch), log_(log) {}
  std::uint64_t term_at(std::uint64_t index) const override { return log_.term_at({index})->value; }
  EntryView entry_at(std::uint64_t index) const override { return watch_.view_of(log_.at({index})); }

 private:
  const RaftWatch& watch_;
  const raft::Log& log_;
};

RaftWatch::RaftWatch(const raft::Membership& founders, std::function<void(std::string)> fail)
    : fail_(std::move(fail)), invariants_([&] {
        for (const raft::Member& member : founders.members()) add(member.id);
        RaftInvariants::Options options;
        options.initial = founders_ = members_of(founders);
        return options;
      }()) {}

std::uint32_t RaftWatch::add(raft::ReplicaId id) {
  const auto [at, is_new] = numbers_.try_emplace(id, static_cast<std::uint32_t>(ids_.size()));
  if (is_new) {
    INVARIANT(ids_.size() < kReplicasMax);
    ids_.push_back(id);
    replicas_.emplace_back().view.replica = at->second;
  }
  return at->second;
}

std::optional<std::uint32_t> RaftWatch::number_of(const raft::ReplicaId& id) const {
  const auto at = numbers_.find(id);
  if (at == numbers_.end()) return std::nullopt;
  return at->second;
}

Members RaftWatch::members_of(const raft::Membership& membership) const {
  Members members;
  for (const raft::Member& member : membership.members()) {
    const auto number = number_of(member.id);
    INVARIANT(number.has_value());
    (member.role == raft::MemberRole::kVoter ? members.voters : members.learners).add(*number);
  }
  return members;
}

std::uint64_t RaftWatch::hash_of(const raft::Entry& entry) {
  const std::string_view bytes = entry.payload ? std::string_view(*entry.payload) : std::string_view();
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), static_cast<std::uint64_t>(entry.kind));
}

EntryView RaftWatch::view_of(const raft::Entry& entry) const {
  EntryView view{entry.position.term.value, hash_of(entry), std::nullopt};
  if (entry.kind == raft::EntryKind::kMembership) {
    const auto membership = raft::decode_membership(*entry.payload);
    INVARIANT(membership.ok());
    view.members = members_of(*membership);
  }
  return view;
}

void RaftWatch::report() {
  if (invariants_.ok() || std::exchange(reported_, true)) return;
  fail_(invariants_.violation());
}

// --- views ---

void RaftWatch::begin(std::uint32_t replica, const raft::Core& core) {
  Replica& r = replicas_[replica];
  ++r.view.life;
  r.outstanding.clear();
  r.durable = core.log().last();
  r.members_snapshot = {};
  r.members_index = {~std::uint64_t{0}};
}

void RaftWatch::observe(std::uint32_t replica, const raft::Core& core, const SimFiles& files) {
  Replica& r = replicas_[replica];
  const raft::Log& log = core.log();
  ReplicaView& view = r.view;
  view.running = true;
  view.leader = core.is_leader();
  view.vote.term = core.term().value;
  view.vote.voted_for = core.vote().candidate ? number_of(*core.vote().candidate) : std::nullopt;
  const raft::LogIndex members_index = log.membership_index();
  const raft::Term members_term = log.term_at(members_index).value_or(raft::Term{});
  if (members_index != r.members_index || members_term != r.members_term ||
      log.snapshot().id != r.members_snapshot) {
    // Who joins learns of the members that the shard was founded with when these change for the first time,
    // that is, at the latest from the entry that adds it; until then it goes by none.
    view.members = core.membership().empty() ? founders_ : members_of(core.membership());
    r.members_index = members_index;
    r.members_term = members_term;
    r.members_snapshot = log.snapshot().id;
  }
  // Entries that stand on the disk alone count as behind a snapshot: they were seen when they came.
  view.first_index = log.memory_first().value;
  view.base_term = log.term_at(log.memory_first().previous()).value_or(raft::Term{}).value;
  view.last_index = log.last_index().value;
  view.commit_index = core.commit().value;
  view.applied_index = core.applied().value;
  update_disk(r, files);
  invariants_.observe(view, LogOf(*this, log));
  report();
}

void RaftWatch::observe_down(std::uint32_t replica, const SimFiles& files) {
  Replica& r = replicas_[replica];
  r.view.running = false;
  r.view.leader = false;
  update_disk(r, files);
  const raft::Log none;
  invariants_.observe(r.view, LogOf(*this, none));
  report();
}

void RaftWatch::update_disk(Replica& r, const SimFiles& files) {
  DiskView disk = r.disk;
  const bool vote_moves = !(disk.vote == r.view.vote) || !r.view.running;
  if (const auto file = vote_moves ? files.find(std::string(kDirectory) + "/vote") : nullptr;
      file != nullptr && file->is_synced()) {
    if (const auto newest = newest_vote(file->content())) {
      const raft::Vote& vote = newest->second;
      disk.vote = {vote.term.value, vote.candidate ? number_of(*vote.candidate) : std::nullopt};
    }
  }
  const bool log_moves = disk.last_index != r.durable.index.value || disk.last_term != r.durable.term.value;
  if (log_moves && newest_segment_is_synced(files)) {
    disk.last_index = r.durable.index.value;
    disk.last_term = r.durable.term.value;
  }
  r.disk = disk;
  r.view.disk = disk;
}

// --- steps ---

void RaftWatch::before_step(std::uint32_t replica, const raft::Core& core, const raft::Event& event) {
  Replica& r = replicas_[replica];
  r.term_before = core.term();
  const auto* message = std::get_if<raft::Message>(&event);
  r.is_stale = message != nullptr && message->term < core.term();
  r.persisted.reset();
  r.installed.reset();
  if (const auto* persisted = std::get_if<raft::Persisted>(&event)) r.persisted = persisted->number;
  if (std::holds_alternative<raft::SnapshotInstalled>(event) && r.installing)
    r.installed = r.installing->position;
}

void RaftWatch::after_step(std::uint32_t replica, const raft::Core& core, const raft::Output& out) {
  Replica& r = replicas_[replica];
  while (r.persisted && !r.outstanding.empty() && r.outstanding.front().number <= *r.persisted) {
    const auto last = r.outstanding.front().last;
    if (last && core.log().has(*last) && last->index > r.durable.index) r.durable = *last;
    r.outstanding.pop_front();
  }
  if (r.installed) r.durable = *r.installed;
  if (out.install) r.installing = out.install;
  if (out.persist) {
    Outstanding outstanding{out.persist->number, std::nullopt};
    if (const auto& entries = out.persist->entries; !entries.empty()) {
      outstanding.last = entries.back().position;
      const raft::LogIndex before = entries.front().position.index.previous();
      if (before < r.durable.index) r.durable = {before, core.log().term_at(before).value_or(raft::Term{})};
    }
    r.outstanding.push_back(outstanding);
  }
  // 3.3: "If a server receives a request with a stale term number, it rejects the request."
  if (r.is_stale && (out.persist || out.store_chunk || out.install || !out.apply.empty())) {
    fail_(fmt::format("a message of an older term is obeyed (3.3): replica {} in term {}", replica,
                      r.term_before.value));
  }
  for (const raft::Message& message : out.send) check_sent(replica, r, core, message);
}

void RaftWatch::check_sent(std::uint32_t number, Replica& r, const raft::Core& core,
                           const raft::Message& message) {
  if (const auto* vote = std::get_if<raft::VoteReply>(&message.body); vote && vote->granted && !vote->pre) {
    if (const auto to = number_of(message.to)) invariants_.vote_sent(number, message.term.value, *to);
  }
  const auto* append = std::get_if<raft::AppendReply>(&message.body);
  if (append == nullptr || !append->accepted || append->match <= r.durable.index) return;
  if (append->match <= core.log().snapshot().position.index) return;
  fail_(
      fmt::format("an entry is acknowledged that is not durable (10.2.1): replica {} acknowledges up to {} "
                  "in term {}, and has "
                  "durably up to {}",
                  number, append->match.value, message.term.value, r.durable.index.value));
}

// --- state machines ---

void RaftWatch::applied(std::uint32_t replica, const raft::Entry& entry, const Proposal& proposal) {
  invariants_.applied(replica, entry.position.index.value, hash_of(entry));
  const Operation operation{proposal.client, proposal.number};
  const auto [at, is_new] = applied_.try_emplace(operation, entry.position.index);
  if (at->second == entry.position.index) return;
  fail_(fmt::format("operation {} of client {} is applied twice: by the entries {} and {}", operation.second,
                    operation.first, at->second.value, entry.position.index.value));
}

void RaftWatch::state_hash(std::uint32_t replica, raft::LogIndex index, std::uint64_t hash) {
  const auto [at, is_new] = hashes_.try_emplace(index.value, hash, replica);
  if (at->second.first == hash) return;
  fail_(fmt::format("after entry {}, the states of replicas {} and {} differ", index.value, at->second.second,
                    replica));
}

void RaftWatch::never(std::uint32_t client, std::uint64_t number, const char* why) {
  never_.try_emplace({client, number}, why);
}

void RaftWatch::done(std::uint32_t client, std::uint64_t number) {
  done_.emplace_back(client, number);
}

void RaftWatch::check_promises() {
  for (const auto& [operation, why] : never_) {
    const auto at = applied_.find(operation);
    if (at == applied_.end()) continue;
    fail_(fmt::format("operation {} of client {} was said to be {}, but entry {} holds it", operation.second,
                      operation.first, why, at->second.value));
  }
  for (const Operation& operation : done_) {
    const auto at = applied_.find(operation);
    if (at != applied_.end() && at->second.value <= invariants_.committed_index()) continue;
    fail_(fmt::format("operation {} of client {} was acknowledged, and is lost", operation.second,
                      operation.first));
  }
}

}  // namespace ringhold::sim

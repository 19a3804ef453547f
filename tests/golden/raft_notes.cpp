// What RaftWorld notes of each step, and what it checks.
#include <fmt/core.h>

#include <algorithm>

#include "tests/golden/raft_text.h"
#include "tests/golden/raft_world.h"

namespace ringhold::golden {

using namespace raft;
using std::chrono::milliseconds;

void RaftWorld::note_role(Number number, const Before& before) {
  const Core& core = *nodes_.at(number).core;
  if (core.removed() && !before.removed) note(fmt::format("{}: knows that it has been removed", number));
  if (core.role() == before.role && core.term() == before.term && core.leader() == before.leader) return;
  const std::uint64_t term = core.term().value;
  switch (core.role()) {
    case RoleName::kLeader: {
      note(fmt::format("{}: leads in term {}", number, term));
      const auto [first, is_new] = leaders_.try_emplace(core.term(), number);
      if (!is_new && first->second != number)
        note(fmt::format("SAFETY: {} and {} lead in term {}", first->second, number, term));
      return;
    }
    case RoleName::kCandidate:
      return note(fmt::format("{}: campaigns in term {}", number, term));
    case RoleName::kPreCandidate:
      return note(fmt::format("{}: asks who would vote for it in term {}", number, term + 1));
    case RoleName::kFollower:
    case RoleName::kLearner:
      break;
  }
  const std::string who = core.leader() ? std::to_string(number_of(*core.leader())) : "nobody";
  const char* how = core.role() == RoleName::kLearner ? "learns from" : "follows";
  note(fmt::format("{}: {} {} in term {}", number, how, who, term));
}

void RaftWorld::note_output(Number number, const Output& out) {
  if (out.accepted) note(fmt::format("{}: takes {}", number, text_of(*out.accepted)));
  if (!out.refused.empty()) note(fmt::format("{}: refuses: {}", number, shorten(out.refused)));
  for (const ReadReady& read : out.reads)
    note(fmt::format("{}: read r{} may be served at {}", number, read.id, read.index.value));
  for (const std::uint64_t id : out.reads_refused) note(fmt::format("{}: read r{} is refused", number, id));
  if (!is_quiet) {
    for (const ReplicaId to : out.transfer_over)
      note(fmt::format("{}: sends no more of a snapshot to {}", number, number_of(to)));
  }
  if (!out.fault.empty()) note(fmt::format("{}: FAULT: {}", number, shorten(out.fault)));
}

void RaftWorld::apply(Number number, const Before& before, const std::vector<Entry>& entries) {
  Node& node = nodes_.at(number);
  const LogIndex commit = node.core->commit();
  std::string text;
  if (commit > before.commit) text = fmt::format("commit {}", commit.value);
  if (!entries.empty()) text += (text.empty() ? "applies " : ", applies ") + text_of(entries);
  if (!text.empty()) note(fmt::format("{}: {}", number, text));
  for (const Entry& entry : entries) {
    check_applied(number, entry);
    if (entry.kind == EntryKind::kCommand && entry.payload) node.machine.push_back(*entry.payload);
  }
}

void RaftWorld::check_applied(Number number, const Entry& entry) {
  const std::string text = text_of(std::vector<Entry>{entry});
  const auto [first, is_new] = applied_.try_emplace(entry.position.index, text);
  if (!is_new && first->second != text)
    note(fmt::format("SAFETY: {} applies {}, where another applied {}", number, text, first->second));
}

void RaftWorld::note_job(Number number, const Job& job) {
  if (is_quiet) return;
  std::string text;
  if (const auto* persist = std::get_if<Persist>(&job)) {
    // A disk that works at once is of no interest.
    if (!nodes_.at(number).disk.is_manual && !nodes_.at(number).disk.is_stalled) return;
    text = "is to write ";
    if (persist->vote) text += text_of(*persist->vote);
    if (persist->vote && !persist->entries.empty()) text += ", ";
    if (!persist->entries.empty()) text += text_of(persist->entries);
  } else if (const auto* read = std::get_if<ReadLog>(&job)) {
    text = fmt::format("is to read its log from {} for {}", read->from.value, number_of(read->to));
  } else if (const auto* want = std::get_if<WantSnapshot>(&job)) {
    text = fmt::format("wants a snapshot for {}", number_of(want->to));
  } else if (const auto* store = std::get_if<StoreChunk>(&job)) {
    text = fmt::format("is to store s{} from {} to {}", store->snapshot.id.bytes[15], store->offset,
                       store->offset + store->data->size());
  } else if (const auto* meta = std::get_if<SnapshotMeta>(&job)) {
    text = fmt::format("is to install s{}", meta->id.bytes[15]);
  }
  if (!text.empty()) note(fmt::format("{}: {}", number, text));
}

// --- states ---

std::string RaftWorld::lease_text(const Core& core) const {
  if (!core.lease_holds(now_)) return ", no lease";
  if (core.lease_holds(now_ + std::chrono::hours(1))) return ", lease for ever";
  int ms = 0;
  while (core.lease_holds(now_ + milliseconds(ms + 1))) ++ms;
  return fmt::format(", lease {}ms", ms + 1);
}

namespace {

std::string log_text(const Log& log, const RaftDisk& disk) {
  std::string text;
  if (log.snapshot().position.index.value > 0)
    text = fmt::format(" snapshot {}", text_of(log.snapshot().position));
  text += " log";
  const auto add = [&](LogIndex from, LogIndex to, bool durable) {
    text += ' ' + text_of(Position{from, *log.term_at(from)});
    if (to.value > from.value + 2) text += ".." + text_of(Position{to, *log.term_at(to)});
    if (!durable) text += '*';
  };
  const auto is_durable = [&](LogIndex index) {
    return std::any_of(disk.entries.begin(), disk.entries.end(), [&](const Entry& entry) {
      return entry.position == Position{index, *log.term_at(index)};
    });
  };
  for (LogIndex from = log.first_index(); from <= log.last_index();) {
    LogIndex to = from;
    while (to < log.last_index() && log.term_at(to.next()) == log.term_at(from) &&
           is_durable(to.next()) == is_durable(from)) {
      to = to.next();
    }
    if (to.value <= from.value + 2) to = from;
    add(from, to, is_durable(from));
    from = to.next();
  }
  return text;
}

std::string peer_text(const Progress& peer) {
  const char* const states[] = {"probe", "replicate", "snapshot"};
  std::string text = fmt::format("{} match {} next {}", states[static_cast<std::size_t>(peer.state)],
                                 peer.match.value, peer.next.value);
  if (peer.probing) text += " waiting";
  if (!peer.in_flight.empty()) text += fmt::format(" in flight {}", peer.in_flight.size());
  return text;
}

}  // namespace

std::string RaftWorld::state(Number number) const {
  const Node& node = nodes_.at(number);
  if (node.core == nullptr) {
    const Recovered disk = node.disk.recover();
    return fmt::format("{} down, {},{}", number, text_of(disk.vote), log_text(disk.log, node.disk));
  }
  const Core& core = *node.core;
  std::string text = fmt::format("{} {}", number, role_name(core.role()));
  if (core.removed()) text += " (removed)";
  if (core.leader() && !core.is_leader()) text += fmt::format(" of {}", number_of(*core.leader()));
  text += fmt::format(", {},{} commit {}", text_of(core.vote()), log_text(core.log(), node.disk),
                      core.commit().value);
  if (core.applied() != core.commit()) text += fmt::format(" applied {}", core.applied().value);
  if (!core.is_leader()) return text;
  text += lease_text(core);
  for (const auto& [other, unused] : nodes_) {
    const Progress* peer = core.progress(replica(other));
    if (peer != nullptr) text += fmt::format(", {}: {}", other, peer_text(*peer));
  }
  return text;
}

}  // namespace ringhold::golden

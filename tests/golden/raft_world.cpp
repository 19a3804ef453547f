#include "tests/golden/raft_world.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tests/golden/raft_text.h"

namespace ringhold::golden {

using namespace raft;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kMessagesNoted = 100;   // of one `deliver`: more is taken for no end
constexpr std::size_t kMessagesQuiet = 3000;  // likewise, when nobody reads them
constexpr int kElectionRounds = 8;

// What a snapshot holds: the commands up to it, with blanks between.
std::vector<std::string> commands_in(const std::string& snapshot) {
  std::vector<std::string> commands;
  for (const std::string_view word : words(snapshot)) commands.emplace_back(word);
  return commands;
}

}  // namespace

void RaftWorld::found(Number replicas) {
  for (Number i = 1; i <= replicas; ++i) {
    founders_.push_back({replica(i), fmt::format("host{}:1", i), MemberRole::kVoter});
    nodes_[i];
  }
}

void RaftWorld::found_learner(Number number) {
  founders_.push_back({replica(number), fmt::format("host{}:1", number), MemberRole::kLearner});
  nodes_[number];
}

void RaftWorld::add_empty(Number number) {
  nodes_[number];
  if (is_started_) start_core(number);
}

void RaftWorld::start() {
  is_started_ = true;
  for (const Member& founder : founders_)
    nodes_.at(number_of(founder.id)).disk.snapshot.members = Membership(founders_);
  for (auto& [number, node] : nodes_) {
    if (node.disk.snapshot.position.index.value > 0) {
      node.disk.snapshot.id = snapshot_id(++snapshots_);
      node.disk.snapshot.bytes = node.disk.snapshot_bytes.size();
      files_[node.disk.snapshot.id] = node.disk.snapshot_bytes;
    }
    start_core(number);
  }
}

void RaftWorld::start_core(Number number) {
  Node& node = nodes_.at(number);
  Recovered recovered = node.disk.recover();
  node.machine = commands_in(node.disk.snapshot_bytes);
  for (const Entry& entry : node.disk.entries) {
    const LogIndex index = entry.position.index;
    if (index <= node.disk.snapshot.position.index || index > recovered.applied) continue;
    if (entry.payload && entry.kind == EntryKind::kCommand) node.machine.push_back(*entry.payload);
  }
  options.self = replica(number);
  options.seed = number;
  node.core = std::make_unique<Core>(options, std::move(recovered), now_);
}

// --- what happens ---

void RaftWorld::step(Number number, Event event) {
  Core* core = nodes_.at(number).core.get();
  if (core == nullptr) return;
  const Before before{core->role(), core->term(), core->leader(), core->commit(), core->removed()};
  Output out = core->step(now_, std::move(event));
  note_role(number, before);
  note_output(number, out);
  apply(number, before, out.apply);
  take_jobs(number, out);
  for (Message& message : out.send) send(std::move(message));
  work(number);
}

void RaftWorld::tick(Number number) {
  const Core* core = nodes_.at(number).core.get();
  if (core == nullptr) return;
  now_ = std::max(now_, core->next_deadline());
  step(number, Tick{});
}

void RaftWorld::run(microseconds time) {
  const MonoTime end = now_ + time;
  const bool was_quiet = std::exchange(is_quiet, true);
  while (now_ < end) {
    now_ += std::min<microseconds>(milliseconds(10), end - now_);
    for (auto& [number, node] : nodes_) {
      if (node.core != nullptr && node.core->next_deadline() <= now_) step(number, Tick{});
    }
    deliver_all();
  }
  is_quiet = was_quiet;
}

bool RaftWorld::elect(Number number) {
  const Node& node = nodes_.at(number);
  for (int i = 0; i < kElectionRounds && node.core != nullptr && !node.core->is_leader(); ++i) {
    tick(number);
    deliver_votes(number);
  }
  return node.core != nullptr && node.core->is_leader();
}

bool RaftWorld::deliver_votes(Number candidate) {
  const auto is_vote = [](const Message& message) {
    return std::holds_alternative<VoteRequest>(message.body) ||
           std::holds_alternative<VoteReply>(message.body);
  };
  for (int i = 0; i < kElectionRounds; ++i) {
    for (auto& [number, node] : nodes_) {
      if (!node.disk.is_stalled) sync(number, node.disk.jobs.size());
    }
    if (deliver(is_vote) == 0) break;
  }
  const Core* core = nodes_.at(candidate).core.get();
  return core != nullptr && core->is_leader();
}

// --- the wire ---

void RaftWorld::send(Message message) {
  const std::pair<Number, Number> link{number_of(message.from), number_of(message.to)};
  const bool lost = cuts_.contains(link);
  if (!is_quiet) note(text_of(message) + (lost ? " (lost)" : ""));
  if (!lost) wire_.push_back(std::move(message));
}

std::vector<Message> RaftWorld::take(const Filter& filter) {
  std::vector<Message> picked;
  std::deque<Message> others;
  for (Message& message : wire_) {
    if (filter(message)) {
      picked.push_back(std::move(message));
    } else {
      others.push_back(std::move(message));
    }
  }
  wire_ = std::move(others);
  return picked;
}

std::size_t RaftWorld::deliver(const Filter& filter) {
  const std::vector<Message> picked = take(filter);
  for (const Message& message : picked) {
    const Number to = number_of(message.to);
    if (nodes_.contains(to)) step(to, message);
  }
  return picked.size();
}

void RaftWorld::deliver_all() {
  for (std::size_t i = 0; !wire_.empty(); ++i) {
    if (i == (is_quiet ? kMessagesQuiet : kMessagesNoted)) return note("... and so on, without end");
    const Message message = std::move(wire_.front());
    wire_.pop_front();
    const Number to = number_of(message.to);
    if (nodes_.contains(to)) step(to, message);
  }
}

std::size_t RaftWorld::drop(const Filter& filter) {
  return take(filter).size();
}

std::size_t RaftWorld::duplicate(const Filter& filter) {
  std::vector<Message> copies;
  for (const Message& message : wire_) {
    if (filter(message)) copies.push_back(message);
  }
  wire_.insert(wire_.end(), copies.begin(), copies.end());
  return copies.size();
}

// --- disks ---

void RaftWorld::take_jobs(Number number, Output& out) {
  auto& jobs = nodes_.at(number).disk.jobs;
  const std::size_t first_new = jobs.size();
  if (out.persist) jobs.emplace_back(std::move(*out.persist));
  for (auto& job : out.read_log) jobs.emplace_back(job);
  for (auto& job : out.want_snapshot) jobs.emplace_back(job);
  for (auto& job : out.read_chunk) jobs.emplace_back(job);
  if (out.store_chunk) jobs.emplace_back(std::move(*out.store_chunk));
  if (out.install) jobs.emplace_back(std::move(*out.install));
  for (std::size_t i = first_new; i < jobs.size(); ++i) note_job(number, jobs[i]);
}

void RaftWorld::work(Number number) {
  const RaftDisk& disk = nodes_.at(number).disk;
  if (!disk.is_manual && !disk.is_stalled) sync(number, disk.jobs.size());
}

void RaftWorld::sync(Number number, std::size_t jobs) {
  RaftDisk& disk = nodes_.at(number).disk;
  for (std::size_t i = 0; i < jobs && !disk.jobs.empty(); ++i) {
    const Job job = std::move(disk.jobs.front());
    disk.jobs.pop_front();
    finish(number, job);
  }
}

void RaftWorld::finish(Number number, const Job& job) {
  RaftDisk& disk = nodes_.at(number).disk;
  if (const auto* persist = std::get_if<Persist>(&job)) {
    disk.write(*persist);
    step(number, Persisted{persist->number});
  } else if (const auto* read = std::get_if<ReadLog>(&job)) {
    step(number, LogRead{read->to, read->from, disk.read(read->from, read->bytes_max)});
  } else if (const auto* want = std::get_if<WantSnapshot>(&job)) {
    const bool has_none = std::exchange(disk.has_no_snapshot, false) || disk.snapshot.id.is_none();
    step(number, has_none ? Event(SnapshotFailed{want->to}) : Event(SnapshotReady{want->to, disk.snapshot}));
  } else if (const auto* chunk = std::get_if<ReadChunk>(&job)) {
    const std::string& bytes = files_.at(chunk->snapshot.id);
    const std::size_t at = std::min<std::size_t>(chunk->offset, bytes.size());
    step(number, ChunkRead{chunk->to, chunk->snapshot.id, chunk->offset,
                           make_payload(bytes.substr(at, chunk->bytes_max))});
  } else if (const auto* store = std::get_if<StoreChunk>(&job)) {
    disk.store(*store);
    step(number, ChunkStored{store->snapshot.id, disk.incoming->next_offset});
  } else if (const auto* meta = std::get_if<SnapshotMeta>(&job)) {
    install(number, *meta);
  }
}

void RaftWorld::install(Number number, const SnapshotMeta& meta) {
  Node& node = nodes_.at(number);
  if (std::exchange(node.disk.is_spoiled, false)) {
    node.disk.incoming.reset();
    return step(number, SnapshotUnusable{meta.id});
  }
  node.disk.install();
  node.machine = commands_in(node.disk.snapshot_bytes);
  step(number, SnapshotInstalled{meta.id});
}

void RaftWorld::stall(Number number) {
  nodes_.at(number).disk.is_stalled = true;
  step(number, DiskStalled{});
}

void RaftWorld::works(Number number) {
  nodes_.at(number).disk.is_stalled = false;
  step(number, DiskWorks{});
}

void RaftWorld::crash(Number number) {
  Node& node = nodes_.at(number);
  node.core.reset();
  node.disk.jobs.clear();
  node.disk.is_stalled = false;
  node.machine.clear();
  std::erase_if(wire_, [&](const Message& message) { return number_of(message.to) == number; });
}

void RaftWorld::restart(Number number) {
  start_core(number);
  if (!is_quiet) note(state(number));
}

void RaftWorld::compact(Number number, LogIndex keep_from) {
  Node& node = nodes_.at(number);
  std::string bytes = fmt::format("{}", fmt::join(node.machine, " "));
  SnapshotMeta meta = node.core->describe_applied(snapshot_id(++snapshots_), bytes.size());
  files_[meta.id] = bytes;
  node.disk.compact(meta, std::move(bytes), keep_from);
  note(fmt::format("{}: s{} is of {}, with members {}: {} bytes", number, meta.id.bytes[15],
                   text_of(meta.position), text_of(meta.members), meta.bytes));
  step(number, Compacted{meta, keep_from});
}

}  // namespace ringhold::golden

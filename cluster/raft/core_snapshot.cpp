// Snapshots, for replicas that need what is in the log no more (dissertation, chapter 5).
//
// The leader asks its shell for a file, offers it, and sends one chunk at a time; the follower says how much
// it has, so after a break they go on where they were. A chunk counts only from the leader of the present
// term. When all is there, the shell of the follower checks and loads it; meanwhile it takes no entries.
#include <algorithm>
#include <utility>

#include "cluster/raft/core.h"
#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold::raft {

SnapshotMeta Core::describe_applied(Id128 id, std::uint64_t bytes) const {
  const auto term = log_.term_at(applied_);
  INVARIANT(term.has_value());
  const Membership& members =
      broken(Bug::kSnapshotWithoutMembership) ? log_.snapshot().members : log_.membership_at(applied_);
  return {id, {applied_, *term}, members, bytes};
}

// --- the leader ---

// Only for one that can be heard: the shell keeps a file, and the log behind it, for as long as this takes.
void Core::begin_snapshot(ReplicaId to, Progress& peer) {
  peer.to_probe();
  if (now_ - peer.heard_at > options_.timing.election_max) {
    peer.probing = true;
    peer.probed_at = now_;
    return;
  }
  peer.state = Progress::State::kSnapshot;
  peer.transfer = SnapshotTransfer{};
  peer.transfer->sent_at = now_;
  out_.want_snapshot.push_back({to});
}

void Core::handle(const SnapshotReady& event) {
  Progress* peer = peer_of(event.to);
  if (peer == nullptr || !peer->transfer || peer->transfer->snapshot) {
    out_.transfer_over.push_back(event.to);
    return;
  }
  peer->transfer->snapshot = event.snapshot;
  offer(event.to, *peer->transfer);
}

void Core::offer(ReplicaId to, SnapshotTransfer& transfer) {
  transfer.offered = true;
  transfer.sent_at = now_;
  say(to, SnapshotChunk{*transfer.snapshot, 0, nullptr});
}

void Core::handle(const SnapshotFailed& event) {
  Progress* peer = peer_of(event.to);
  if (peer != nullptr && peer->transfer) give_up_snapshot(event.to, *peer);
}

// Silence: the offer, or a chunk, or its answer has been lost.
void Core::ask_chunk(ReplicaId to, Progress& peer) {
  if (now_ - peer.heard_at > 4 * options_.timing.election_max) return give_up_snapshot(to, peer);
  SnapshotTransfer& transfer = *peer.transfer;
  if (!transfer.snapshot || transfer.reading || now_ - transfer.sent_at < options_.timing.election_max)
    return;
  offer(to, transfer);
}

void Core::handle(const ChunkRead& event) {
  Progress* peer = peer_of(event.to);
  if (peer == nullptr || !peer->transfer) return;
  SnapshotTransfer& transfer = *peer->transfer;
  if (!transfer.snapshot || transfer.snapshot->id != event.snapshot || !transfer.reading) return;
  transfer.reading = false;
  if (event.data == nullptr || event.data->empty()) return give_up_snapshot(event.to, *peer);
  if (event.offset != transfer.next_offset) return;
  transfer.in_flight_bytes = event.data->size();
  transfer.sent_at = now_;
  say(event.to, SnapshotChunk{*transfer.snapshot, event.offset, event.data});
}

void Core::handle(const Message& message, const SnapshotReply& reply) {
  Progress* receiver = hear_peer(message);
  if (receiver == nullptr || !receiver->transfer || !receiver->transfer->snapshot) return;
  Progress& peer = *receiver;
  SnapshotTransfer& transfer = *peer.transfer;
  if (transfer.snapshot->id != reply.snapshot) return;
  switch (reply.status) {
    case SnapshotReply::Status::kInstalled:
      if (reply.match > log_.last_index()) return;
      end_snapshot(message.from, peer);
      return accepted(message.from, peer, reply.match);
    case SnapshotReply::Status::kUnusable:
      return give_up_snapshot(message.from, peer);
    case SnapshotReply::Status::kGoOn:
      break;
  }
  // The answer to what was sent last, and to nothing else: else one that came twice would be followed by two
  // chunks, for ever.
  const bool is_expected =
      transfer.offered || reply.next_offset == transfer.next_offset + transfer.in_flight_bytes;
  if (!is_expected || transfer.reading || reply.next_offset >= transfer.snapshot->bytes) return;
  transfer.offered = false;
  transfer.next_offset = reply.next_offset;
  transfer.in_flight_bytes = 0;
  transfer.reading = true;
  out_.read_chunk.push_back(
      {message.from, *transfer.snapshot, transfer.next_offset, options_.bounds.chunk_bytes});
}

void Core::end_snapshot(ReplicaId to, Progress& peer) {
  out_.transfer_over.push_back(to);
  peer.transfer.reset();
  peer.to_probe();
}

// Later heartbeats try again; a snapshot that could not be taken is not asked for all the time.
void Core::give_up_snapshot(ReplicaId to, Progress& peer) {
  end_snapshot(to, peer);
  peer.probing = true;
  peer.probed_at = now_ + options_.timing.election_max;
}

void Core::handle(const Compacted& event) {
  log_.compact(event.snapshot, event.keep_from);
}

// --- the follower ---

void Core::handle(const Message& message, const SnapshotChunk& chunk) {
  const bool is_leader = hear_leader(message);
  if (!is_leader && !(broken(Bug::kChunkOfOldLeader) && leading() == nullptr)) {
    say_when(Until::kVoteIsDurable, message.from, SnapshotReply{.snapshot = chunk.snapshot.id});
    return;
  }
  if (stalled_ || (incoming_ && (incoming_->storing || incoming_->installing))) return;
  if (log_.has(chunk.snapshot.position)) commit_to(chunk.snapshot.position.index);
  if (chunk.snapshot.position.index <= commit_) {
    incoming_.reset();
    say_when(Until::kLogIsDurable, message.from,
             SnapshotReply{chunk.snapshot.id, SnapshotReply::Status::kInstalled, 0, commit_});
    return;
  }
  if (!incoming_ || incoming_->snapshot.id != chunk.snapshot.id) incoming_ = Incoming{chunk.snapshot};
  // All of it was durable when this replica stopped.
  if (incoming_->next_offset > 0 && incoming_->next_offset == incoming_->snapshot.bytes)
    return install_incoming();
  if (chunk.data == nullptr || chunk.offset != incoming_->next_offset) {
    say_when(Until::kVoteIsDurable, message.from,
             SnapshotReply{chunk.snapshot.id, SnapshotReply::Status::kGoOn, incoming_->next_offset, {}});
    return;
  }
  incoming_->storing = true;
  out_.store_chunk = StoreChunk{chunk.snapshot, chunk.offset, chunk.data};
}

void Core::reply_snapshot(SnapshotReply reply) {
  if (const auto to = leader(); to && *to != self()) say_when(Until::kVoteIsDurable, *to, std::move(reply));
}

void Core::handle(const ChunkStored& event) {
  if (!incoming_ || incoming_->snapshot.id != event.snapshot || !incoming_->storing) return;
  incoming_->storing = false;
  incoming_->next_offset = event.next_offset;
  if (event.next_offset < incoming_->snapshot.bytes)
    return reply_snapshot({event.snapshot, SnapshotReply::Status::kGoOn, event.next_offset, {}});
  install_incoming();
}

void Core::install_incoming() {
  // The log may have got there meanwhile.
  const Id128 id = incoming_->snapshot.id;
  const Position position = incoming_->snapshot.position;
  if (leading() != nullptr || position.index <= commit_ || log_.has(position)) {
    incoming_.reset();
    const LogIndex match = std::min(commit_, durable_);
    if (match >= position.index) reply_snapshot({id, SnapshotReply::Status::kInstalled, 0, match});
    return;
  }
  incoming_->installing = true;
  if (!std::holds_alternative<Follower>(role_)) become_follower(vote_.term, std::nullopt);
  out_.install = incoming_->snapshot;
}

void Core::handle(const SnapshotInstalled& event) {
  INVARIANT(incoming_ && incoming_->installing && incoming_->snapshot.id == event.snapshot);
  const SnapshotMeta snapshot = incoming_->snapshot;
  // The snapshot may be older than its addition: then it was no member before either.
  removed_ = is_member_at(applied_) && snapshot.members.find(self()) == nullptr;
  incoming_.reset();
  log_ = Log(snapshot);
  commit_ = applied_ = durable_ = snapshot.position.index;
  unsynced_bytes_ = 0;
  // What is still on its way to the disk stands behind nothing any more.
  for (Outstanding& outstanding : outstanding_) outstanding = {outstanding.number, std::nullopt, 0};
  reply_snapshot({snapshot.id, SnapshotReply::Status::kInstalled, 0, snapshot.position.index});
}

void Core::handle(const SnapshotUnusable& event) {
  if (!incoming_ || incoming_->snapshot.id != event.snapshot) return;
  incoming_.reset();
  reply_snapshot({event.snapshot, SnapshotReply::Status::kUnusable, 0, {}});
  apply_committed();
}

}  // namespace ringhold::raft

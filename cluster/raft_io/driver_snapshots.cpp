// When a replica takes a snapshot, gives one to another, and is given one.
#include <algorithm>
#include <utility>

#include "cluster/raft_io/driver.h"
#include "common/base/check.h"
#include "common/base/log.h"

namespace ringhold::raft_io {

void Driver::carry_out_snapshots(raft::Output& out) {
  for (const raft::ReadLog& wanted : out.read_log) {
    log_->read(wanted.from, wanted.bytes_max, [this, wanted](std::vector<raft::Entry> entries) {
      feed(raft::LogRead{wanted.to, wanted.from, std::move(entries)});
    });
  }
  for (const raft::ReplicaId to : out.transfer_over) {
    std::erase(want_snapshot_, to);
    snapshots_.unpin(to);
  }
  for (const raft::WantSnapshot& wanted : out.want_snapshot) give_snapshot(wanted.to);
  for (const raft::ReadChunk& wanted : out.read_chunk) {
    snapshots_.read_chunk(
        wanted.snapshot, wanted.offset, wanted.bytes_max, [this, wanted](raft::Payload data) {
          feed(raft::ChunkRead{wanted.to, wanted.snapshot.id, wanted.offset, std::move(data)});
        });
  }
  if (out.store_chunk) store(*out.store_chunk);
  if (out.install) install(*out.install);
}

// --- to another ---

void Driver::give_snapshot(raft::ReplicaId to) {
  const raft::SnapshotMeta* newest = snapshots_.newest();
  // What stands in the log from behind it on must be there as well.
  if (newest != nullptr && newest->position.index.next() >= core_->log().first_index()) {
    snapshots_.pin(to, *newest);
    return feed(raft::SnapshotReady{to, *newest});
  }
  want_snapshot_.push_back(to);
  take_snapshot();
}

// --- of its own ---

void Driver::take_snapshot_if_due() {
  if (log_bytes_ >= options_.snapshot_log_bytes) take_snapshot();
}

void Driver::take_snapshot() {
  if (!core_ || faulty_ || snapshots_.saving() || installing_) return;
  // One that joins, and has not come to the entry that names the members: nobody could go by its snapshot.
  if (core_->log().membership_at(core_->applied()).empty()) return;
  log_bytes_ = 0;
  snapshots_.save([this] { return core_->describe_applied(random_id(), 0); },
                  [this](const Result<raft::SnapshotMeta>& saved) { on_saved(saved); });
}

void Driver::on_saved(const Result<raft::SnapshotMeta>& saved) {
  if (faulty_) return;
  if (!saved.ok()) log::warn("no snapshot could be taken: {}", saved.error().message);
  // One from elsewhere may have come in meanwhile, and hold more.
  const bool counts =
      saved.ok() && !installing_ && saved->position.index > core_->log().snapshot().position.index;
  if (counts) compact(*saved);
  const std::weak_ptr<int> life = life_;
  for (const raft::ReplicaId to : std::exchange(want_snapshot_, {})) {
    if (saved.ok()) {
      give_snapshot(to);
    } else {
      feed(raft::SnapshotFailed{to});
    }
    if (life.expired()) return;
  }
}

void Driver::compact(const raft::SnapshotMeta& snapshot) {
  const raft::LogIndex keep_from = keep_log_from(snapshot);
  log_->compact(snapshot, keep_from);
  feed(raft::Compacted{snapshot, keep_from});
}

// What replicas that are a little behind may still ask for, and what those need that are given a snapshot.
raft::LogIndex Driver::keep_log_from(const raft::SnapshotMeta& snapshot) const {
  raft::LogIndex keep = std::min(snapshot.position.index.next(), core_->log().memory_first());
  if (const auto pinned = snapshots_.oldest_pinned()) keep = std::min(keep, pinned->next());
  return std::max(keep, core_->log().first_index());
}

Id128 Driver::random_id() {
  Id128 id;
  for (std::size_t i = 0; i < id.bytes.size(); i += sizeof(std::uint64_t)) {
    const std::uint64_t random = world_.rng.next();
    for (std::size_t j = 0; j < sizeof random; ++j)
      id.bytes[i + j] = static_cast<std::uint8_t>(random >> (8 * j));
  }
  return id;
}

// --- from another ---

void Driver::store(const raft::StoreChunk& chunk) {
  snapshots_.store_chunk(chunk, [this, id = chunk.snapshot.id](const Result<std::uint64_t>& stored) {
    if (stored.ok()) return feed(raft::ChunkStored{id, *stored});
    log::warn("a snapshot that comes in cannot be written: {}", stored.error().message);
    feed(raft::SnapshotUnusable{id});
  });
}

void Driver::install(const raft::SnapshotMeta& snapshot) {
  installing_ = true;
  snapshots_.install(snapshot, [this, snapshot](const SnapshotFiles::Installed& outcome) {
    on_installed(snapshot, outcome);
  });
}

void Driver::on_installed(const raft::SnapshotMeta& snapshot, const SnapshotFiles::Installed& outcome) {
  if (faulty_) return;
  if (outcome.state_is_lost) return fault(outcome.error);
  if (!outcome.error.empty()) {
    installing_ = false;
    log::warn("a snapshot that came in cannot be used: {}", outcome.error);
    return feed(raft::SnapshotUnusable{snapshot.id});
  }
  log_->reset(snapshot, [this, snapshot] {
    installing_ = false;
    const std::weak_ptr<int> life = life_;
    feed(raft::SnapshotInstalled{snapshot.id});
    if (life.expired()) return;
    update_peers();
    // What was proposed here before is in the snapshot, or not: nobody can tell.
    std::vector<ProposalDone> unknown;
    for (auto it = proposals_.begin(); it != proposals_.end() && it->first <= snapshot.position.index;) {
      unknown.push_back(std::move(it->second.done));
      it = proposals_.erase(it);
    }
    for (const ProposalDone& done : unknown) {
      done(ProposalEnd::kUnknown, "this replica was given a snapshot");
      if (life.expired()) return;
    }
  });
}

}  // namespace ringhold::raft_io

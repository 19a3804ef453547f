#include "tests/golden/raft_disk.h"

#include <algorithm>

namespace ringhold::golden {

using namespace raft;

void RaftDisk::write(const Persist& persist) {
  if (persist.vote) vote = *persist.vote;
  commit = std::max(commit, persist.commit);
  if (persist.entries.empty()) return;
  lose_from(persist.entries.front().position.index);
  entries.insert(entries.end(), persist.entries.begin(), persist.entries.end());
}

void RaftDisk::lose_from(LogIndex index) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.position.index >= index; });
}

std::vector<Entry> RaftDisk::read(LogIndex from, std::size_t bytes_max) const {
  std::vector<Entry> found;
  std::size_t bytes = 0;
  for (const Entry& entry : entries) {
    if (entry.position.index < from) continue;
    if (found.empty() && entry.position.index > from) break;
    bytes += entry.cost();
    if (!found.empty() && bytes > bytes_max) break;
    found.push_back(entry);
  }
  return found;
}

void RaftDisk::store(const StoreChunk& chunk) {
  if (chunk.offset == 0) incoming_bytes.clear();
  incoming_bytes += *chunk.data;
  incoming = Recovered::Incoming{chunk.snapshot, incoming_bytes.size()};
}

void RaftDisk::install() {
  const SnapshotMeta meta = incoming->snapshot;
  snapshot = meta;
  snapshot_bytes = incoming_bytes;
  base = meta.position;
  entries.clear();
  commit = std::max(commit, meta.position.index);
  incoming.reset();
  incoming_bytes.clear();
}

void RaftDisk::compact(const SnapshotMeta& meta, std::string bytes, LogIndex keep_from) {
  snapshot = meta;
  snapshot_bytes = std::move(bytes);
  if (keep_from <= base.index.next()) return;
  for (const Entry& entry : entries) {
    if (entry.position.index == keep_from.previous()) base = entry.position;
  }
  std::erase_if(entries, [&](const Entry& entry) { return entry.position.index < keep_from; });
}

Recovered RaftDisk::recover() const {
  Recovered recovered{.vote = vote, .log = Log(snapshot, base), .incoming = incoming};
  for (const Entry& entry : entries) recovered.log.append(entry);
  recovered.applied = std::max(snapshot.position.index, std::min(commit, recovered.log.last_index()));
  return recovered;
}

}  // namespace ringhold::golden

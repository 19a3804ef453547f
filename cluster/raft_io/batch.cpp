#include "cluster/raft_io/batch.h"

#include <algorithm>

#include "common/base/check.h"

namespace ringhold::raft_io {

namespace {

// Of a record, besides the payload: its length, and the fields with all varints at their longest.
constexpr std::size_t kRecordFrontBytesMax = 40;

void add(Batch& batch, const raft::Persist& request, LogTail& tail, raft::LogIndex& commit) {
  batch.number = request.number;
  if (request.vote) batch.vote = request.vote;
  for (const raft::Entry& entry : request.entries) {
    batch.entries.push_back({entry.position.index, batch.records.size()});
    append_entry(batch.records, entry);
    tail.last = entry.position;
  }
  commit = std::max(commit, request.commit);
}

}  // namespace

std::size_t record_bytes_max(const raft::Persist& request) {
  std::size_t bytes = kRecordFrontBytesMax;
  for (const raft::Entry& entry : request.entries) bytes += entry.payload_bytes() + kRecordFrontBytesMax;
  return bytes;
}

Batch take_batch(std::deque<Request>& queue, std::size_t bytes_max, LogTail& tail) {
  Batch batch;
  batch.before = tail;
  raft::LogIndex commit = tail.commit;
  std::size_t bytes = 0;
  bool is_first = true;
  while (!queue.empty()) {
    const auto* request = std::get_if<raft::Persist>(&queue.front());
    INVARIANT(request != nullptr || !is_first);
    if (request == nullptr) break;
    bytes += record_bytes_max(*request);
    if (!is_first && bytes > bytes_max) break;
    add(batch, *request, tail, commit);
    queue.pop_front();
    is_first = false;
  }
  // What is committed matters to a restart only: alone it is not worth a write.
  commit = std::min(commit, tail.last.index);
  if (!batch.entries.empty() && commit > tail.commit) {
    append_commit(batch.records, commit);
    tail.commit = commit;
  }
  return batch;
}

}  // namespace ringhold::raft_io

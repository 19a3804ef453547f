#include "cluster/raft_io/log_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/raft_io/file_names.h"
#include "common/base/check.h"

namespace ringhold::raft_io {

namespace {

// The identity's file, roughly.
constexpr std::uint64_t kIdentityBytes = 100;

}  // namespace

LogStore::LogStore(const World& world, std::string directory, Identity identity, LogOptions options,
                   LogCallbacks callbacks)
    : world_(world),
      directory_(std::move(directory)),
      identity_(std::move(identity)),
      options_(options),
      callbacks_(std::move(callbacks)),
      identity_saver_(world.disk, directory_),
      vote_file_(world.disk, directory_),
      writer_(world, directory_, identity_, {options.segment_bytes, options.retry_pause},
              [this](const std::string& why) { trouble(why); }),
      reader_(world, directory_, index_, [this](const std::string& text) { callbacks_.on_damage(text); }),
      chores_(world, directory_, options.retry_pause),
      retry_timer_(world.scheduler.make_timer([this] { std::exchange(retried_, nullptr)(); })) {}

void LogStore::persist(raft::Persist request) {
  queue_.emplace_back(std::move(request));
  begin_later();
}

void LogStore::reset(const raft::SnapshotMeta& snapshot, std::function<void()> done) {
  queue_.emplace_back(ResetRequest{snapshot, std::move(done)});
  begin_later();
}

void LogStore::compact(const raft::SnapshotMeta& snapshot, raft::LogIndex keep_from) {
  INVARIANT(keep_from <= snapshot.position.index.next());
  std::uint32_t first = segments_.front().number;
  for (std::size_t i = 0; i + 1 < segments_.size() && segments_[i].max_index < keep_from; ++i) ++first;
  remove_before(first);
}

void LogStore::read(raft::LogIndex from, std::size_t bytes_max, LogReader::Done done) {
  reader_.read(from, bytes_max, std::move(done));
}

LogFigures LogStore::figures() const {
  LogFigures figures = figures_;
  figures.segments = segments_.size();
  figures.syncs = writer_.syncs();
  figures.bytes_written = writer_.bytes_written();
  figures.bytes_on_disk = kVoteFileBytes + kIdentityBytes + writer_.spare_bytes();
  for (const Segment& segment : segments_) figures.bytes_on_disk += segment.bytes;
  return figures;
}

// --- requests, one batch after the other ---

// At the end of this turn: all that it asks for is one write.
void LogStore::begin_later() {
  if (busy_ || begins_later_) return;
  begins_later_ = true;
  world_.scheduler.defer(guard_.wrap([this] {
    begins_later_ = false;
    begin();
  }));
}

void LogStore::begin() {
  if (busy_ || queue_.empty()) return;
  busy_ = true;
  if (std::holds_alternative<ResetRequest>(queue_.front())) return begin_reset();
  begin_batch();
}

void LogStore::begin_batch() {
  std::size_t room = writer_.room();
  if (record_bytes_max(std::get<raft::Persist>(queue_.front())) > room) room = writer_.fresh_room();
  batch_ = take_batch(queue_, std::min(room, options_.write_bytes_max), tail_);
  if (!batch_.vote) return write_records();
  vote_ = *batch_.vote;
  save_vote([this] { write_records(); });
}

void LogStore::save_vote(std::function<void()> next) {
  const std::uint32_t segment = segments_.empty() ? 0 : segments_.back().number;
  vote_file_.save(vote_, segment, [this, segment, next = std::move(next)](const Result<void>& outcome) {
    if (outcome.ok()) {
      segment_in_vote_ = segment;
      return next();
    }
    trouble(fmt::format("{} fails: {}", vote_path(directory_), outcome.error().message));
    retry([this, next] { save_vote(next); });
  });
}

// Before anything counts that is in a new segment, the vote file names it.
void LogStore::save_segment(std::function<void()> next) {
  if (segments_.back().number == segment_in_vote_) return next();
  save_vote(std::move(next));
}

void LogStore::write_records() {
  if (batch_.records.empty()) return batch_done();
  LogWrite write{std::move(batch_.records), std::nullopt, batch_.before.last, batch_.before.commit};
  writer_.write(std::move(write), [this](const Written& written) { batch_written(written); });
}

void LogStore::batch_written(const Written& written) {
  note_segment(written);
  note_entries(batch_.entries, written);
  ++figures_.writes;
  figures_.entries += batch_.entries.size();
  save_segment([this] { batch_done(); });
}

void LogStore::batch_done() {
  works();
  busy_ = false;
  callbacks_.on_persisted(batch_.number);
  begin();
}

void LogStore::begin_reset() {
  const auto request = std::get<ResetRequest>(std::move(queue_.front()));
  queue_.pop_front();
  const raft::Position last = request.snapshot.position;
  LogWrite write{{}, request.snapshot, last, last.index};
  writer_.write(std::move(write), [this, last, done = request.done](const Written& written) {
    note_segment(written);
    reader_.cut_off(raft::LogIndex{0});
    index_.reset(last.index);
    tail_ = {last, last.index};
    save_segment([this, written, done] {
      remove_before(written.segment);
      works();
      busy_ = false;
      done();
      begin();
    });
  });
}

void LogStore::note_segment(const Written& written) {
  if (segments_.empty() || segments_.back().number != written.segment) {
    if (!segments_.empty()) cut_to_used(segments_.back());
    segments_.push_back({written.segment, written.segment_bytes, 0, {}});
  }
  segments_.back().used = written.used;
}

void LogStore::note_entries(const std::vector<EntryAt>& entries, const Written& written) {
  for (const EntryAt& entry : entries) {
    if (entry.index <= index_.last()) reader_.cut_off(entry.index);
    index_.add(entry.index, written.segment, written.records_at + entry.offset);
    segments_.back().max_index = std::max(segments_.back().max_index, entry.index);
  }
}

void LogStore::cut_to_used(Segment& segment) {
  if (segment.bytes > segment.used) chores_.cut(segment_path(directory_, segment.number), segment.used);
  segment.bytes = segment.used;
}

void LogStore::remove_before(std::uint32_t segment) {
  while (segments_.front().number < segment) {
    chores_.remove(segment_path(directory_, segments_.front().number));
    segments_.erase(segments_.begin());
  }
  index_.forget_before(segment);
}

void LogStore::trouble(const std::string& why) {
  if (std::exchange(stalled_, true)) return;
  callbacks_.on_stalled(why);
}

void LogStore::works() {
  if (std::exchange(stalled_, false)) callbacks_.on_works();
}

void LogStore::retry(std::function<void()> what) {
  retried_ = std::move(what);
  retry_timer_->start(options_.retry_pause);
}

}  // namespace ringhold::raft_io

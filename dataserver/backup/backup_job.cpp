#include "dataserver/backup/backup_job.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/bug.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/log.h"

namespace ringhold {

namespace {

constexpr const char* kNewSuffix = ".new";
constexpr const char* kPreviousSuffix = ".previous";

}  // namespace

BackupJob::BackupJob(World world, Store& store, Options options)
    : world_(world),
      store_(store),
      options_(std::move(options)),
      timer_(world.scheduler.make_timer([this] { go_on(); })) {
  figures_.last_success_s = world.clock.wall_ms() / 1000;
  changes_at_last_ = store.changes();
}

BackupJob::~BackupJob() {
  if (store_.backup_running()) store_.end_backup();
}

template <typename Callback>
auto BackupJob::guarded(Callback callback) {
  return [this, callback, life = std::weak_ptr<int>(life_), attempt = *life_](auto&& outcome) {
    const auto alive = life.lock();
    if (alive == nullptr || *alive != attempt) return;
    (this->*callback)(std::forward<decltype(outcome)>(outcome));
  };
}

void BackupJob::start(Pace pace, Done done) {
  if (done) waiting_.push_back(std::move(done));
  if (pace == Pace::kHurry) pace_ = Pace::kHurry;
  if (running()) {
    if (pace == Pace::kHurry && timer_->active()) go_on_soon();
    return;
  }
  pace_ = pace;
  started_ = world_.clock.turn_time();
  begin();
}

void BackupJob::begin() {
  ++*life_;
  restart_ = flushed_ = false;
  state_ = State::kClearing;
  go_on_soon();
}

// In the next turn, after what clients have sent meanwhile.
void BackupJob::go_on_soon() {
  timer_->stop();
  if (std::exchange(soon_, true)) return;
  world_.scheduler.post([this, life = std::weak_ptr<int>(life_)] {
    if (life.expired()) return;
    soon_ = false;
    go_on();
  });
}

void BackupJob::go_on() {
  if (restart_) return restart();
  switch (state_) {
    case State::kClearing:
      return clear_some();
    case State::kWalking:
      return walk_some();
    default:
      return;
  }
}

void BackupJob::clear_some() {
  if (!store_.backup_cleared()) {
    store_.clear_backup_slice(limits::kBackupClearEntries);
    timer_->start(limits::kBackupPause);
    return;
  }
  create();
}

void BackupJob::create() {
  state_ = State::kCreating;
  world_.disk.create_file(options_.path + kNewSuffix, guarded(&BackupJob::on_created));
}

void BackupJob::on_created(Result<std::unique_ptr<WritableFile>> file) {
  if (!file) return fail(file.error());
  file_ = std::move(*file);
  pending_.clear();
  writer_.emplace(pending_);
  keys_ = set_aside_keys_ = 0;
  next_value_ = 1;
  if (!flushed_) {
    take_point();
    store_.begin_backup(*this);
  }
  writer_->append(pending_, ChunkKind::kHeader, encode_backup_header(header_));
  state_ = State::kWalking;
  walk_some();
}

// --- keys ---

void BackupJob::take_point() {
  point_ = options_.log_time();
  header_ = options_.about();
  header_.software = fmt::format("Ringhold {}", RINGHOLD_VERSION);
  header_.created_ms = static_cast<std::uint64_t>(world_.clock.wall_ms());
  header_.log_time = point_;
  header_.hash_seed = store_.options().seed;
  changes_at_start_ = store_.changes();
}

BackupKey BackupJob::about_key(const Entry& entry) const {
  const UnixMs deadline = broken(Bug::kDeadlineLost) ? kNoDeadline : entry.deadline();
  return {entry.type(), deadline, entry.idle_ms(point_) / 1000};
}

Walked BackupJob::write_entry(const Entry& entry) {
  if (entry.is_due(point_)) return Walked::kGoOn;
  ++keys_;
  const bool is_large = entry.bytes() > limits::kBackupPartBytes;
  if (is_large && entry.payload() == Payload::kTable) {
    large_.emplace_back(next_value_++, about_key(entry), entry, held_);
    return Walked::kEnough;
  }
  if (is_large) {
    write_in_parts(entry);
    return Walked::kEnough;
  }
  encoder_.begin_record(about_key(entry), entry.key());
  visit_items(entry, [this](std::string_view item) { encoder_.item(item); });
  encoder_.end_record();
  if (encoder_.bytes() >= limits::kBackupChunkBytes) seal_entries();
  return encoder_.empty() ? Walked::kEnough : Walked::kGoOn;
}

void BackupJob::seal_entries() {
  if (encoder_.empty()) return;
  writer_->append(pending_, ChunkKind::kEntries, encoder_.take_entries());
}

// A string of some megabytes, or a packed value under generous limits: too long for a chunk of whole keys,
// and short enough to be written in one go.
void BackupJob::write_in_parts(const Entry& entry) {
  PartWriter parts(next_value_++, about_key(entry), entry.key());
  // A field stays with its value, a member with its score.
  const std::size_t together = entry.type() == ValueType::kHash || entry.type() == ValueType::kZset ? 2 : 1;
  std::size_t items = 0;
  visit_items(entry, [&](std::string_view item) {
    if (items++ % together == 0 && parts.full()) parts.write(*writer_, pending_, /*is_last=*/false);
    parts.item(item);
  });
  parts.write(*writer_, pending_, /*is_last=*/true);
}

void BackupJob::write_large() {
  Large& large = large_.front();
  // Key and items together might be longer than a chunk may be.
  if (large.parts.full()) return large.parts.write(*writer_, pending_, /*is_last=*/false);
  const bool more = large.items.read(limits::kBackupChunkBytes,
                                     [&large](std::string_view item) { large.parts.item(item); });
  large.parts.write(*writer_, pending_, !more);
  if (!more) large_.pop_front();
}

void BackupJob::set_aside(const Entry& entry) {
  if (restart_ || entry.is_due(point_)) return;
  ++set_aside_keys_;
  write_entry(entry);
  update_full();
}

void BackupJob::on_flush() {
  restart_ = true;
  flushed_ = !options_.walk_after_flush;
  large_.clear();
  store_.end_backup();
  if (flushed_) take_point();
}

// --- the disk ---

void BackupJob::walk_some() {
  if (writing_bytes_ > 0) return;
  const std::size_t enough = limits::kBackupAppendBytes;
  // Where nothing is to be written, a turn ends all the same.
  constexpr int kSlicesMax = 20;
  for (int slices = 0; store_.backup_running() && pending_.size() < enough && slices < kSlicesMax; ++slices) {
    if (!large_.empty()) {
      write_large();
    } else if (!store_.backup_slice(limits::kBackupSliceEntries,
                                    [this](const Entry& entry) { return write_entry(entry); }) &&
               large_.empty()) {
      store_.end_backup();  // not before the last large value is written: FLUSHALL is of interest until then
    }
    if (encoder_.bytes() + pending_.size() > 0 && pace_ == Pace::kGentle) break;
  }
  if (!store_.backup_running()) {
    seal_entries();
    writer_->append(pending_, ChunkKind::kFooter,
                    encode_backup_footer({keys_, writer_->chunks(), writer_->bytes()}));
    state_ = State::kFooter;
  }
  if (state_ == State::kWalking && pending_.size() < enough) return rest();
  append_pending();
}

void BackupJob::append_pending() {
  writing_bytes_ = pending_.size();
  file_->append(std::exchange(pending_, {}), guarded(&BackupJob::on_appended));
}

void BackupJob::on_appended(const Result<void>& outcome) {
  writing_bytes_ = 0;
  update_full();
  if (restart_) return restart();
  if (!outcome) return fail(outcome.error());
  if (state_ == State::kFooter) return sync();
  // What is set aside goes first, and without a pause.
  if (pending_.size() >= limits::kBackupAppendBytes) return append_pending();
  rest();
}

void BackupJob::rest() {
  if (may_skip_pause()) return go_on_soon();
  timer_->start(limits::kBackupPause);
}

bool BackupJob::may_skip_pause() {
  if (pace_ == Pace::kHurry || full_) return true;
  const std::uint64_t served = options_.served ? options_.served() : 0;
  const int slices_max =
      served == served_before_ ? limits::kBackupSlicesWhenIdle : limits::kBackupSlicesInRow;
  if (++slices_ < slices_max) return true;
  slices_ = 0;
  served_before_ = served;
  return false;
}

void BackupJob::sync() {
  state_ = State::kSyncing;
  if (broken(Bug::kBackupNotSynced)) {
    file_.reset();
    return name();
  }
  file_->sync(guarded(&BackupJob::on_synced));
}

void BackupJob::on_synced(const Result<void>& outcome) {
  if (restart_) return restart();
  if (!outcome) return fail(outcome.error());
  file_.reset();
  name();
}

void BackupJob::name() {
  state_ = State::kNaming;
  const auto take_place = [this, life = std::weak_ptr<int>(life_)] {
    world_.disk.rename_file(options_.path + kNewSuffix, options_.path,
                            [this, life](const Result<void>& outcome) {
                              if (life.expired()) return;
                              if (!outcome) return fail(outcome.error());
                              end({});
                            });
  };
  if (!world_.disk.file_exists(options_.path)) return take_place();
  const std::string previous = options_.path + kPreviousSuffix;
  world_.disk.link_file(options_.path, previous,
                        [take_place, life = std::weak_ptr<int>(life_)](const Result<void>& outcome) {
                          if (life.expired()) return;
                          // Better a new backup without the one before than none.
                          if (!outcome)
                            log::warn("the previous backup is not kept: {}", outcome.error().message);
                          take_place();
                        });
}

// --- the end ---

void BackupJob::fail(const Error& why) {
  if (store_.backup_running()) store_.end_backup();
  give_up_work();
  file_.reset();
  state_ = State::kNaming;  // nothing more is written
  // The next attempt makes this file again: it must not lose it to our removal.
  const Error failure{fmt::format("the backup failed, and the one before it stays: {}", why.message)};
  world_.disk.remove_file(options_.path + kNewSuffix,
                          [this, failure, life = std::weak_ptr<int>(life_)](const Result<void>& /*outcome*/) {
                            if (!life.expired()) end(failure);
                          });
}

void BackupJob::restart() {
  log::info("backup {}: all keys were deleted; it begins again, and shows that", options_.path);
  file_.reset();
  give_up_work();
  if (!flushed_) return begin();
  restart_ = false;
  ++*life_;
  create();
}

// Drops what has not reached the file.
void BackupJob::give_up_work() {
  encoder_.clear();
  large_.clear();
  pending_.clear();
  pending_.shrink_to_fit();
  writing_bytes_ = 0;
  update_full();
}

void BackupJob::end(const Result<void>& outcome) {
  const auto took = world_.clock.turn_time() - started_;
  figures_.last_duration_s = std::chrono::duration_cast<std::chrono::seconds>(took).count();
  figures_.last_ok = outcome.ok();
  if (outcome.ok()) {
    ++figures_.done;
    figures_.last_success_s = world_.clock.wall_ms() / 1000;
    figures_.bytes = writer_->bytes();
    changes_at_last_ = changes_at_start_;
    log::info("backup {}: {} keys, {} bytes, {} keys set aside, {} ms", options_.path, keys_,
              writer_->bytes(), set_aside_keys_,
              std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  } else {
    ++figures_.failed;
    log::error("backup {}: {}", options_.path, outcome.error().message);
  }
  state_ = State::kIdle;
  pace_ = Pace::kGentle;
  ++*life_;
  give_up_work();
  for (const Done& done : std::exchange(waiting_, {})) done(outcome);
}

// What is set aside may grow to a tenth of the data, or to the least bound if that is more.
void BackupJob::update_full() {
  const std::size_t bound = std::max<std::size_t>(limits::kBackupSetAsideBytesMin, store_.used_bytes() / 10);
  const std::size_t aside = pending_.size() + writing_bytes_ + held_;
  const bool was_full = full_;
  full_ = full_ ? aside > bound / 2 : aside > bound;
  if (was_full && !full_ && on_room) world_.scheduler.defer(on_room);
  // The disk is idle only during a pause, which can be cut short.
  if (full_ && !was_full && timer_->active()) go_on_soon();
}

BackupState BackupJob::figures() const {
  BackupState figures = figures_;
  figures.running = running();
  figures.set_aside = set_aside_keys_;
  figures.changes_since = store_.changes() - changes_at_last_;
  if (running()) {
    figures.running_s =
        std::chrono::duration_cast<std::chrono::seconds>(world_.clock.turn_time() - started_).count();
  }
  return figures;
}

}  // namespace ringhold

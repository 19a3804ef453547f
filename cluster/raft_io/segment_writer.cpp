#include "cluster/raft_io/segment_writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/raft_io/file_names.h"
#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold::raft_io {

namespace {

// What a header without a snapshot takes, at the most.
constexpr std::size_t kHeaderBytesMax = 128;

}  // namespace

SegmentWriter::SegmentWriter(const World& world, std::string directory, const Identity& identity,
                             Options options, std::function<void(const std::string& why)> on_trouble)
    : world_(world),
      directory_(std::move(directory)),
      identity_(identity),
      options_(options),
      on_trouble_(std::move(on_trouble)),
      spare_(world, spare_path(directory_), {options.segment_bytes, options.retry_pause},
             [this] { advance(); }) {}

void SegmentWriter::continue_behind(const LogEnd& end) {
  end_ = {end.segment, end.sectors, end.sectors, end.checksum};
  spare_.make();
}

void SegmentWriter::write(LogWrite write, std::function<void(Written)> done) {
  INVARIANT(!write_);
  write_ = std::move(write);
  done_ = std::move(done);
  advance();
}

std::size_t SegmentWriter::room() const {
  if (!current_) return 0;
  return static_cast<std::size_t>(current_->bytes / kSectorBytes - end_.sector) * kSectorRoomBytes;
}

std::size_t SegmentWriter::fresh_room() const {
  const auto room = static_cast<std::size_t>(options_.segment_bytes / kSectorBytes * kSectorRoomBytes);
  return room - std::min(room, kHeaderBytesMax);
}

void SegmentWriter::advance() {
  if (!write_ || busy_) return;
  if (current_ && !write_->anew && write_->records.size() <= room()) return write_on();
  if (spare_.ready()) return begin_segment();
  if (!spare_.why_not().empty()) on_trouble_(spare_.why_not());
}

void SegmentWriter::write_on() {
  busy_ = true;
  const std::uint32_t sector = end_.sector;
  next_end_ = end_;
  next_end_.synced = sector;
  std::string sectors = pack_write(write_->records, next_end_);
  const auto written = [this, sector](const Result<void>& outcome) {
    busy_ = false;
    if (outcome.ok()) return finish(place_of(sector));
    // Nothing is known of what stands in it behind its last synced sector.
    current_.reset();
    on_trouble_(fmt::format("{} fails: {}", segment_path(directory_, end_.segment), outcome.error().message));
    advance();
  };
  write_at(*current_->file, std::uint64_t{sector} * kSectorBytes, std::move(sectors), guard_.wrap(written));
}

std::string SegmentWriter::header_record() const {
  SegmentHeader header;
  header.shard = identity_.shard;
  header.replica = identity_.replica;
  header.last = write_->last;
  header.commit = write_->commit;
  header.sectors_before = end_.sector;
  header.checksum_before = end_.checksum;
  header.anew = write_->anew;
  std::string record;
  append_header(record, header);
  return record;
}

void SegmentWriter::begin_segment() {
  busy_ = true;
  std::string records = header_record();
  next_records_at_ = records.size();
  records += write_->records;
  next_end_ = {end_.segment + 1, 0, static_cast<std::uint32_t>(sectors_for(records.size())), end_.checksum};
  std::string sectors = pack_write(records, next_end_);
  next_ = {spare_.take(), std::max<std::uint64_t>(spare_.bytes(), sectors.size())};
  if (sectors.size() <= spare_.bytes()) return fill_segment(std::move(sectors));
  next_.file->allocate(next_.bytes, guard_.wrap([this, sectors](const Result<void>& outcome) {
    if (!outcome.ok()) return failed_to_begin(outcome.error().message);
    fill_segment(sectors);
  }));
}

void SegmentWriter::fill_segment(std::string sectors) {
  write_at(*next_.file, 0, std::move(sectors), guard_.wrap([this](const Result<void>& outcome) {
    if (!outcome.ok()) return failed_to_begin(outcome.error().message);
    name_segment();
  }));
}

void SegmentWriter::name_segment() {
  const auto renamed = [this](const Result<void>& outcome) {
    if (!outcome.ok()) return failed_to_begin(outcome.error().message);
    begun();
  };
  world_.disk.rename_file(spare_path(directory_), segment_path(directory_, next_end_.segment),
                          guard_.wrap(renamed));
}

void SegmentWriter::begun() {
  ++syncs_;
  busy_ = false;
  current_ = std::exchange(next_, {});
  spare_.make();
  finish(next_records_at_);
}

void SegmentWriter::failed_to_begin(const std::string& why) {
  busy_ = false;
  next_ = {};
  spare_.failed(why);
  on_trouble_(why);
}

void SegmentWriter::finish(StreamPlace records_at) {
  end_ = next_end_;
  const Written written{end_.segment, current_->bytes, std::uint64_t{end_.sector} * kSectorBytes, records_at};
  write_.reset();
  const auto done = std::exchange(done_, nullptr);
  done(written);
}

void SegmentWriter::write_at(WritableFile& file, std::uint64_t offset, std::string sectors, DiskDone done) {
  bytes_written_ += sectors.size();
  if (broken(Bug::kLogNotSynced)) return file.append(std::move(sectors), std::move(done));
  ++syncs_;
  file.write_synced(offset, std::move(sectors), std::move(done));
}

}  // namespace ringhold::raft_io

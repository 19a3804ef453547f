#include "cluster/raft_io/log_recovery.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/raft_io/damage.h"
#include "cluster/raft_io/file_names.h"
#include "common/base/bug.h"

namespace ringhold::raft_io {

namespace {

using Kind = SegmentReader::Kind;

const char* what_is(Kind kind) {
  if (kind == Kind::kEnd) return "it was cut off here";
  return kind == Kind::kBlank ? "zeros in the place of what was written" : "the checksum is wrong";
}

}  // namespace

Result<std::vector<std::uint32_t>> list_segments(Disk& disk, const std::string& directory) {
  const auto names = disk.list_directory(directory);
  if (!names.ok()) return names.error();
  std::vector<std::uint32_t> numbers;
  for (const std::string& name : *names) {
    if (const auto number = segment_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

LogRecovery::LogRecovery(Disk& disk, std::string directory, const Identity& identity,
                         raft::SnapshotMeta newest, std::function<void(const raft::Entry&)> apply)
    : disk_(disk),
      directory_(std::move(directory)),
      builder_(identity, std::move(newest), std::move(apply)) {}

Error LogRecovery::damage_at(const Part& part, std::uint32_t sector, std::string_view what) const {
  return damage(part.path, std::uint64_t{sector} * kSectorBytes, what, directory_);
}

Result<RecoveredLog> LogRecovery::run(const VoteCopy& copy) {
  const raft::Vote& vote = copy.vote;
  const auto parts = find_segments();
  if (!parts.ok()) return parts.error();
  if (parts->back().segment.number < copy.segment) return missing(copy.segment);
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const Part& part = (*parts)[i];
    place_ = sectors_read_ = synced_ = 0;
    const bool is_last = i + 1 == parts->size();
    auto read = is_last ? read_last(part) : read_finished(part, *(*parts)[i + 1].header);
    if (!read.ok()) return read.error();
  }
  const auto anew = builder_.finish();
  if (!anew.ok()) return anew.error();
  if (builder_.last_entry_term() > vote.term) {
    return damage(vote_path(directory_), 0,
                  fmt::format("it says term {}, and the log has an entry of term {}: it is an old one",
                              vote.term.value, builder_.last_entry_term().value),
                  directory_);
  }
  found_.begins_anew = *anew;
  found_.commit = builder_.commit();
  found_.applied = builder_.applied();
  found_.log = builder_.take_log();
  return std::move(found_);
}

Result<std::vector<LogRecovery::Part>> LogRecovery::find_segments() {
  const auto numbers = list_segments(disk_, directory_);
  if (!numbers.ok()) return numbers.error();
  std::vector<Part> parts;
  for (const std::uint32_t number : *numbers) {
    Part part{{number, 0, 0, {}}, segment_path(directory_, number), {}};
    if (!parts.empty() && number != parts.back().segment.number + 1)
      return missing(parts.back().segment.number + 1);
    auto header = read_header(disk_, part.path, number);
    if (!header.ok()) return header.error();
    part.header = std::move(*header);
    if (!part.header) return damage_at(part, 0, "the segment's header is not there");
    parts.push_back(std::move(part));
  }
  if (parts.empty())
    return Error{fmt::format("{}/log-*.wal are missing. {}", directory_, way_out(directory_))};
  return parts;
}

Result<void> LogRecovery::read_finished(const Part& part, const SegmentHeader& next) {
  auto reader = SegmentReader::open(disk_, part.path, part.segment.number);
  if (!reader.ok()) return reader.error();
  found_.segments.push_back(part.segment);
  found_.segments.back().bytes = reader->file_bytes();
  while (sectors_read_ < next.sectors_before) {
    const auto sector = reader->next();
    if (!sector.ok()) return sector.error();
    if (sector->kind != Kind::kValid) return damage_at(part, sector->number, what_is(sector->kind));
    if (auto taken = take(part, *sector); !taken.ok()) return taken;
  }
  settle();
  const std::uint32_t last = sectors_read_ == 0 ? 0 : sectors_read_ - 1;
  if (!write_ended_) return damage_at(part, last, "the next segment says that it ends within a write");
  if (checksum_ != next.checksum_before)
    return damage_at(part, last, "the next segment names another sector as its last");
  return {};
}

Result<void> LogRecovery::read_last(const Part& part) {
  auto reader = SegmentReader::open(disk_, part.path, part.segment.number);
  if (!reader.ok()) return reader.error();
  found_.segments.push_back(part.segment);
  found_.segments.back().bytes = reader->file_bytes();
  while (true) {
    const auto sector = reader->next();
    if (!sector.ok()) return sector.error();
    if (sector->kind != Kind::kValid) {
      if (auto torn = check_torn(part, *reader, *sector); !torn.ok()) return torn;
      break;
    }
    if (auto taken = take(part, *sector); !taken.ok()) return taken;
  }
  if (synced_ >= sectors_read_) settle();
  return {};
}

Error LogRecovery::missing(std::uint32_t segment) const {
  return Error{fmt::format("{} is missing, and the log needs it. {}", segment_path(directory_, segment),
                           way_out(directory_))};
}

// `bad` is the first that is not valid.
Result<void> LogRecovery::check_torn(const Part& part, SegmentReader& reader, const Sector& bad) {
  if (broken(Bug::kDamageTakenForTorn)) return {};
  for (Sector at = bad; at.kind != Kind::kEnd;) {
    if (at.kind == Kind::kGarbage) return damage_at(part, at.number, what_is(at.kind));
    if (at.kind == Kind::kValid) synced_ = std::max(synced_, at.head.synced);
    auto next = reader.next();
    if (!next.ok()) return next.error();
    at = *next;
  }
  if (synced_ > bad.number) return damage_at(part, bad.number, what_is(bad.kind));
  return {};
}

Result<void> LogRecovery::take(const Part& part, const Sector& sector) {
  const bool is_first_of_log = found_.segments.size() == 1 && sector.number == 0;
  if (!is_first_of_log && sector.head.before != checksum_)
    return damage_at(part, sector.number, "it does not follow the sector before it");
  if (sector.head.first_of_write != write_ended_ && sector.number != 0)
    return damage_at(part, sector.number, "a write begins within another");
  if (sector.head.first_of_write) {
    parser_.clear();
    place_ = place_of(sector.number);
    if (sector.number > 0 && sector.head.synced >= sector.number) settle();
  }
  synced_ = std::max(synced_, sector.head.synced);
  checksum_ = sector.head.checksum;
  write_ended_ = sector.head.last_of_write;
  sectors_read_ = sector.number + 1;
  parser_.feed(sector.used_part);
  if (auto taken = take_records(part, sector.number); !taken.ok()) return taken;
  if (write_ended_ && parser_.left() > 0)
    return damage_at(part, sector.number, "a write ends within a record");
  return {};
}

Result<void> LogRecovery::take_records(const Part& part, std::uint32_t sector) {
  while (true) {
    auto found = parser_.next();
    if (!found.ok()) return damage_at(part, sector, found.error().message);
    if (!found->has_value()) return {};
    auto& [length, record] = **found;
    Result<void> added;
    if (const auto* header = std::get_if<SegmentHeader>(&record)) {
      if (place_ != 0) return damage_at(part, sector, "a header that does not begin its segment");
      added = builder_.add(*header);
      if (header->anew) {
        found_.index.reset(header->anew->position.index);
        found_.first_needed = part.segment.number;
      }
    } else {
      if (place_ == 0) return damage_at(part, sector, "the segment does not begin with its header");
      const std::size_t offset = found_.carried.size();
      found_.carried += parser_.last_bytes();
      if (auto* entry = std::get_if<raft::Entry>(&record)) {
        const raft::LogIndex index = entry->position.index;
        added = builder_.add(std::move(*entry));
        found_.index.add(index, part.segment.number, place_);
        found_.carried_entries.push_back({index, offset});
        Segment& segment = found_.segments.back();
        segment.max_index = std::max(segment.max_index, index);
      } else {
        added = builder_.add(std::get<CommitRecord>(record));
      }
    }
    if (!added.ok()) return damage_at(part, sector, added.error().message);
    place_ += length;
  }
}

// All that was read so far is durable.
void LogRecovery::settle() {
  found_.end = {found_.segments.back().number, sectors_read_, checksum_, builder_.log().last(),
                builder_.commit()};
  found_.segments.back().used = std::uint64_t{sectors_read_} * kSectorBytes;
  found_.carried.clear();
  found_.carried_entries.clear();
}

}  // namespace ringhold::raft_io

#include "cluster/raft_io/log_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/raft_io/damage.h"
#include "cluster/raft_io/file_names.h"
#include "common/base/limits.h"

namespace ringhold::raft_io {

static_assert(limits::kLogReadBytes % kSectorBytes == 0);

LogReader::LogReader(const World& world, std::string directory, const LogIndexMap& index,
                     std::function<void(const std::string& text)> on_damage)
    : world_(world), directory_(std::move(directory)), index_(index), on_damage_(std::move(on_damage)) {}

void LogReader::read(raft::LogIndex from, std::size_t bytes_max, Done done) {
  const auto reading = std::make_shared<Reading>();
  reading->next = from;
  reading->limit = index_.last().next();
  reading->bytes_left = bytes_max;
  reading->done = std::move(done);
  readings_.push_back(reading);
  world_.scheduler.post(guard_.wrap([this, reading] { go_on(reading); }));
}

void LogReader::cut_off(raft::LogIndex from) {
  for (const ReadingPtr& reading : readings_) reading->limit = std::min(reading->limit, from);
}

void LogReader::go_on(const ReadingPtr& reading) {
  if (reading->next >= reading->limit) return end(reading);
  if (!reading->in_run) {
    const auto run = index_.find(reading->next);
    if (!run) return end(reading);
    reading->run = *run;
    reading->in_run = true;
    reading->sector = sector_of(run->from.place);
    reading->skip = static_cast<std::size_t>(run->from.place % kSectorRoomBytes);
    reading->parser.clear();
  }
  std::size_t bytes = limits::kLogReadBytes;
  if (const auto run_end = reading->run.end) {
    const std::size_t sectors = sector_of(*run_end) + 1 - std::min(reading->sector, sector_of(*run_end));
    bytes = std::min(bytes, sectors * kSectorBytes);
  }
  const auto read = [this, reading](const Result<std::string>& piece) {
    if (!piece.ok()) return unreadable(reading, piece.error().message);
    take_piece(reading, *piece);
  };
  world_.disk.read_range(path(*reading), std::uint64_t{reading->sector} * kSectorBytes, bytes,
                         guard_.wrap(read));
}

void LogReader::take_piece(const ReadingPtr& reading, const std::string& piece) {
  if (piece.size() < kSectorBytes) return unreadable(reading, path(*reading) + " ends too early");
  const std::uint32_t first = reading->sector;
  for (std::string_view rest = piece; rest.size() >= kSectorBytes && reading->in_run;
       rest.remove_prefix(kSectorBytes)) {
    const std::string wrong = take_sector(*reading, rest.substr(0, kSectorBytes), reading->sector == first);
    if (wrong.empty()) continue;
    const std::uint64_t offset = std::uint64_t{reading->sector} * kSectorBytes;
    return unreadable(reading, damage(path(*reading), offset, wrong, directory_).message);
  }
  if (reading->bytes_left == 0) return end(reading);
  go_on(reading);
}

// What is wrong; empty: nothing.
std::string LogReader::take_sector(Reading& reading, std::string_view bytes, bool is_first_of_piece) {
  if (reading.next >= reading.limit) {
    reading.in_run = false;
    return {};
  }
  const auto head = read_sector(bytes, reading.run.from.segment, reading.sector);
  if (!head) return "a sector is not what was written";
  if (!is_first_of_piece && head->before != reading.checksum)
    return "it does not follow the sector before it";
  reading.checksum = head->checksum;
  const std::string_view used = used_part(bytes, *head);
  if (reading.skip > used.size()) return "an entry is not where it was written";
  reading.parser.feed(used.substr(std::exchange(reading.skip, 0)));
  std::string wrong = take_records(reading);
  ++reading.sector;
  return wrong;
}

std::string LogReader::take_records(Reading& reading) {
  while (reading.in_run) {
    auto found = reading.parser.next();
    if (!found.ok()) return found.error().message;
    if (!found->has_value()) return {};
    auto* entry = std::get_if<raft::Entry>(&(*found)->record);
    if (entry == nullptr) continue;
    const raft::LogIndex index = entry->position.index;
    if (index < reading.next) continue;
    if (index > reading.next) return fmt::format("entry {} is not there", reading.next.value);
    const std::size_t cost = entry->cost();
    const bool is_enough = !reading.entries.empty() && cost > reading.bytes_left;
    if (!is_enough) {
      reading.entries.push_back(std::move(*entry));
      reading.next = index.next();
    }
    reading.bytes_left -= std::min(cost, reading.bytes_left);
    const bool is_run_over = reading.next > reading.run.last || reading.next >= reading.limit;
    if (is_enough || is_run_over || reading.bytes_left == 0) reading.in_run = false;
  }
  return {};
}

// It may have been removed since the reading began.
void LogReader::unreadable(const ReadingPtr& reading, const std::string& what) {
  const bool is_wanted = reading->next < reading->limit && index_.find(reading->next).has_value();
  end(reading);
  if (is_wanted) on_damage_(what);
}

void LogReader::end(const ReadingPtr& reading) {
  std::erase(readings_, reading);
  reading->done(std::move(reading->entries));
}

std::string LogReader::path(const Reading& reading) const {
  return segment_path(directory_, reading.run.from.segment);
}

}  // namespace ringhold::raft_io

#include "tests/sim/world/sim_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace ringhold::sim {

namespace {
enum class Tear : std::uint8_t { kNone, kZeros, kGarbage };
}  // namespace

// Behind the synced size a sector was nothing, or zeros: that need not be remembered.
void SimFile::remember(std::size_t sector) {
  const auto [at, is_new] = unsynced_.try_emplace(sector);
  if (!is_new) return;
  const std::size_t begin = sector * kSectorBytes;
  const std::size_t length = std::min(kSectorBytes, synced_ - begin);
  at->second.fill('\0');
  content_.copy(at->second.data(), length, begin);
}

void SimFile::write(std::size_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  if (offset != content_.size()) update_in_place();
  const std::size_t end = offset + bytes.size();
  const std::size_t end_before = std::min(end, synced_);
  for (std::size_t at = offset / kSectorBytes; at * kSectorBytes < end_before; ++at) remember(at);
  if (end > content_.size()) content_.resize(end);
  content_.replace(offset, bytes.size(), bytes);
}

void SimFile::write_some(std::size_t offset, std::string_view bytes, SimRng& chaos) {
  update_in_place();
  while (!bytes.empty()) {
    const std::size_t length = std::min(bytes.size(), kSectorBytes - offset % kSectorBytes);
    if (chaos.one_in(2)) write(offset, bytes.substr(0, length));
    bytes.remove_prefix(length);
    offset += length;
  }
}

void SimFile::grow(std::size_t size) {
  update_in_place();
  if (size > content_.size()) content_.resize(size);
}

void SimFile::sync() {
  unsynced_.clear();
  synced_ = content_.size();
}

void SimFile::truncate(std::size_t size) {
  update_in_place();
  if (size < content_.size()) content_.resize(size);
  sync();
}

void SimFile::flip_bit(std::size_t bit) {
  char& byte = content_[bit / 8];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (bit % 8)));
}

void SimFile::lose_sectors(SimRng& chaos) {
  for (auto it = unsynced_.begin(); it != unsynced_.end();) {
    const std::size_t begin = it->first * kSectorBytes;
    const bool lost = chaos.one_in(2);
    if (lost) {
      const std::size_t length = std::min(kSectorBytes, content_.size() - begin);
      content_.replace(begin, length, it->second.data(), length);
    }
    it = lost ? unsynced_.erase(it) : std::next(it);
  }
  // The one that the synced size divides is one of those above if that was written.
  for (std::size_t at = (synced_ + kSectorBytes - 1) / kSectorBytes; at * kSectorBytes < content_.size();
       ++at) {
    if (!chaos.one_in(2)) continue;
    const std::size_t begin = at * kSectorBytes;
    const std::size_t length = std::min(kSectorBytes, content_.size() - begin);
    content_.replace(begin, length, length, '\0');
  }
}

// The size stays what programs see, as it does in a kernel.
void SimFile::fail_sync(SimRng& chaos) {
  lose_sectors(chaos);
}

std::string SimFile::crash(SimRng& chaos) {
  const std::size_t size = content_.size();
  const std::size_t synced = synced_;
  std::string how;
  if (only_appended_) {
    how = lose_end(chaos);
  } else {
    how = fmt::format("{} sectors in doubt", unsynced_.size());
    lose_sectors(chaos);
    if (size > synced && !chaos.one_in(3)) {
      const auto grown = static_cast<std::size_t>(chaos.below(size - synced));
      content_.resize(chaos.one_in(2) ? synced : synced + grown);
    }
  }
  sync();
  return fmt::format("keeps {} of {} bytes, {} synced, {}", content_.size(), size, synced, how);
}

std::string SimFile::lose_end(SimRng& chaos) {
  const std::size_t size = content_.size();
  const std::size_t kept = synced_ + static_cast<std::size_t>(chaos.below(size - synced_ + 1));
  const Tear tear = chaos.pick(std::vector{Tear::kNone, Tear::kZeros, Tear::kGarbage});
  content_.resize(kept);
  if (tear == Tear::kNone || kept == synced_) return tear == Tear::kNone ? "cut" : "torn";
  // From somewhere in the last sector that survives, to its end, or as far as the size had got.
  const std::size_t sector = (kept - 1) / kSectorBytes * kSectorBytes;
  const std::size_t low = std::max(synced_, sector);
  const std::size_t from = low + static_cast<std::size_t>(chaos.below(kept - low));
  const std::size_t end = chaos.one_in(2) ? size : std::min(size, sector + kSectorBytes);
  content_.resize(from);
  while (content_.size() < end) content_ += tear == Tear::kZeros ? '\0' : static_cast<char>(chaos.below(256));
  return "torn";
}

}  // namespace ringhold::sim

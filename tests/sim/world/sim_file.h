// What is under a name of a simulated disk, or under several: its content, and what of it is not safe yet.
//
// The disk knows sectors. What was written since the last sync is known by its sectors, with what each was
// before: at a crash, each is the one or the other. A size that has grown and was not synced may or may not
// have come so far; sectors that were not written in between are zeros. A file that was only ever appended to
// fares as file systems of another kind have it: a prefix of what was appended survives, and the end of that
// may be torn, or may be anything.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "tests/sim/world/random.h"

namespace ringhold::sim {

inline constexpr std::size_t kSectorBytes = 512;

class SimFile {
 public:
  SimFile() = default;
  // On the disk already.
  explicit SimFile(std::string content) : content_(std::move(content)), synced_(content_.size()) {}

  const std::string& content() const { return content_; }
  std::size_t size() const { return content_.size(); }
  bool is_synced() const { return unsynced_.empty() && synced_ == content_.size(); }

  // Neither is safe before sync(). A gap behind the end is zeros.
  void write(std::size_t offset, std::string_view bytes);
  // The part of `bytes` that falls into its sectors, of which each is written or not. Never an append.
  void write_some(std::size_t offset, std::string_view bytes, SimRng& chaos);
  void grow(std::size_t size);
  // From now on it is no file that was only appended to.
  void update_in_place() { only_appended_ = false; }

  void sync();
  // Each sector that is not safe is lost, or may still be saved by the next sync.
  void fail_sync(SimRng& chaos);
  // At once, and safe with all the rest.
  void truncate(std::size_t size);
  // What survives is safe. Precondition: !is_synced(). For the trace: how much there is left, and how.
  std::string crash(SimRng& chaos);

  void flip_bit(std::size_t bit);

 private:
  using Sector = std::array<char, kSectorBytes>;

  void remember(std::size_t sector);
  // Each sector, with a part behind the synced size, is as it was or as it is.
  void lose_sectors(SimRng& chaos);
  std::string lose_end(SimRng& chaos);

  std::string content_;
  std::size_t synced_ = 0;                  // the size that survives a crash
  std::map<std::size_t, Sector> unsynced_;  // of the sectors below it: what they were
  bool only_appended_ = true;
};

}  // namespace ringhold::sim

// What goes wrong on a simulated disk: no room, a crash, decay.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "tests/sim/world/files.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

namespace {

constexpr std::size_t kSectorBytes = 512;

enum class Tear : std::uint8_t { kNone, kZeros, kGarbage };

}  // namespace

std::uint64_t SimFiles::used() const {
  std::set<const SimFile*> counted;
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : names_) {
    if (counted.insert(file.get()).second) bytes += file->content.size();
  }
  return bytes;
}

void SimFiles::set_room(std::optional<std::uint64_t> bytes) {
  capacity_ = bytes ? std::optional(used() + *bytes) : std::nullopt;
}

std::size_t SimFiles::fitting(std::size_t wanted) const {
  if (!capacity_) return wanted;
  const std::uint64_t in_use = used();
  const std::uint64_t room = *capacity_ > in_use ? *capacity_ - in_use : 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, room));
}

bool SimFiles::flip_bit(const std::string& path) {
  const auto it = names_.find(path);
  if (it == names_.end() || it->second->content.empty()) return false;
  std::string& content = it->second->content;
  const auto bit = chaos_.below(8 * content.size());
  auto& byte = content[static_cast<std::size_t>(bit / 8)];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (bit % 8)));
  world_.trace().record(world_.now(), 0, EventKind::kDisk, bit,
                        fmt::format("{}: a bit of {} flips", process_name_, path));
  return true;
}

void SimFiles::crash() {
  for (const auto& operation : std::exchange(under_way_, {})) {
    if (operation->crash) {
      operation->crash(chaos_);
    } else if (chaos_.one_in(2)) {
      (void)operation->carry_out().ok();
    }
    world_.trace().record(world_.now(), 0, EventKind::kDisk, operation->detail,
                          fmt::format("{}: crash in {}", process_name_, operation->what));
  }
  for (const auto& [path, file] : names_) {
    if (file->synced < file->content.size()) lose_unsynced(path, *file);
  }
}

void SimFiles::lose_unsynced(const std::string& path, SimFile& file) {
  const std::size_t size = file.content.size();
  const std::size_t kept = file.synced + static_cast<std::size_t>(chaos_.below(size - file.synced + 1));
  const Tear tear = chaos_.pick(std::vector{Tear::kNone, Tear::kZeros, Tear::kGarbage});
  file.content.resize(kept);
  if (tear != Tear::kNone && kept > file.synced) {
    // From somewhere in the last sector that survives, to its end, or as far as the size had got.
    const std::size_t sector = (kept - 1) / kSectorBytes * kSectorBytes;
    const std::size_t low = std::max(file.synced, sector);
    const std::size_t from = low + static_cast<std::size_t>(chaos_.below(kept - low));
    const std::size_t end = chaos_.one_in(2) ? size : std::min(size, sector + kSectorBytes);
    file.content.resize(from);
    while (file.content.size() < end)
      file.content += tear == Tear::kZeros ? '\0' : static_cast<char>(chaos_.below(256));
  }
  world_.trace().record(world_.now(), 0, EventKind::kDisk, kept,
                        fmt::format("{}: {} keeps {} of {} bytes, {} synced, {}", process_name_, path, kept,
                                    size, file.synced, tear == Tear::kNone ? "cut" : "torn"));
  file.synced = file.content.size();
}

}  // namespace ringhold::sim

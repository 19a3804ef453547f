// What goes wrong on a simulated disk: no room, a crash, decay.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "tests/sim/world/files.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

std::uint64_t SimFiles::used() const {
  std::set<const SimFile*> counted;
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : names_) {
    if (counted.insert(file.get()).second) bytes += file->size();
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

std::size_t SimFiles::writable(const SimFile& file, std::size_t offset, std::size_t length) const {
  const std::size_t end = offset + length;
  if (end <= file.size()) return length;
  const std::size_t growth = end - file.size();
  const std::size_t short_of = growth - fitting(growth);
  return length - std::min(length, short_of);
}

bool SimFiles::write_fails() {
  return faults_.failing_appends_percent > 0 && chaos_.percent(faults_.failing_appends_percent);
}

bool SimFiles::sync_fails() {
  if (std::exchange(faults_.fail_next_sync, false)) return true;
  return faults_.fail_syncs_percent > 0 && chaos_.percent(faults_.fail_syncs_percent);
}

bool SimFiles::flip_bit(const std::string& path, std::size_t first, std::size_t last) {
  const auto it = names_.find(path);
  if (it == names_.end()) return false;
  last = std::min(last, it->second->size());
  if (first >= last) return false;
  const std::uint64_t bit = 8 * std::uint64_t{first} + chaos_.below(8 * (last - first));
  it->second->flip_bit(static_cast<std::size_t>(bit));
  world_.trace().record(world_.now(), 0, EventKind::kDisk, bit,
                        fmt::format("{}: a bit of {} flips", process_name_, path));
  return true;
}

bool SimFiles::begin(const std::shared_ptr<DiskOperation>& operation) {
  if (!operation->reads) ++changes_asked_;
  const bool is_point = crash_point_ && !operation->reads && changes_asked_ == crash_point_->operation;
  if (!is_point) {
    under_way_.push_back(operation);
    return true;
  }
  // Its program is on the stack: the crash follows at once, but not from here.
  const auto when = crash_point_->when;
  if (when == CrashPoint::When::kAfter) {
    crash_after_ = operation.get();
  } else {
    const auto delay = std::chrono::microseconds(when == CrashPoint::When::kBefore ? 0 : chaos_.below(40));
    world_.push(world_.now() + delay, nullptr, [this, number = changes_asked_] {
      if (!crash_point_ || crash_point_->operation != number) return;
      const auto crash = std::exchange(crash_point_, std::nullopt)->crash;
      crash();
    });
  }
  if (when == CrashPoint::When::kBefore) {
    never_begun_ = operation;
    return false;
  }
  under_way_.push_back(operation);
  return true;
}

bool SimFiles::crash_after(const DiskOperation& operation) {
  if (crash_after_ != &operation) return false;
  crash_after_ = nullptr;
  if (!crash_point_) return false;
  const auto crash = std::exchange(crash_point_, std::nullopt)->crash;
  crash();
  return true;
}

void SimFiles::crash() {
  crash_point_.reset();
  crash_after_ = nullptr;
  for (const auto& operation : std::exchange(under_way_, {})) {
    if (operation->crash) {
      operation->crash(chaos_);
    } else if (chaos_.one_in(2)) {
      (void)operation->carry_out().ok();
    }
    world_.trace().record(world_.now(), 0, EventKind::kDisk, operation->detail,
                          fmt::format("{}: crash in {}", process_name_, operation->what));
    if (operation->forget) operation->forget();
  }
  if (const auto never = std::exchange(never_begun_, nullptr); never && never->forget) never->forget();
  lose_names();
  for (const auto& [path, file] : names_) {
    if (file->is_synced()) continue;
    const std::string text = fmt::format("{}: {} {}", process_name_, path, file->crash(chaos_));
    world_.trace().record(world_.now(), 0, EventKind::kDisk, file->size(), text);
  }
}

// Nothing at all, all of it with its sync, or some of its sectors.
void SimFiles::crash_write(const std::string& path, SimFile& file, std::size_t offset,
                           std::string_view bytes) {
  const auto how_far = chaos_.below(4);
  if (how_far == 0) return;
  if (how_far == 1) return (void)write_synced(path, file, offset, bytes).ok();
  bytes = bytes.substr(0, writable(file, offset, bytes.size()));
  file.update_in_place();
  if (how_far == 2) return file.write(offset, bytes);  // the crash goes on to take sectors of it away
  file.write_some(offset, bytes, chaos_);
}

void SimFiles::lose_names() {
  for (auto& [path, before] : std::exchange(unsettled_, {})) {
    if (!chaos_.one_in(2)) continue;
    world_.trace().record(world_.now(), 0, EventKind::kDisk, before ? 1 : 0,
                          fmt::format("{}: {} {}", process_name_, path, before ? "is back" : "is forgotten"));
    if (before) {
      names_[path] = std::move(before);
    } else {
      names_.erase(path);
    }
  }
}

}  // namespace ringhold::sim

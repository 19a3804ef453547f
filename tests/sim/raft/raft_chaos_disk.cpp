// Faults of disks, and damage.
#include <fmt/format.h>

#include "tests/sim/raft/raft_chaos.h"

namespace ringhold::sim {

void RaftChaos::heal_disk(RaftSeat& seat) {
  seat.files().faults() = {};
  seat.files().set_room(std::nullopt);
  seat.files().clear_crash_point();
  // What failed before may be told later.
  world_.after(std::chrono::milliseconds(20), [&seat] { seat.disk_fails = false; });
}

std::string RaftChaos::failing_sync(RaftSeat& seat) {
  seat.disk_fails = true;
  seat.files().faults().fail_next_sync = true;
  after(between_ms(10, 300), [this, &seat] { heal_disk(seat); });
  return seat.process().name();
}

std::string RaftChaos::failing_writes(RaftSeat& seat) {
  const auto duration = between_ms(10, 800);
  seat.disk_fails = true;
  DiskFaults& faults = seat.files().faults();
  const std::uint64_t percent = rng_.one_in(2) ? 100 : 30;
  if (rng_.percent(70)) faults.failing_appends_percent = percent;
  if (rng_.percent(50)) faults.fail_syncs_percent = percent;
  after(duration, [this, &seat] { heal_disk(seat); });
  return fmt::format("{} for {} us", seat.process().name(), duration.count());
}

std::string RaftChaos::full_disk(RaftSeat& seat) {
  const auto duration = between_ms(50, 1000);
  const std::uint64_t room = rng_.below(40000);
  seat.disk_fails = true;
  seat.files().set_room(room);
  after(duration, [this, &seat] { heal_disk(seat); });
  return fmt::format("{} has {} bytes left, for {} us", seat.process().name(), room, duration.count());
}

std::string RaftChaos::slow_disk(RaftSeat& seat) {
  const auto duration = between_ms(50, 1000);
  seat.files().faults().slow = between_ms(10, 300);
  after(duration, [this, &seat] { heal_disk(seat); });
  return fmt::format("{} for {} us", seat.process().name(), duration.count());
}

// Of a replica that does not run: it reads all again when it starts.
std::string RaftChaos::damage() {
  RaftSeat& seat = leader_or_any();
  if (!group_.may_harm(seat)) return {};
  if (seat.up()) group_.crash(seat, CrashMode::kReset, between_ms(1, 100));
  const std::string what = rng_.one_in(5) ? lose_the_log(seat) : flip_a_bit(seat);
  if (what.empty()) return {};
  seat.note_damage(what);
  // If it has found nothing wrong, it goes all the same, so that another may be harmed.
  after(between_ms(200, 600), [this, &seat, id = seat.id(), life = seat.process().life()] {
    if (!seat.vacant() && seat.id() == id && seat.refusal().empty() && group_.may_harm(seat))
      group_.wipe(seat);
  });
  return fmt::format("{}: {}", seat.process().name(), what);
}

// Often where the last entries stand: there a torn write and decay are told apart.
std::string RaftChaos::flip_a_bit(RaftSeat& seat) {
  std::vector<std::string> segments;
  std::vector<std::string> all;
  for (const std::string& name : seat.files().names()) {
    if (seat.files().find(name)->size() == 0) continue;
    all.push_back(name);
    if (name.find("/log-") != std::string::npos) segments.push_back(name);
  }
  if (all.empty()) return {};
  if (segments.empty() || rng_.percent(35)) {
    const std::string& name = rng_.pick(all);
    return seat.files().flip_bit(name) ? "a bit of " + name : "";
  }
  const std::string& name = segments.back();
  const std::string& content = seat.files().find(name)->content();
  const std::size_t used = content.find_last_not_of('\0');
  if (used == std::string::npos) return {};
  const std::size_t end = std::min(content.size(), (used / kSectorBytes + 1) * kSectorBytes);
  const auto sectors = static_cast<std::size_t>(rng_.between(1, 6)) * kSectorBytes;
  return seat.files().flip_bit(name, end > sectors ? end - sectors : 0, end) ? "a bit at the end of " + name
                                                                             : "";
}

// Somebody has removed files that he took for superfluous.
std::string RaftChaos::lose_the_log(RaftSeat& seat) {
  const bool vote_too = rng_.one_in(2);
  bool any = false;
  for (const std::string& name : seat.files().names()) {
    const bool is_log =
        name.find("/log-") != std::string::npos || name.find("/snapshot-") != std::string::npos;
    const bool is_vote = name.ends_with("/vote");
    if (!is_log && !(is_vote && vote_too)) continue;
    any = true;
    seat.files().remove(name);
  }
  return any ? "its log is removed" : "";
}

}  // namespace ringhold::sim

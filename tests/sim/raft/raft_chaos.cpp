#include "tests/sim/raft/raft_chaos.h"

#include <fmt/format.h>

#include <utility>

namespace ringhold::sim {

using std::chrono::milliseconds;

namespace {
// How often, and for how long, a leader is watched that will send a snapshot.
constexpr auto kPollPause = std::chrono::microseconds(500);
constexpr int kPolls = 800;
}  // namespace

RaftChaos::RaftChaos(RaftGroup& group)
    : group_(group), world_(group.world()), rng_(group.plan().seed, "raft-chaos") {}

void RaftChaos::start() {
  // Who has just come to lead is asked for what only an established leader may do.
  if (group_.plan().faults.weights[static_cast<std::size_t>(RaftFault::kMember)] > 0) {
    for (const auto& seat : group_.seats()) {
      seat->changed = [this](RaftSeat& changed) {
        if (ended_ || changed.core() == nullptr || !changed.core()->is_leader()) return;
        const auto delay = std::chrono::microseconds(rng_.between(1, 4000));
        after(delay, [this, &changed] { group_.hasten_change(changed); });
      };
    }
  }
  later();
}

void RaftChaos::later() {
  const auto mean = group_.plan().faults.interval_ms;
  after(between_ms(mean / 4, 7 * mean / 4), [this] {
    act();
    later();
  });
}

void RaftChaos::after(Time delay, std::function<void()> action) {
  world_.after(delay, [this, action = std::move(action)] {
    if (!ended_) action();
  });
}

RaftChaos::Time RaftChaos::between_ms(std::int64_t low, std::int64_t high) {
  return Time(rng_.between(low * 1000, high * 1000));
}

void RaftChaos::end() {
  ended_ = true;
  world_.fabric().unstall_all();
  world_.fabric().set_weather(group_.plan().weather);
  for (const auto& seat : group_.seats()) {
    seat->changed = nullptr;
    heal_disk(*seat);
    seat->process().set_wall_skew(0);
    world_.fabric().set_weather_of(seat->process(), std::nullopt);
    world_.fabric().refuse(seat->process(), false);
  }
}

RaftFault RaftChaos::pick() {
  const auto& weights = group_.plan().faults.weights;
  std::uint64_t at = rng_.below(group_.plan().faults.total());
  std::size_t kind = 0;
  while (at >= weights[kind]) at -= weights[kind++];
  return static_cast<RaftFault>(kind);
}

void RaftChaos::act() {
  const RaftFault fault = pick();
  const std::string what = carry_out(fault);
  if (what.empty()) return;
  const double seconds = static_cast<double>(world_.now().time_since_epoch().count()) / 1e6 - 1000;
  history_.push_back(fmt::format("{:.6f} {}: {}", seconds, fault_name(fault), what));
}

std::string RaftChaos::carry_out(RaftFault fault) {
  switch (fault) {
    case RaftFault::kCrash:
      return crash(leader_or_any(), between_ms(1, 700));
    case RaftFault::kCrashAtDisk:
      return crash_at_disk();
    case RaftFault::kCrashMany:
      return crash_many();
    case RaftFault::kQuickRestart:
      return quick_restart();
    case RaftFault::kCut:
      return cut();
    case RaftFault::kOneWay:
      return one_way();
    case RaftFault::kIsolate:
      return isolate(leader_or_any());
    case RaftFault::kSplit:
      return split();
    case RaftFault::kWeather:
      return weather();
    case RaftFault::kPause:
      return pause(leader_or_any());
    case RaftFault::kPauseInTurn:
      return pause_in_turn();
    case RaftFault::kFailingSync:
      return failing_sync(leader_or_any());
    case RaftFault::kFailingWrites:
      return failing_writes(leader_or_any());
    case RaftFault::kFullDisk:
      return full_disk(leader_or_any());
    case RaftFault::kSlowDisk:
      return slow_disk(any());
    case RaftFault::kMember:
      return member();
    case RaftFault::kWipe:
      return wipe();
    case RaftFault::kTransfer:
      return transfer();
    case RaftFault::kSnapshot:
      return take_snapshot();
    case RaftFault::kLag:
      return lag();
    case RaftFault::kDamage:
      return damage();
    case RaftFault::kWallClock:
      return wall_clock(any());
    case RaftFault::kMayLead:
      return may_lead(leader_or_any());
    case RaftFault::kCount:
      break;
  }
  return {};
}

// --- whom ---

RaftSeat& RaftChaos::any() {
  return *rng_.pick(group_.seats());
}

RaftSeat& RaftChaos::leader_or_any() {
  RaftSeat* leader = group_.leader();
  return leader != nullptr && rng_.percent(50) ? *leader : any();
}

RaftSeat* RaftChaos::follower() {
  for (int tries = 0; tries < 8; ++tries) {
    RaftSeat& seat = any();
    if (seat.running() && !seat.core()->is_leader()) return &seat;
  }
  return nullptr;
}

// --- processes ---

std::string RaftChaos::crash(RaftSeat& seat, Time back_after) {
  if (!seat.up()) return {};
  const bool silent = rng_.one_in(3);
  group_.crash(seat, silent ? CrashMode::kSilent : CrashMode::kReset, back_after);
  return fmt::format("{}{}, back after {} us", seat.process().name(), silent ? ", silently" : "",
                     back_after.count());
}

std::string RaftChaos::crash_at_disk() {
  RaftSeat& seat = leader_or_any();
  if (!seat.up()) return {};
  const auto operations = static_cast<std::uint64_t>(rng_.between(1, rng_.one_in(2) ? 4 : 40));
  const auto when = static_cast<CrashPoint::When>(rng_.below(3));
  group_.crash_at_disk(seat, operations, when, between_ms(1, 400));
  return fmt::format("{}, {} its change {} from now", seat.process().name(),
                     when == CrashPoint::When::kBefore   ? "before"
                     : when == CrashPoint::When::kDuring ? "in"
                                                         : "after",
                     operations);
}

std::string RaftChaos::crash_many() {
  std::string who;
  const std::uint64_t percent = rng_.one_in(2) ? 100 : 60;
  const bool together = rng_.one_in(2);
  const auto back = between_ms(1, 300);
  for (const auto& seat : group_.seats()) {
    if (!seat->up() || !rng_.percent(percent)) continue;
    group_.crash(*seat, rng_.one_in(2) ? CrashMode::kReset : CrashMode::kSilent,
                 together ? back : between_ms(1, 500));
    who += " " + seat->process().name();
  }
  return who;
}

std::string RaftChaos::pause(RaftSeat& seat) {
  const auto duration = between_ms(20, rng_.one_in(2) ? 400 : 2000);
  if (!seat.up() || seat.process().paused()) return {};
  seat.process().pause();
  world_.after(duration, [&seat] { seat.process().resume(); });
  return fmt::format("{} for {} us", seat.process().name(), duration.count());
}

// Long enough for others to elect another leader, and for clients to find it.
std::string RaftChaos::pause_in_turn() {
  RaftSeat* leader = group_.leader();
  RaftSeat& seat = leader != nullptr ? *leader : any();
  if (!seat.up() || seat.process().paused()) return {};
  const auto duration = between_ms(300, 1500);
  seat.process().pause_in_turn();
  world_.after(duration, [&seat] { seat.process().resume(); });
  return fmt::format("{} for {} us", seat.process().name(), duration.count());
}

// --- what an operator may do at any time ---

// Sometimes nobody is heard by the old leader while its successor takes over.
std::string RaftChaos::transfer() {
  RaftSeat* leader = group_.leader();
  if (leader == nullptr) return {};
  RaftSeat* to = rng_.one_in(3) ? nullptr : follower();
  const auto id = to != nullptr ? std::optional(to->id()) : std::nullopt;
  std::string answer = "it is stopped";
  group_.on(*leader, [&] { answer = leader->driver().transfer(id); });
  std::string what = fmt::format("from {}{}{}", leader->process().name(), answer.empty() ? "" : ": ", answer);
  if (rng_.percent(60)) {
    const auto duration = between_ms(100, 600);
    after(Time(rng_.between(0, 3000)), [this, leader, duration] { stall_towards(*leader, duration); });
    what += fmt::format(", which hears nobody for {} us", duration.count());
  }
  return what;
}

std::string RaftChaos::take_snapshot() {
  RaftSeat& seat = leader_or_any();
  if (!group_.on(seat, [&] { seat.driver().take_snapshot(); })) return {};
  return seat.process().name();
}

// What an old leader has sent of a snapshot arrives when there is a new one.
std::string RaftChaos::lag() {
  RaftSeat* behind = follower();
  if (behind == nullptr) return {};
  const auto back_after = between_ms(200, 800);
  group_.crash(*behind, CrashMode::kReset, back_after);
  after(back_after / 2, [this] {
    RaftSeat* leader = group_.leader();
    if (leader != nullptr) group_.on(*leader, [&] { leader->driver().take_snapshot(); });
  });
  if (rng_.percent(75)) after(back_after, [this, behind] { depose_while_it_sends(*behind, kPolls); });
  return fmt::format("{} for {} us", behind->process().name(), back_after.count());
}

void RaftChaos::depose_while_it_sends(RaftSeat& behind, int polls) {
  RaftSeat* leader = group_.leader();
  if (leader == nullptr || behind.vacant() || polls == 0) return;
  const raft::Progress* progress = leader->core()->progress(behind.id());
  const bool sends = progress != nullptr && progress->transfer &&
                     (progress->transfer->in_flight_bytes > 0 || progress->transfer->reading);
  if (!sends) return after(kPollPause, [this, &behind, polls] { depose_while_it_sends(behind, polls - 1); });
  stall(*leader, behind, between_ms(20, 250));
  group_.on(*leader, [&] { (void)leader->driver().transfer(std::nullopt); });
}

std::string RaftChaos::wall_clock(RaftSeat& seat) {
  const auto skew = rng_.between(-20000, 20000);
  seat.process().set_wall_skew(skew);
  return fmt::format("{} is off by {} ms", seat.process().name(), skew);
}

std::string RaftChaos::may_lead(RaftSeat& seat) {
  if (!group_.on(seat, [&] { seat.driver().set_may_lead(false); })) return {};
  const auto duration = between_ms(50, 1000);
  after(duration, [this, &seat] { group_.on(seat, [&] { seat.driver().set_may_lead(true); }); });
  return fmt::format("{} must not, for {} us", seat.process().name(), duration.count());
}

std::string RaftChaos::member() {
  return rng_.one_in(2) ? group_.shrink(rng_) : group_.grow(rng_);
}

std::string RaftChaos::wipe() {
  RaftSeat& seat = any();
  if (!group_.may_harm(seat)) return {};
  group_.wipe(seat);
  return seat.process().name();
}

}  // namespace ringhold::sim

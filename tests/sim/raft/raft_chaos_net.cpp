// Faults of the network, and those that go for the promises that leases rest on.
#include <fmt/format.h>

#include "tests/sim/raft/raft_chaos.h"

namespace ringhold::sim {

using std::chrono::milliseconds;

void RaftChaos::stall(RaftSeat& from, RaftSeat& to, Time duration) {
  world_.fabric().stall(from.process(), to.process());
  after(duration, [this, &from, &to] { world_.fabric().unstall(from.process(), to.process()); });
}

void RaftChaos::stall_towards(RaftSeat& to, Time duration) {
  for (const auto& seat : group_.seats()) {
    if (seat.get() != &to) stall(*seat, to, duration);
  }
}

std::string RaftChaos::cut() {
  RaftSeat& seat = any();
  std::size_t cuts = 0;
  for (const auto& other : group_.seats())
    cuts += world_.fabric().cut(seat.process(), other->process(), rng_.one_in(2) ? 100 : 50);
  return fmt::format("{} connections of {}", cuts, seat.process().name());
}

std::string RaftChaos::one_way() {
  RaftSeat& from = leader_or_any();
  RaftSeat& to = any();
  if (&from == &to) return {};
  const auto duration = between_ms(50, 1500);
  const bool back = rng_.one_in(2);
  stall(back ? to : from, back ? from : to, duration);
  return fmt::format("{} {} {} for {} us", from.process().name(),
                     back ? "hears nothing of" : "is not heard by", to.process().name(), duration.count());
}

// In both directions, or in one.
std::string RaftChaos::isolate(RaftSeat& seat) {
  const auto duration = between_ms(200, 1500);
  const auto direction = rng_.below(4);
  for (const auto& other : group_.seats()) {
    if (other.get() == &seat) continue;
    if (direction != 1) stall(*other, seat, duration);
    if (direction != 2) stall(seat, *other, duration);
  }
  return fmt::format("{} {} for {} us", seat.process().name(),
                     direction == 1   ? "is heard by nobody"
                     : direction == 2 ? "hears nobody"
                                      : "is alone",
                     duration.count());
}

// The others still hear the leader, so that it goes on: for as long as they keep to what they have promised.
// Often those others start anew, in the middle of it.
std::string RaftChaos::split() {
  RaftSeat* leader = group_.leader();
  RaftSeat* apart = follower();
  if (leader == nullptr || apart == nullptr || leader == apart) return {};
  const auto duration = between_ms(700, 1800);
  stall(*leader, *apart, duration);
  stall(*apart, *leader, duration);
  std::string what =
      fmt::format("{} and {} for {} us", leader->process().name(), apart->process().name(), duration.count());
  if (rng_.percent(75)) {
    after(between_ms(320, 500), [this, leader, apart] { start_others_anew(*leader, *apart); });
    what += ", the others start anew";
  }
  return what;
}

// Just before the one that is apart campaigns; and from then on they hear it, and the leader no more.
void RaftChaos::start_others_anew(RaftSeat& leader, RaftSeat& apart) {
  if (!apart.running() || !leader.running() || !leader.core()->is_leader()) return;
  const MonoTime campaign = apart.process().world_time(apart.core()->next_deadline());
  const auto lead = between_ms(20, 90);
  const auto wait = campaign - world_.now() - lead;
  if (wait < Time(0)) {
    // Too late for this time.
    return after(lead + milliseconds(5), [this, &leader, &apart] { start_others_anew(leader, apart); });
  }
  after(wait, [this, &leader, &apart] {
    for (const auto& seat : group_.seats()) {
      if (seat.get() == &leader || seat.get() == &apart || !seat->running()) continue;
      group_.crash(*seat, CrashMode::kReset, Time(rng_.between(200, 3000)));
      stall(leader, *seat, between_ms(200, 500));
    }
  });
}

std::string RaftChaos::quick_restart() {
  RaftSeat* seat = follower();
  if (seat == nullptr) return {};
  group_.crash(*seat, CrashMode::kReset, Time(rng_.between(200, 20000)));
  return seat->process().name();
}

std::string RaftChaos::weather() {
  Weather weather = group_.plan().weather;
  weather.delay_max_us = rng_.between(300, 60000);
  weather.spike_percent = rng_.below(10);
  weather.spike_us = rng_.between(10000, 600000);
  RaftSeat& seat = any();
  const auto duration = between_ms(100, 1000);
  world_.fabric().set_weather_of(seat.process(), weather);
  after(duration, [this, &seat] { world_.fabric().set_weather_of(seat.process(), std::nullopt); });
  return fmt::format("{}: up to {} us, for {} us", seat.process().name(), weather.delay_max_us,
                     duration.count());
}

}  // namespace ringhold::sim

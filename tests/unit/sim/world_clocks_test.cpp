// Clocks that run at rates of their own, and processes that are stopped in the middle of a turn.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "tests/sim/world/sim_world.h"
#include "tests/unit/sim/world_fixture.h"

namespace ringhold::sim {
namespace {

struct Clocked {
  explicit Clocked(std::int64_t ppm)
      : sim(1),
        process(sim.add_process({.name = "p", .host = "10.0.0.1", .role = Role::kNode, .clock_ppm = ppm})),
        loop(process.add_loop("main")) {}

  // When, by the world, a timer of `delay` fires.
  microseconds fires_after(microseconds delay) {
    const MonoTime begin = sim.now();
    bool fired = false;
    std::unique_ptr<Timer> timer;
    sim.run_on(loop, [&] {
      timer = loop.world().scheduler.make_timer([&fired] { fired = true; });
      timer->start(delay);
    });
    REQUIRE(sim.run_until([&] { return fired; }, seconds(100)));
    return sim.now() - begin;
  }

  SimWorld sim;
  SimProcess& process;
  SimLoop& loop;
};

}  // namespace

TEST_CASE("simulated clocks: a clock that runs fast fires early, by the true time") {
  CHECK(Clocked(0).fires_after(seconds(10)) == seconds(10));
  CHECK(Clocked(100000).fires_after(seconds(11)) == seconds(10));
  CHECK(Clocked(-500000).fires_after(seconds(1)) == seconds(2));
}

TEST_CASE("simulated clocks: no timer fires before its time by its own clock, whatever the rate") {
  for (const std::int64_t ppm : {-500000, -333333, -29999, 7, 47000, 1000000}) {
    Clocked clocked(ppm);
    for (int i = 1; i < 200; ++i) {
      const MonoTime due = clocked.loop.turn_time() + microseconds(997 * i);
      const MonoTime at = clocked.process.world_time(due);
      CHECK(clocked.process.local_time(at) >= due);
      CHECK(clocked.process.local_time(at - microseconds(4)) < due);
    }
  }
}

TEST_CASE("simulated pauses: what comes while a process is stopped in a turn belongs to that turn") {
  SimWorld sim(1);
  SimProcess& process = sim.add_process({.name = "p", .host = "10.0.0.1", .role = Role::kNode});
  SimLoop& loop = process.add_loop("main");
  const MonoTime begin = sim.now();
  struct Turn {
    MonoTime turn_time;
    MonoTime now;
  };
  std::vector<Turn> turns;
  const auto come = [&] {
    sim.enter(loop, EventKind::kData, 0, {}, [&] { turns.push_back({loop.turn_time(), loop.now()}); });
  };
  process.pause_in_turn();
  sim.after(milliseconds(10), come);
  sim.after(milliseconds(400), come);
  sim.after(milliseconds(900), [&] { process.resume(); });
  sim.after(milliseconds(950), come);
  sim.run_for(seconds(1));
  REQUIRE(turns.size() == 3);
  for (const std::size_t held : {0, 1}) {
    CHECK(turns[held].turn_time == begin + milliseconds(10));
    CHECK(turns[held].now >= begin + milliseconds(900));
  }
  CHECK(turns[2].turn_time == begin + milliseconds(950));
}

TEST_CASE("simulated pauses: a timer that fell due during the stop fires once the turn is over") {
  SimWorld sim(1);
  SimProcess& process = sim.add_process({.name = "p", .host = "10.0.0.1", .role = Role::kNode});
  SimLoop& loop = process.add_loop("main");
  MonoTime fired{};
  std::unique_ptr<Timer> timer;
  sim.run_on(loop, [&] {
    timer = loop.world().scheduler.make_timer([&] { fired = loop.turn_time(); });
    timer->start(milliseconds(100));
  });
  process.pause_in_turn();
  sim.after(milliseconds(10), [&] { sim.enter(loop, EventKind::kData, 0, {}, [] {}); });
  sim.after(milliseconds(900), [&] { process.resume(); });
  const MonoTime resumed = sim.now() + milliseconds(900);
  sim.run_for(seconds(1));
  CHECK(fired >= resumed);
  CHECK(process.live_timers() == 1);
  timer.reset();
}

}  // namespace ringhold::sim

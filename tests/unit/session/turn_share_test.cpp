// Long turns are cut, and those who wait for the next one are served in order.
#include "common/session/turn_share.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/limits.h"
#include "tests/unit/topology/fake_world.h"

namespace ringhold {
namespace {

// The time of the turn, and the time now, which goes on while somebody works.
class WorkingClock final : public Clock {
 public:
  MonoTime turn_time() const override { return turn; }
  MonoTime now() const override { return turn + worked; }
  UnixMs wall_ms() const override { return 0; }
  MonoTime turn{};
  std::chrono::microseconds worked{};
};

class TurnScheduler final : public Scheduler {
 public:
  std::unique_ptr<Timer> make_timer(std::function<void()> /*on_fire*/) override { return nullptr; }
  void defer(std::function<void()> task) override { task(); }
  void post(std::function<void()> task) override { posted_.push_back(std::move(task)); }
  void run_posted() {
    for (const auto& task : std::exchange(posted_, {})) task();
  }

 private:
  std::vector<std::function<void()>> posted_;
};

struct Fixture {
  FakeWorld fake;
  WorkingClock clock;
  TurnScheduler scheduler;
  World world{clock, fake.rng, scheduler, fake.network, fake.disk};
  TurnShare turns{world};
  std::string served;

  void next_turn() {
    clock.turn += std::chrono::seconds(1);
    clock.worked = {};
    scheduler.run_posted();
  }
};

// Works for a quarter of a turn, `pieces` times.
struct Worker final : TurnShare::Waiter {
  Worker(Fixture& fixture_, char name_, int pieces_) : fixture(fixture_), name(name_), pieces(pieces_) {}
  void on_share() override { work(); }
  void work() {
    while (pieces > 0) {
      if (fixture.turns.over()) return fixture.turns.wait(*this);
      fixture.clock.worked += std::chrono::microseconds(limits::kTurnTime) / 4;
      fixture.served += name;
      --pieces;
    }
  }
  Fixture& fixture;
  char name;
  int pieces;
};

TEST_CASE_FIXTURE(Fixture,
                  "turn share: nobody works on when the turn is over, and the line is served in order") {
  Worker a(*this, 'a', 6);
  Worker b(*this, 'b', 3);
  Worker c(*this, 'c', 5);
  a.work();
  b.work();
  c.work();
  CHECK(served == "aaaa");
  next_turn();
  CHECK(served == "aaaaaabb");
  next_turn();
  CHECK(served == "aaaaaabbcccc");
  next_turn();
  CHECK(served == "aaaaaabbccccbc");
  next_turn();
  CHECK(served.size() == 14);
}

TEST_CASE_FIXTURE(Fixture, "turn share: whatever comes first in a turn, the line is served") {
  Worker a(*this, 'a', 8);
  a.work();
  clock.turn += std::chrono::seconds(1);
  clock.worked = 10 * limits::kTurnTime;  // expiry, say
  scheduler.run_posted();
  CHECK(served == "aaaaaaaa");
}

TEST_CASE_FIXTURE(Fixture, "turn share: who leaves the line is not called") {
  Worker a(*this, 'a', 8);
  a.work();
  {
    Worker b(*this, 'b', 1);
    b.work();
    turns.leave(b);
  }
  next_turn();
  next_turn();
  CHECK(served == "aaaaaaaa");
}

}  // namespace
}  // namespace ringhold

// TurnShare: keeps the turns of a loop short, whatever clients send at once.
//
// Whoever has a lot to do, a session with a long pipeline or a large reply, asks over() between two pieces of
// it. If the turn has lasted long enough, it stands in line and goes on in a later turn, when input and
// timers of all others have had their time. The line is served in order, so nobody is overtaken for long. One
// for each loop.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>

#include "common/base/limits.h"
#include "common/reactor/world.h"

namespace ringhold {

class TurnShare {
 public:
  class Waiter {
   public:
    virtual void on_share() = 0;

   protected:
    ~Waiter() = default;
  };

  explicit TurnShare(World& world) : clock_(world.clock), scheduler_(world.scheduler) {}
  TurnShare(const TurnShare&) = delete;
  TurnShare& operator=(const TurnShare&) = delete;

  // Whether this turn has lasted for limits::kTurnTime: what clients want done, that is, whatever else had to
  // be done first. `now` is a fresh reading of the clock.
  bool over(MonoTime now) const { return now - std::max(clock_.turn_time(), began_) >= limits::kTurnTime; }
  bool over() const { return over(clock_.now()); }
  // on_share() is called in a later turn, once. A waiter that goes must leave the line.
  void wait(Waiter& waiter);
  void leave(Waiter& waiter) { std::erase(line_, &waiter); }

 private:
  void serve_next_turn();
  void serve();

  Clock& clock_;
  Scheduler& scheduler_;
  std::deque<Waiter*> line_;
  MonoTime began_{};                                      // serving the line, last
  bool planned_ = false;                                  // serve() is on its way
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  // shared with what was posted
};

}  // namespace ringhold

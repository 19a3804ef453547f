// What will happen, in order of time; what is due at the same time happens in the order in which it was asked
// for.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/reactor/clock.h"

namespace ringhold::sim {

class SimLoop;

struct Event {
  MonoTime time;
  std::uint64_t sequence = 0;
  const SimLoop* loop =
      nullptr;  // dropped with this loop when its process crashes; null: of the world itself
  std::function<void()> run;
};

class EventQueue {
 public:
  void push(MonoTime time, const SimLoop* loop, std::function<void()> run);
  bool empty() const { return heap_.empty(); }
  MonoTime next_time() const { return heap_.front().time; }
  // Precondition: !empty().
  Event pop();
  // Forgets what is due on `loop`, and destroys what those tasks captured.
  void drop_of(const SimLoop* loop);
  void clear();

 private:
  std::vector<Event> heap_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace ringhold::sim

#include "tests/sim/world/event_queue.h"

#include <algorithm>
#include <utility>

namespace ringhold::sim {

namespace {
bool later(const Event& a, const Event& b) {
  return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
}
}  // namespace

void EventQueue::push(MonoTime time, const SimLoop* loop, std::function<void()> run) {
  heap_.push_back(Event{time, next_sequence_++, loop, std::move(run)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

Event EventQueue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Event event = std::move(heap_.back());
  heap_.pop_back();
  return event;
}

void EventQueue::drop_of(const SimLoop* loop) {
  // Destroying a task may destroy a stream, which may ask for events: so take them out first.
  std::vector<Event> dropped;
  std::vector<Event> kept;
  for (Event& event : heap_) (event.loop == loop ? dropped : kept).push_back(std::move(event));
  heap_ = std::move(kept);
  std::make_heap(heap_.begin(), heap_.end(), later);
}

void EventQueue::clear() {
  while (!heap_.empty()) {
    const std::vector<Event> dropped = std::exchange(heap_, {});
  }
}

}  // namespace ringhold::sim

#include "common/session/turn_share.h"

#include <utility>

namespace ringhold {

void TurnShare::wait(Waiter& waiter) {
  line_.push_back(&waiter);
  serve_next_turn();
}

void TurnShare::serve_next_turn() {
  if (std::exchange(planned_, true)) return;
  scheduler_.post([this, life = std::weak_ptr<int>(life_)] {
    if (!life.expired()) serve();
  });
}

// Those who stand in line again have their share in the next turn.
void TurnShare::serve() {
  planned_ = false;
  began_ = clock_.now();
  for (std::size_t left = line_.size(); left > 0 && !line_.empty(); --left) {
    Waiter* waiter = line_.front();
    line_.pop_front();
    waiter->on_share();
    if (over()) break;
  }
  if (!line_.empty()) serve_next_turn();
}

}  // namespace ringhold

#include "common/net/stream_hub.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/net/stream_core.h"

namespace ringhold {

StreamHub::StreamHub(Loop& loop, std::shared_ptr<ProcessResources> resources, NetTimeouts timeouts)
    : loop_(loop), resources_(std::move(resources)), timeouts_(timeouts) {
  loop_.set_flush_hook([this] { flush_all(); });
}

StreamHub::~StreamHub() {
  INVARIANT(cores_.empty());  // streams are gone before their network
  loop_.set_flush_hook(nullptr);
}

void StreamHub::remove(StreamCore& core) {
  cores_.erase(&core);
  for (auto* list : {&dirty_, &flushing_, &resting_}) {
    std::replace(list->begin(), list->end(), &core, static_cast<StreamCore*>(nullptr));
  }
}

void StreamHub::flush_all() {
  ++turn_;
  for (StreamCore* core : std::exchange(resting_, {})) {
    if (core != nullptr) core->resume_turn();
  }
  // What a flush triggers (on_drained, and commands that run then) is flushed in the next turn, so that one
  // stream cannot hold the loop.
  flushing_.swap(dirty_);
  for (std::size_t i = 0; i < flushing_.size(); ++i) {
    if (flushing_[i] == nullptr) continue;
    flushing_[i]->flush_now();
    INVARIANT(scratch_.empty());
  }
  flushing_.clear();
  if (resources_->over_budget()) enforce_budget();
  if (!dirty_.empty()) loop_.want_turn();
}

// Closes this loop's stream with the most, if that is much; the other loops do the same in their turns.
void StreamHub::enforce_budget() {
  const auto largest = std::max_element(cores_.begin(), cores_.end(), [](StreamCore* a, StreamCore* b) {
    return a->buffered() < b->buffered();
  });
  if (largest == cores_.end() || (*largest)->buffered() < limits::kBufferedMuchBytes) return;
  ++figures_.evictions;
  (*largest)->evict();
}

}  // namespace ringhold

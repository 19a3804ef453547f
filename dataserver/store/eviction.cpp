#include "dataserver/store/eviction.h"

#include <algorithm>

namespace ringhold {

void EvictionPool::offer(const Candidate& candidate) {
  const auto begin = candidates_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(size_);
  const auto at = std::upper_bound(
      begin, end, candidate, [](const Candidate& a, const Candidate& b) { return a.idle_ms < b.idle_ms; });
  if (size_ < kSize) {
    std::move_backward(at, end, end + 1);
    *at = candidate;
    ++size_;
  } else if (at != begin) {  // the youngest goes
    std::move(begin + 1, at, begin);
    *(at - 1) = candidate;
  }
}

std::optional<EvictionPool::Candidate> EvictionPool::take() {
  if (size_ == 0) return std::nullopt;
  return candidates_[--size_];
}

}  // namespace ringhold

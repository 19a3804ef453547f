#include "client/library/attempts.h"

#include <algorithm>
#include <utility>

namespace ringhold::client {

using std::chrono::milliseconds;

Attempts::Attempts(const ReconnectPolicy& policy, Deadline deadline, std::function<double()> draw)
    : policy_(policy),
      deadline_(deadline),
      draw_(std::move(draw)),
      // A pause of nothing would be a busy loop.
      delay_(std::max(policy.delay_min, milliseconds(1))) {}

std::optional<milliseconds> Attempts::next() {
  if (used_ >= policy_.attempts || out_of_time()) return std::nullopt;
  if (used_++ == 0) return milliseconds(0);
  const milliseconds whole = delay_;
  delay_ = std::max(std::min(delay_ * 2, policy_.delay_max), milliseconds(1));
  const auto shortened =
      static_cast<milliseconds::rep>(static_cast<double>(whole.count()) * (1 - draw_() / 2));
  return left(std::max(milliseconds(shortened), milliseconds(1)));
}

bool Attempts::out_of_time() const {
  return deadline_ && std::chrono::steady_clock::now() >= *deadline_;
}

milliseconds Attempts::left(milliseconds most) const {
  if (!deadline_) return most;
  const auto rest = std::max(std::chrono::ceil<milliseconds>(*deadline_ - std::chrono::steady_clock::now()),
                             milliseconds(1));
  return most.count() == 0 ? rest : std::min(rest, most);
}

}  // namespace ringhold::client

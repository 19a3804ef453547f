// What one call may still spend on being connected again: attempts, pauses between them, and time.
#pragma once

#include <chrono>
#include <functional>

#include "client/tls_connection.h"
#include "ringhold/client.h"

namespace ringhold::client {

class Attempts {
 public:
  // `draw` gives a number from 0 to 1, for the jitter.
  Attempts(const ReconnectPolicy& policy, Deadline deadline, std::function<double()> draw);

  // Uses one up. The pause before it, or none: there are no more.
  std::optional<std::chrono::milliseconds> next();

  Deadline deadline() const { return deadline_; }
  bool out_of_time() const;
  // Until the deadline, at most `most`; at least 1 ms, because 0 means for ever. 0 as `most`: no bound of its
  // own.
  std::chrono::milliseconds left(std::chrono::milliseconds most) const;

 private:
  ReconnectPolicy policy_;
  Deadline deadline_;
  std::function<double()> draw_;
  int used_ = 0;
  std::chrono::milliseconds delay_;
};

}  // namespace ringhold::client

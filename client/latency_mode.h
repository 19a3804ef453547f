// `ringhold --latency`: how long PING takes, as this client sees it.
#pragma once

#include <chrono>
#include <cstdint>

#include "client/session.h"

namespace ringhold::client {

struct LatencyOptions {
  std::uint32_t count = 0;  // 0: until Ctrl-C; where the output is no terminal, 100
  std::chrono::milliseconds interval{10};
};

// One PING at a time; on a terminal the figures so far stand in one line that is drawn anew, at the end in a
// last one. With kJson the end's alone, as a document. The exit code is 1 if the connection was lost.
int run_latency(const Session& session, const LatencyOptions& options);

}  // namespace ringhold::client

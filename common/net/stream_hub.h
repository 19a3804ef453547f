// What all streams of one loop share: the list of those that have to be flushed this turn, the buffer that
// ciphertext is collected in, time-outs, and the budget of buffered bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "common/base/byte_buffer.h"
#include "common/base/limits.h"
#include "common/net/loop.h"
#include "common/net/process_resources.h"
#include "common/reactor/network.h"

namespace ringhold {

class StreamCore;

// Tests shorten them.
struct NetTimeouts {
  std::chrono::milliseconds handshake = limits::kHandshakeTimeout;
  std::chrono::milliseconds connect = limits::kConnectTimeout;
  std::chrono::milliseconds close = limits::kCloseTimeout;
  std::chrono::milliseconds linger = limits::kLingerTimeout;
};

class StreamHub {
 public:
  // `resources` is shared with the hubs of the process's other loops.
  StreamHub(Loop& loop, std::shared_ptr<ProcessResources> resources, NetTimeouts timeouts);
  ~StreamHub();
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  Loop& loop() { return loop_; }
  ProcessResources& resources() const { return *resources_; }
  NetworkFigures& figures() { return figures_; }
  const NetworkFigures& figures() const { return figures_; }
  const NetTimeouts& timeouts() const { return timeouts_; }
  // Empty between any two steps of any stream.
  ByteBuffer& scratch() { return scratch_; }
  // Changes with each flush, that is, at least once a turn.
  std::uint64_t turn() const { return turn_; }

  void add(StreamCore& core) { cores_.insert(&core); }
  void remove(StreamCore& core);
  // Calls core.flush_now() at the end of this turn, or of the next one if this one is being flushed.
  void schedule_flush(StreamCore& core) { dirty_.push_back(&core); }
  // Calls core.resume_turn() at the end of this turn.
  void schedule_resume(StreamCore& core) { resting_.push_back(&core); }

 private:
  void flush_all();
  void enforce_budget();

  Loop& loop_;
  std::shared_ptr<ProcessResources> resources_;
  NetTimeouts timeouts_;
  ByteBuffer scratch_;
  std::uint64_t turn_ = 0;
  NetworkFigures figures_;
  std::unordered_set<StreamCore*> cores_;
  // Entries become null when their stream goes.
  std::vector<StreamCore*> dirty_;
  std::vector<StreamCore*> flushing_;
  std::vector<StreamCore*> resting_;
};

}  // namespace ringhold

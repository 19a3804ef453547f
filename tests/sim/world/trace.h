// What happened in a run, as one number: two runs are the same run if their trace hashes are equal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>

#include "common/reactor/clock.h"

namespace ringhold::sim {

enum class EventKind : std::uint8_t {
  kScenario,  // the scenario itself acts: a fault, an edit, a check
  kStart,     // a process starts, or the scenario runs code on its loop
  kCrash,
  kPause,
  kResume,
  kTimer,
  kPost,
  kHandshake,  // a connection request has reached a listener
  kConnected,
  kAccept,
  kData,
  kRead,  // bytes that waited in a socket are read
  kWritable,
  kDrained,
  kFin,
  kReset,
  kRefused,
  kTimeout,
  kClosed,
  kFile,
  kDisk,  // an operation on a file has ended, or what a crash or decay does to a file
};
const char* event_name(EventKind kind);

class Trace {
 public:
  // `loop` is a loop's number (0: the scenario), `detail` a link's number or a count.
  void record(MonoTime time, std::uint32_t loop, EventKind kind, std::uint64_t detail,
              std::string_view bytes);
  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }
  // Prints every event as a line; null stops that. The file must outlive the trace.
  void print_to(std::FILE* file) { file_ = file; }

 private:
  std::uint64_t hash_ = 0;
  std::uint64_t events_ = 0;
  std::FILE* file_ = nullptr;
};

}  // namespace ringhold::sim

// The commands that simulated clients send: what each says, and what a reply to it must look like.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/check/operation.h"
#include "tests/sim/world/random.h"

namespace ringhold::sim {

enum class ReplyShape : std::uint8_t {
  kAny,   // whatever: HELLO, CLUSTER SLOTS
  kEcho,  // a string: SimCommand::echo, exactly
  kOk,
  kInteger,
  kIncr,  // an integer, or the error that says that the value is none
  kTextOrNil,
  kTextsOrNils,  // an array, one element per operation
  kKeys,         // an array of strings
  kScan,         // a cursor and an array of strings
};

struct SimCommand {
  std::vector<std::string> args;
  ReplyShape shape = ReplyShape::kAny;
  std::string echo;
  std::vector<Operation> operations;  // one per key that is checked; kind, key and argument are set
};

struct KeySpace {
  std::uint64_t strings = 8;       // s0, s1, ...: SET, APPEND, GETSET, DEL, ...
  std::uint64_t counters = 4;      // n0, n1, ...: mostly INCR
  std::uint64_t tagged = 2;        // {t0}a and {t0}b share a slot
  std::uint64_t hot_percent = 30;  // so many of the picks are the first key of their kind
  std::uint64_t big_percent = 1;   // so many values have kilobytes
};

// All keys that a mix may use.
std::vector<std::string> all_keys(const KeySpace& space);

SimCommand mget(const std::vector<std::string>& keys);

class CommandMix {
 public:
  CommandMix(const KeySpace& space, std::uint64_t seed) : space_(space), rng_(seed) {}
  // `unique` is different for each command of a run; it makes echoes and values unique.
  SimCommand next(std::uint64_t unique);

 private:
  std::string string_key();
  std::string counter_key();
  std::string value(char letter, std::uint64_t unique);
  SimCommand echo(std::uint64_t unique);
  SimCommand on_counter(std::uint64_t unique);
  SimCommand on_string(std::uint64_t unique);
  SimCommand on_several(std::uint64_t unique);
  SimCommand on_all();

  KeySpace space_;
  SimRng rng_;
};

}  // namespace ringhold::sim

// What one string key is, and what each operation does to it: the sequential specification.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/sim/check/operation.h"

namespace ringhold::sim {

struct KeyState {
  enum class Kind : std::uint8_t {
    kNil,
    kValue,
    kUnknown,
    kSomething
  };  // kSomething: a value, nobody knows which
  Kind kind = Kind::kNil;
  std::string value;  // of kValue
  enum class Ttl : std::uint8_t { kNo, kYes, kUnknown };
  Ttl ttl = Ttl::kNo;

  static KeyState nil() { return {}; }
  static KeyState unknown() { return {Kind::kUnknown, {}, Ttl::kUnknown}; }
  bool operator==(const KeyState&) const = default;
};

std::uint64_t hash_of(const KeyState& state);
std::string describe(const KeyState& state);

// The state after `operation`, if what it saw is possible in `state`; nothing if it is not. With outcome
// kUnknown or seen kNothing every reply is possible. From an unknown state the result is what can be known
// from the reply.
std::optional<KeyState> apply(const KeyState& state, const Operation& operation);

}  // namespace ringhold::sim

// What one key is, a string or a list, and what each operation does to it: the sequential specification.
// (Lists: list_model.cpp.)
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
    kList,  // never an empty one: a list that loses its last item is gone
    kUnknown,
    kSomething  // a string or a list, nobody knows which
  };
  Kind kind = Kind::kNil;
  std::string value;  // of kValue
  ItemList items;     // of kList
  enum class Ttl : std::uint8_t { kNo, kYes, kUnknown };
  Ttl ttl = Ttl::kNo;

  static KeyState nil() { return {}; }
  static KeyState unknown() { return {Kind::kUnknown, {}, {}, Ttl::kUnknown}; }
  static KeyState something() { return {Kind::kSomething, {}, {}, Ttl::kUnknown}; }
  bool operator==(const KeyState&) const = default;
};

std::uint64_t hash_of(const KeyState& state);
std::string describe(const KeyState& state);

// The state after `operation`, if what it saw is possible in `state`; nothing if it is not. With outcome
// kUnknown or seen kNothing every reply is possible. From an unknown state the result is what can be known
// from the reply.
std::optional<KeyState> apply(const KeyState& state, const Operation& operation);

}  // namespace ringhold::sim

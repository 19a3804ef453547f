#include "tests/sim/check/key_model.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <limits>

#include "common/base/text.h"
#include "tests/sim/check/list_model.h"

namespace ringhold::sim {

namespace {

using Kind = KeyState::Kind;
using Ttl = KeyState::Ttl;
using Seen = Observation::Kind;
using Next = std::optional<KeyState>;

KeyState value_of(std::string text, Ttl ttl) {
  return {Kind::kValue, std::move(text), {}, ttl};
}

bool may_be_nil(const KeyState& state) {
  return state.kind == Kind::kNil || state.kind == Kind::kUnknown;
}
bool may_be_value(const KeyState& state) {
  return state.kind != Kind::kNil;
}

// The state, now that it is known to be nil, or not to be.
KeyState known_present(const KeyState& state) {
  return state.kind == Kind::kUnknown ? KeyState::something() : state;
}
KeyState known_value(const KeyState& state, const std::string& text) {
  return state.kind == Kind::kValue ? state : value_of(text, state.ttl);
}

// What a reply that is the value (GET, GETSET) says about the state before.
Next seen_value(const KeyState& state, const Observation& seen) {
  if (seen.kind == Seen::kNothing) return state;
  if (seen.kind == Seen::kNil) return may_be_nil(state) ? Next(KeyState::nil()) : std::nullopt;
  if (seen.kind != Seen::kText || !may_be_value(state)) return std::nullopt;
  if (state.kind == Kind::kValue && state.value != seen.text) return std::nullopt;
  return known_value(state, seen.text);
}

// What a reply of 1 (the key existed) or 0 says.
Next seen_presence(const KeyState& state, const Observation& seen) {
  if (seen.kind == Seen::kNothing) return state;
  if (seen.kind != Seen::kNumber || seen.number < 0 || seen.number > 1) return std::nullopt;
  if (seen.number == 0) return may_be_nil(state) ? Next(KeyState::nil()) : std::nullopt;
  return may_be_value(state) ? Next(known_present(state)) : std::nullopt;
}

Next strlen(const KeyState& state, const Observation& seen) {
  if (seen.kind != Seen::kNumber) return std::nullopt;
  if (seen.number == 0) return may_be_nil(state) ? Next(KeyState::nil()) : std::nullopt;  // no value is empty
  if (!may_be_value(state)) return std::nullopt;
  if (state.kind == Kind::kValue && static_cast<std::int64_t>(state.value.size()) != seen.number)
    return std::nullopt;
  return known_present(state);
}

Next set_nx(const KeyState& state, const Operation& op) {
  if (op.seen.kind == Seen::kNothing) {
    if (state.kind == Kind::kUnknown) return KeyState::something();
    return state.kind == Kind::kNil ? value_of(op.argument, Ttl::kNo) : state;
  }
  if (op.seen.kind == Seen::kNumber && op.seen.number == 1) {
    return may_be_nil(state) ? Next(value_of(op.argument, Ttl::kNo)) : std::nullopt;
  }
  if (op.seen.kind != Seen::kNumber || op.seen.number != 0 || !may_be_value(state)) return std::nullopt;
  return known_present(state);
}

Next incr(const KeyState& state, const Observation& seen) {
  const bool known = state.kind == Kind::kNil || state.kind == Kind::kValue;
  if (!known) {
    if (seen.kind == Seen::kNothing) return KeyState::something();
    if (seen.kind == Seen::kNotANumber) return KeyState::something();
    return seen.kind == Seen::kNumber ? Next(value_of(std::to_string(seen.number), Ttl::kUnknown))
                                      : std::nullopt;
  }
  const auto before = state.kind == Kind::kNil ? std::optional<std::int64_t>(0) : parse_int64(state.value);
  if (!before || *before == std::numeric_limits<std::int64_t>::max()) {
    if (seen.kind != Seen::kNotANumber && seen.kind != Seen::kNothing) return std::nullopt;
    return state;
  }
  if (seen.kind == Seen::kNotANumber) return std::nullopt;
  if (seen.kind == Seen::kNumber && seen.number != *before + 1) return std::nullopt;
  return value_of(std::to_string(*before + 1), state.kind == Kind::kNil ? Ttl::kNo : state.ttl);
}

Next append(const KeyState& state, const Operation& op) {
  const auto added = static_cast<std::int64_t>(op.argument.size());
  const bool number = op.seen.kind == Seen::kNumber;
  if (op.seen.kind != Seen::kNothing && !number) return std::nullopt;
  if (state.kind == Kind::kNil || state.kind == Kind::kValue) {
    std::string after = state.value + op.argument;
    if (number && static_cast<std::int64_t>(after.size()) != op.seen.number) return std::nullopt;
    return value_of(std::move(after), state.kind == Kind::kNil ? Ttl::kNo : state.ttl);
  }
  if (number && op.seen.number == added) {
    return state.kind == Kind::kUnknown ? Next(value_of(op.argument, Ttl::kNo)) : std::nullopt;
  }
  if (number && op.seen.number < added) return std::nullopt;
  return KeyState::something();
}

enum class TypeFit { kRight, kWrong, kUnknown };

// Whether `kind` can work on what the key holds. Operations on keys of any type fit all.
TypeFit type_fit(const KeyState& state, OpKind kind) {
  const bool on_string = kind == OpKind::kGet || kind == OpKind::kStrlen || kind == OpKind::kGetSet ||
                         kind == OpKind::kIncr || kind == OpKind::kAppend;
  if (!on_string && !is_on_lists(kind)) return TypeFit::kRight;
  if (state.kind == Kind::kValue) return on_string ? TypeFit::kRight : TypeFit::kWrong;
  if (state.kind == Kind::kList) return on_string ? TypeFit::kWrong : TypeFit::kRight;
  return state.kind == Kind::kNil ? TypeFit::kRight : TypeFit::kUnknown;
}

Next after_wrong_type(const KeyState& state, TypeFit fit) {
  return fit == TypeFit::kRight ? std::nullopt : Next(known_present(state));
}

Next del(const KeyState& state, const Observation& seen) {
  return seen_presence(state, seen) ? Next(KeyState::nil()) : std::nullopt;
}

Next expire(const KeyState& state, const Observation& seen) {
  Next before = seen_presence(state, seen);
  if (!before || before->kind == Kind::kNil) return before;
  KeyState after = *before;
  if (after.kind == Kind::kUnknown) return after;  // its time to live is unknown either way
  after.ttl = Ttl::kYes;
  return after;
}

Next persist(const KeyState& state, const Observation& seen) {
  KeyState after = state;
  if (state.kind == Kind::kUnknown || state.kind == Kind::kNil || seen.kind == Seen::kNothing) {
    const bool removed = seen.kind == Seen::kNumber && seen.number == 1;
    if (removed && state.kind == Kind::kNil) return std::nullopt;
    if (removed) return KeyState{Kind::kSomething, {}, {}, Ttl::kNo};
    if (state.kind != Kind::kNil && state.kind != Kind::kUnknown) after.ttl = Ttl::kNo;
    return after;
  }
  if (seen.kind != Seen::kNumber || seen.number < 0 || seen.number > 1) return std::nullopt;
  if (seen.number == 1 && state.ttl == Ttl::kNo) return std::nullopt;
  if (seen.number == 0 && state.ttl == Ttl::kYes) return std::nullopt;
  after.ttl = Ttl::kNo;
  return after;
}

}  // namespace

std::uint64_t hash_of(const KeyState& state) {
  const std::uint64_t seed =
      static_cast<std::uint64_t>(state.kind) * 4 + static_cast<std::uint64_t>(state.ttl);
  const std::string& bytes = state.kind == Kind::kList ? state.items.bytes() : state.value;
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string describe(const KeyState& state) {
  switch (state.kind) {
    case Kind::kNil:
      return "nil";
    case Kind::kUnknown:
      return "unknown";
    case Kind::kSomething:
      return "some value";
    case Kind::kValue:
    case Kind::kList:
      break;
  }
  const char* ttl = state.ttl == Ttl::kYes ? " with a time to live" : "";
  if (state.kind == Kind::kList) return state.items.describe() + ttl;
  return fmt::format("'{}'{}", printable(state.value, 200), ttl);
}

std::optional<KeyState> apply(const KeyState& state, const Operation& op) {
  const TypeFit fit = type_fit(state, op.kind);
  if (op.seen.kind == Seen::kWrongType) return after_wrong_type(state, fit);
  if (fit == TypeFit::kWrong) return op.seen.kind == Seen::kNothing ? Next(state) : std::nullopt;
  switch (op.kind) {
    case OpKind::kGet:
      return seen_value(state, op.seen);
    case OpKind::kStrlen:
      return strlen(state, op.seen);
    case OpKind::kExists:
      return seen_presence(state, op.seen);
    case OpKind::kSet:
      return value_of(op.argument, Ttl::kNo);
    case OpKind::kSetNx:
      return set_nx(state, op);
    case OpKind::kGetSet:
      return seen_value(state, op.seen) ? Next(value_of(op.argument, Ttl::kNo)) : std::nullopt;
    case OpKind::kIncr:
      return incr(state, op.seen);
    case OpKind::kAppend:
      return append(state, op);
    case OpKind::kDel:
      return del(state, op.seen);
    case OpKind::kExpire:
      return expire(state, op.seen);
    case OpKind::kPersist:
      return persist(state, op.seen);
    default:
      return apply_to_list(state, op);
  }
}

}  // namespace ringhold::sim

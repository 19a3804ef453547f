#include "tests/sim/check/list_model.h"

namespace ringhold::sim {

namespace {

using Kind = KeyState::Kind;
using Ttl = KeyState::Ttl;
using Seen = Observation::Kind;
using Next = std::optional<KeyState>;

bool may_be_nil(const KeyState& state) {
  return state.kind == Kind::kNil || state.kind == Kind::kUnknown;
}
bool is_known(const KeyState& state) {
  return state.kind == Kind::kNil || state.kind == Kind::kList;
}

KeyState list_of(ItemList items, Ttl ttl) {
  if (items.empty()) return KeyState::nil();
  return {Kind::kList, {}, std::move(items), ttl};
}

// The reply is the length after it. A list that nobody knows could be of any length but none.
Next push(const KeyState& state, const Operation& op) {
  const bool number = op.seen.kind == Seen::kNumber;
  if (!number && op.seen.kind != Seen::kNothing) return std::nullopt;
  if (number && op.seen.number < 1) return std::nullopt;
  if (is_known(state)) {
    if (number && op.seen.number != state.items.size() + 1) return std::nullopt;
    KeyState after = state;  // a key that was not there gets no time to live, and has none
    after.kind = Kind::kList;
    op.kind == OpKind::kRPush ? after.items.push_back(op.argument) : after.items.push_front(op.argument);
    return after;
  }
  if (!number || op.seen.number > 1) return KeyState::something();
  return may_be_nil(state) ? Next(list_of({op.argument}, Ttl::kNo)) : std::nullopt;
}

Next pop(const KeyState& state, const Operation& op) {
  const Observation& seen = op.seen;
  if (seen.kind == Seen::kNil) return may_be_nil(state) ? Next(KeyState::nil()) : std::nullopt;
  if (seen.kind != Seen::kText && seen.kind != Seen::kNothing) return std::nullopt;
  if (state.kind == Kind::kNil) return seen.kind == Seen::kText ? std::nullopt : Next(state);
  if (state.kind != Kind::kList) return KeyState::unknown();  // it may have been the last item
  KeyState after = state;
  const bool left = op.kind == OpKind::kLPop;
  if (seen.kind == Seen::kText && seen.text != (left ? after.items.front() : after.items.back())) {
    return std::nullopt;
  }
  left ? after.items.pop_front() : after.items.pop_back();
  return after.items.empty() ? KeyState::nil() : after;
}

Next length(const KeyState& state, const Observation& seen) {
  if (seen.kind != Seen::kNumber || seen.number < 0) return std::nullopt;
  if (is_known(state)) return state.items.size() == seen.number ? Next(state) : std::nullopt;
  if (seen.number == 0) return may_be_nil(state) ? Next(KeyState::nil()) : std::nullopt;
  return KeyState{Kind::kSomething, {}, {}, state.ttl};
}

Next range(const KeyState& state, const Observation& seen) {
  if (seen.kind != Seen::kItems) return std::nullopt;
  if (is_known(state)) return state.items == seen.items ? Next(state) : std::nullopt;
  if (seen.items.empty() && !may_be_nil(state)) return std::nullopt;
  return list_of(seen.items, state.ttl);
}

}  // namespace

bool is_on_lists(OpKind kind) {
  return kind >= OpKind::kRPush && kind <= OpKind::kLRange;
}

std::optional<KeyState> apply_to_list(const KeyState& state, const Operation& op) {
  switch (op.kind) {
    case OpKind::kRPush:
    case OpKind::kLPush:
      return push(state, op);
    case OpKind::kLPop:
    case OpKind::kRPop:
      return pop(state, op);
    case OpKind::kLLen:
      return length(state, op.seen);
    case OpKind::kLRange:
      return range(state, op.seen);
    default:
      return std::nullopt;
  }
}

}  // namespace ringhold::sim

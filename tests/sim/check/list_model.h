// The operations on lists of the sequential specification in key_model.h, which calls this.
#pragma once

#include <optional>

#include "tests/sim/check/key_model.h"

namespace ringhold::sim {

// RPUSH, LPUSH, LPOP, RPOP, LLEN, LRANGE: those that refuse a string.
bool is_on_lists(OpKind kind);

// As apply(). Precondition: the operation is one on lists, and the state is not known to be a string.
std::optional<KeyState> apply_to_list(const KeyState& state, const Operation& operation);

}  // namespace ringhold::sim

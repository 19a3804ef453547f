// A hash of what a store holds, as a client could see it at a log time: keys, values in an order that does
// not depend on their layout, and deadlines; what is due by then is not there.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "dataserver/store/store.h"

namespace ringhold::sim {

std::uint64_t hash_of_entry(const Entry& entry);
std::uint64_t hash_of_state(const Store& store, UnixMs log_time);

}  // namespace ringhold::sim

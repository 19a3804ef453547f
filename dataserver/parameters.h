// The parameters of a data server that CONFIG shows and sets at run time.
#pragma once

#include <string>

#include "dataserver/node.h"

namespace ringhold {

void add_node_parameters(Node& node);

// In Redis's words.
std::string eviction_name(Eviction eviction);

}  // namespace ringhold

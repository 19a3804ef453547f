// Redis's names of the types, as TYPE and SCAN use them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "dataserver/store/entry.h"

namespace ringhold {

constexpr std::string_view type_name(ValueType type) {
  constexpr std::array<std::string_view, 5> kNames = {"string", "list", "set", "zset", "hash"};
  return kNames[static_cast<std::size_t>(type)];
}

}  // namespace ringhold

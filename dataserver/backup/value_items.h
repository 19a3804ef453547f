// The items of a value of any type, one after the other: how backups write values, and make them again.
//
// A string is one item, or, if it is long, several; of the others see backup_records.h. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "dataserver/store/store.h"

namespace ringhold {

// Where to go on in a value. Valid until the value changes.
struct ItemCursor {
  std::uint64_t position =
      0;  // bytes of a string, items of a list, members in hash order: the next one's hash
  bool at_end = false;
};

// How many items the value has, as a whole; a string has one.
std::size_t item_count(const Entry& entry);

// The next items from `cursor` on: as many as have `bytes_max` bytes together, and at least one, unless the
// value is at its end. `visit(std::string_view)` gets each.
void visit_items(const Entry& entry, ItemCursor& cursor, std::size_t bytes_max,
                 const std::function<void(std::string_view)>& visit);

// Adds items to the value of a key, which has this type or is absent: the way back. Errors say what makes no
// sense: a score that is not a number, a field without a value, the same member twice.
Result<void> add_items(Store& store, ValueType type, std::string_view key,
                       const std::vector<std::string>& items, UnixMs now);

}  // namespace ringhold

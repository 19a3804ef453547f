// The items of a value of any type, one after the other: how backups write values, and make them again.
//
// A string is one item; of the others see backup_records.h. Large values have an ItemReader instead. Pure.
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

// A score, as backups have it: the 8 bytes of an IEEE 754 double, little-endian.
struct ScoreItem {
  char bytes[8];
  std::string_view view() const { return {bytes, sizeof bytes}; }
};
ScoreItem score_item(double score);

using VisitItem = std::function<void(std::string_view)>;

// All items of the value, in one go.
void visit_items(const Entry& entry, const VisitItem& visit);

// Adds items to the value of a key (a string's: the bytes that follow), which has this type or is absent: the
// way back. Errors say what makes no sense: a score that is not a number, a field without a value, the same
// member twice.
Result<void> add_items(Store& store, ValueType type, std::string_view key,
                       const std::vector<std::string>& items, UnixMs now);

}  // namespace ringhold

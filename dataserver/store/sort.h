// What SORT means: the elements of a list, set or sorted set in an order of their own, or of values that
// stand elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "dataserver/store/store.h"

namespace ringhold::sorting {

struct SortOptions {
  bool descending = false;
  bool as_text = false;  // else as numbers
  bool stores = false;   // the result is stored, so it has to be the same whatever the form of a set
  // Not at all: lists and sorted sets keep their own order, or its reverse.
  bool keep_order = false;
  // Elements are ordered by the values that this pattern leads to: see value_of.
  std::optional<std::string_view> by;
  // Of the result: so many elements are skipped, and so many taken, all if negative.
  std::int64_t offset = 0;
  std::int64_t count = -1;
};

enum class Status : std::uint8_t {
  kOk,
  kWrongType,
  kNotANumber,  // an element, or the value that it is ordered by
};
struct SortResult {
  Status status;
  std::vector<std::string> elements;
};
// A missing key counts as an empty list. Equal numbers are ordered by the bytes of the elements.
SortResult sort(Store& store, std::string_view key, const SortOptions& options, UnixMs now);

// What a pattern of BY or GET leads to: "#" to the element itself; else the element takes the place of the
// first '*', and that is the key of a string, or, with "->field" behind it, of a hash. Nothing where there is
// no '*', no such key or field, or a value of another type.
std::optional<std::string> value_of(Store& store, std::string_view pattern, std::string_view element,
                                    UnixMs now);

// Puts a list of these items in the place of whatever the key holds; of none: the key is erased.
void store_list(Store& store, std::string_view key, const std::vector<std::string>& items, UnixMs now);

}  // namespace ringhold::sorting

// Intersections, unions and differences of sets. All of it is pure; results are views of the sets.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dataserver/store/set_members.h"

namespace ringhold::sets {

struct Result {
  std::vector<StringValue> members;  // all different
  // A set in which nothing but integers stood while it was made (see NewSet).
  bool may_be_integers = true;
};

// The members of the smallest set that are in all others, in its order; no more than `count_max` of them.
// Precondition: there is a set.
Result intersection(std::span<const SetMembers> sets, std::size_t count_max);
// In hash order.
Result union_of(std::span<const SetMembers> sets);
// The members of the first set that are in none of the others. `integers_max` is
// EncodingLimits::set_integers. Precondition: there is a set.
Result difference(std::span<const SetMembers> sets, std::size_t integers_max);

}  // namespace ringhold::sets

// HSCAN, SSCAN and ZSCAN of a table: where a scan stands in the hash order, which growth, moves and restarts
// do not change. As a cursor it is the top 48 bits of the hash of the member to go on with: below 2^53, so
// that JavaScript clients read it exactly; 0 is the start, and as an answer the end.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dataserver/store/member_table.h"

namespace ringhold {

// Visits `count` elements (const Element&), at least 1, and all that share the last one's cursor. Returns the
// cursor to go on with. An element that is there throughout a whole scan is visited. Any number is a cursor.
template <typename Visit>
std::uint64_t scan_members(const MemberTable& table, std::uint64_t cursor, std::size_t count, Visit&& visit) {
  constexpr unsigned kLostBits = 16;
  if (cursor > ~std::uint64_t{0} >> kLostBits) return 0;
  std::uint64_t last = 0;
  for (auto place = table.first_from(cursor << kLostBits); place; place = table.next(place)) {
    if (count <= 1) {
      const std::uint64_t here = table.hash_of(place) >> kLostBits;
      if (count == 0 && here != last) return here;
      last = here;
    }
    visit(static_cast<const Element&>(*place.element));
    if (count > 0) --count;
  }
  return 0;
}

}  // namespace ringhold

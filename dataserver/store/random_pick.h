// Uniform random picks from the members of a hash, a set or a sorted set. What is picked follows from the
// members, the store's seed and the sequence's, whether the value is packed or a table.
//
// How: the hash space is cut in as many equal bins as there are members, rounded up to a power of two. A
// random bin and a random index below 16 are drawn; if the bin, in the order of (hash, name), has a member of
// that index, that is the pick; else both are drawn again. Each member is as likely as any other, since each
// stands in one bin at one index. A bin has one member on average and practically never 16; it takes 16 to 32
// draws.
//
// A source of picks has: Item; size(); in_bin(bits, bin, index), first_from(hash) and first(), which return a
// const Item* or null; for_each(visit), in order. There are two: TableItems and HashedItems.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>

#include "dataserver/store/hashed_items.h"
#include "dataserver/store/member_table.h"
#include "dataserver/store/random_sequence.h"

namespace ringhold {

class TableItems {
 public:
  using Item = Element;
  explicit TableItems(const MemberTable& table) : table_(table) {}
  std::size_t size() const { return table_.size(); }
  const Element* in_bin(unsigned bits, std::uint64_t bin, std::size_t index) const {
    return table_.in_bin(bits, bin, index);
  }
  const Element* first_from(std::uint64_t hash) const { return table_.first_from(hash).element; }
  const Element* first() const { return table_.first().element; }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (auto place = table_.first(); place; place = table_.next(place)) {
      visit(static_cast<const Element*>(place.element));
    }
  }

 private:
  const MemberTable& table_;
};

// Precondition: the source is not empty.
template <typename Source>
const typename Source::Item* pick_one(const Source& source, RandomSequence& random) {
  // Not to draw for ever where hashes were made to agree: then the pick is not uniform.
  constexpr int kDrawsMax = 1024;
  constexpr std::uint64_t kIndexes = 16;
  const auto bits = static_cast<unsigned>(std::bit_width(source.size() - 1));
  for (int draws = 0; draws < kDrawsMax; ++draws) {
    const std::uint64_t number = random.next();
    const std::uint64_t bin = number >> 1U >> (63 - bits);
    if (const auto* item = source.in_bin(bits, bin, number % kIndexes)) return item;
  }
  const auto* item = source.first_from(random.next());
  return item != nullptr ? item : source.first();
}

// Visits `count` different items, or all there are, as const Item*. Costs what it visits.
template <typename Source, typename Visit>
void pick_distinct(const Source& source, std::size_t count, RandomSequence& random, Visit&& visit) {
  if (count >= source.size()) return source.for_each(visit);
  if (count > source.size() / 3) {
    // Selection sampling (Knuth, volume 2, 3.4.2, algorithm S): one pass that takes each with the right odds.
    std::size_t left = source.size();
    source.for_each([&](const typename Source::Item* item) {
      if (random.below(left--) >= count) return;
      --count;
      visit(item);
    });
    return;
  }
  std::unordered_set<const typename Source::Item*> picked;
  while (picked.size() < count) {
    const auto* item = pick_one(source, random);
    if (picked.insert(item).second) visit(item);
  }
}

}  // namespace ringhold

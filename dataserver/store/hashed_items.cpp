#include "dataserver/store/hashed_items.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "common/base/check.h"
#include "dataserver/store/element.h"

namespace ringhold {

namespace {

bool is_before(const HashedItems::Item& a, const HashedItems::Item& b) {
  if (a.hash != b.hash) return a.hash < b.hash;
  IntText scratch_a;
  IntText scratch_b;
  return a.name.text(scratch_a) < b.name.text(scratch_b);
}

std::uint64_t bin_of(std::uint64_t hash, unsigned bits) {
  return hash >> 1U >> (63 - bits);
}

}  // namespace

HashedItems HashedItems::of(const PackedItems& items, std::size_t step, std::uint64_t seed) {
  HashedItems hashed(seed);
  std::size_t index = 0;
  for (std::size_t at = 0; at < items.size(); at = items.next(at)) {
    if (index++ % step == 0) hashed.add(items.at(at), at);
  }
  hashed.arrange();
  return hashed;
}

void HashedItems::add(const StringValue& name, std::size_t position) {
  IntText scratch;
  items_.push_back({member_hash(name.text(scratch), seed_), name, position});
}

// Sorts by bins, of which each holds an item or two: linear time, where sorting it all would be felt.
void HashedItems::arrange() {
  if (items_.empty()) return;
  const auto bits = static_cast<unsigned>(std::bit_width(items_.size() - 1));
  bin_at_.assign((std::size_t{1} << bits) + 1, 0);
  for (const Item& item : items_) ++bin_at_[bin_of(item.hash, bits) + 1];
  for (std::size_t bin = 1; bin < bin_at_.size(); ++bin) bin_at_[bin] += bin_at_[bin - 1];
  std::vector<std::uint32_t> next(bin_at_.begin(), bin_at_.end() - 1);
  std::vector<Item> sorted(items_.size());
  for (const Item& item : items_) sorted[next[bin_of(item.hash, bits)]++] = item;
  items_ = std::move(sorted);
  for (std::size_t bin = 0; bin + 1 < bin_at_.size(); ++bin) {
    if (bin_at_[bin + 1] - bin_at_[bin] < 2) continue;
    std::sort(items_.begin() + bin_at_[bin], items_.begin() + bin_at_[bin + 1], is_before);
  }
}

const HashedItems::Item* HashedItems::in_bin(unsigned bits, std::uint64_t bin, std::size_t index) const {
  INVARIANT(bin_at_.size() == (std::size_t{1} << bits) + 1);
  const std::size_t at = bin_at_[bin] + index;
  return at < bin_at_[bin + 1] ? &items_[at] : nullptr;
}

const HashedItems::Item* HashedItems::first_from(std::uint64_t hash) const {
  const auto at = std::partition_point(items_.begin(), items_.end(),
                                       [hash](const Item& item) { return item.hash < hash; });
  return at == items_.end() ? nullptr : &*at;
}

}  // namespace ringhold

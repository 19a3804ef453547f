// HashedItems: the members of a packed hash, set or sorted set in hash order, computed when a command needs
// it: for random picks (see random_pick.h), and for whatever goes through members in hash order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataserver/store/entry.h"
#include "dataserver/store/packed.h"

namespace ringhold {

class HashedItems {
 public:
  struct Item {
    std::uint64_t hash;
    StringValue name;
    std::size_t position;  // whatever its maker said
  };

  // `seed` is StoreOptions::seed.
  explicit HashedItems(std::uint64_t seed) : seed_(seed) {}
  // Of every `step`th packed item, beginning with the first; positions are those in `items`.
  static HashedItems of(const PackedItems& items, std::size_t step, std::uint64_t seed);

  void add(const StringValue& name, std::size_t position);
  // Once all are added; before that, the following do not work.
  void arrange();

  std::size_t size() const { return items_.size(); }
  // Precondition: 2^bits is size(), rounded up.
  const Item* in_bin(unsigned bits, std::uint64_t bin, std::size_t index) const;
  const Item* first_from(std::uint64_t hash) const;
  const Item* first() const { return items_.empty() ? nullptr : items_.data(); }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Item& item : items_) visit(&item);
  }

 private:
  std::uint64_t seed_;
  std::vector<Item> items_;            // in the order of (hash, name)
  std::vector<std::uint32_t> bin_at_;  // of items_; one more than there are bins
};

}  // namespace ringhold

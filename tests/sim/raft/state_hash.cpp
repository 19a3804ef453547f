#include "tests/sim/raft/state_hash.h"

#include <xxhash.h>

#include <array>
#include <string_view>

#include "dataserver/backup/value_items.h"

namespace ringhold::sim {

namespace {

std::uint64_t hash(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace

// Members of sets, and pairs of hashes and sorted sets, come in an order of the layout's: their hashes are
// added up.
std::uint64_t hash_of_entry(const Entry& entry) {
  const ValueType type = entry.type();
  const bool pairs = type == ValueType::kHash || type == ValueType::kZset;
  std::uint64_t items = 0;
  std::uint64_t count = 0;
  std::uint64_t first = 0;
  visit_items(entry, [&](std::string_view item) {
    if (pairs) {
      first = count++ % 2 == 0 ? hash(item, 1) : (items += hash(item, first));
    } else if (type == ValueType::kSet) {
      items += hash(item, 1);
    } else {
      items = hash(item, items + 1);
    }
  });
  const std::array<std::uint64_t, 4> all = {hash(entry.key(), 0), static_cast<std::uint64_t>(type),
                                            static_cast<std::uint64_t>(entry.deadline()), items};
  return XXH3_64bits(all.data(), sizeof all);
}

std::uint64_t hash_of_state(const Store& store, UnixMs log_time) {
  std::uint64_t sum = hash({}, static_cast<std::uint64_t>(log_time));
  for (std::uint32_t slot = 0; slot < kSlotCount; ++slot) {
    const std::uint32_t size = store.slot_size(Slot{static_cast<std::uint16_t>(slot)});
    if (size == 0) continue;
    store.scan({slot, 0}, size, [&](const Entry& entry) {
      if (!entry.is_due(log_time)) sum += hash_of_entry(entry);
    });
  }
  return sum;
}

}  // namespace ringhold::sim

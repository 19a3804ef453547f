#include "cluster/ring/ring.h"

#include <algorithm>
#include <numeric>

#include "cluster/ring/ring_points.h"
#include "common/base/check.h"
#include "common/base/limits.h"

namespace ringhold {

namespace {

void check_preconditions(std::span<const RingShard> shards) {
  INVARIANT(!shards.empty() && shards.size() <= limits::kShardsMax);
  for (const RingShard& shard : shards) INVARIANT(shard.weight >= 1 && shard.weight <= limits::kWeightMax);
}

// Positions in `shards`, ascending by name.
std::vector<std::uint16_t> order_by_name(std::span<const RingShard> shards) {
  std::vector<std::uint16_t> order(shards.size());
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return shards[a].name < shards[b].name; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    INVARIANT(shards[order[i - 1]].name != shards[order[i]].name);
  }
  return order;
}

// The two passes of ring.h. Shards are numbered by name in here.
class Rebalance {
 public:
  Rebalance(SlotTable table, std::span<const RingShard> by_name)
      : points_(by_name), quotas_(slot_quotas(by_name)), owned_(by_name.size()), table_(table) {
    for (const std::uint16_t owner : table_) {
      if (owner != kNoOwner) ++owned_[owner];
    }
  }

  SlotTable run() && {
    for (std::uint16_t slot = 0; slot < kSlotCount; ++slot) {
      const std::uint16_t owner = table_[slot];
      if (owner == kNoOwner || in_surplus(owner)) move(slot, preferred(slot, owner));
    }
    for (std::uint16_t slot = 0; slot < kSlotCount; ++slot) {
      if (in_surplus(table_[slot])) move(slot, preferred(slot, kNoOwner));
    }
    return table_;
  }

 private:
  bool in_surplus(std::uint16_t shard) const { return owned_[shard] > quotas_[shard]; }
  bool is_short(std::uint16_t shard) const { return owned_[shard] < quotas_[shard]; }

  // The first shard clockwise of `slot` that is short, or `stay` if that comes before it. There is always one
  // that is short while a slot has no owner or an owner in surplus, because quotas add up to the number of
  // slots.
  std::uint16_t preferred(std::uint16_t slot, std::uint16_t stay) const {
    std::size_t at = points_.first_from(slot_position(slot));
    for (std::size_t steps = 0; steps < points_.size(); ++steps, at = points_.next(at)) {
      const std::uint16_t shard = points_.shard(at);
      if (shard == stay || is_short(shard)) return shard;
    }
    INVARIANT(false && "no shard is below its quota");
  }

  void move(std::uint16_t slot, std::uint16_t to) {
    if (table_[slot] != kNoOwner) --owned_[table_[slot]];
    ++owned_[to];
    table_[slot] = to;
  }

  RingPoints points_;
  std::vector<std::uint32_t> quotas_;
  std::vector<std::uint32_t> owned_;
  SlotTable table_;
};

}  // namespace

std::vector<std::uint32_t> slot_quotas(std::span<const RingShard> shards) {
  check_preconditions(shards);
  std::uint64_t total = 0;
  for (const RingShard& shard : shards) total += shard.weight;
  std::vector<std::uint32_t> quotas;
  std::uint32_t left = kSlotCount;
  for (const RingShard& shard : shards) {
    quotas.push_back(static_cast<std::uint32_t>(std::uint64_t{shard.weight} * kSlotCount / total));
    left -= quotas.back();
  }
  // Fewer slots are left than there are shards: one each for the largest remainders.
  const auto remainder = [&](std::uint16_t i) {
    return std::uint64_t{shards[i].weight} * kSlotCount % total;
  };
  std::vector<std::uint16_t> order = order_by_name(shards);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return remainder(a) > remainder(b); });
  for (std::uint32_t i = 0; i < left; ++i) ++quotas[order[i]];
  return quotas;
}

SlotTable place_slots(std::span<const RingShard> shards) {
  SlotTable none;
  none.fill(kNoOwner);
  return rebalance_slots(none, shards);
}

SlotTable rebalance_slots(const SlotTable& current, std::span<const RingShard> shards) {
  check_preconditions(shards);
  const std::vector<std::uint16_t> order = order_by_name(shards);
  std::vector<std::uint16_t> rank(shards.size());
  std::vector<RingShard> by_name;
  for (const std::uint16_t i : order) {
    rank[i] = static_cast<std::uint16_t>(by_name.size());
    by_name.push_back(shards[i]);
  }
  SlotTable table = current;
  for (std::uint16_t& owner : table) {
    INVARIANT(owner == kNoOwner || owner < shards.size());
    if (owner != kNoOwner) owner = rank[owner];
  }
  table = Rebalance(table, by_name).run();
  for (std::uint16_t& owner : table) owner = order[owner];
  return table;
}

}  // namespace ringhold

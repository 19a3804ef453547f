#include "cluster/ring/ring.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "common/base/limits.h"
#include "tests/unit/ring/random_shards.h"

namespace ringhold {
namespace {

using Shards = std::vector<RingShard>;

std::vector<std::uint32_t> counts(const SlotTable& table, std::size_t shards) {
  std::vector<std::uint32_t> owned(shards);
  for (const std::uint16_t owner : table) {
    if (owner >= shards) FAIL("an owner that is not in the list");
    ++owned[owner];
  }
  return owned;
}

std::size_t differences(const NamedTable& a, const NamedTable& b) {
  std::size_t n = 0;
  for (std::size_t slot = 0; slot < kSlotCount; ++slot) n += a[slot] != b[slot];
  return n;
}

void check_quotas(const std::vector<std::uint32_t>& quotas, const Shards& shards) {
  CHECK(std::accumulate(quotas.begin(), quotas.end(), 0U) == kSlotCount);
  double total = 0;
  for (const RingShard& shard : shards) total += shard.weight;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    CHECK(std::abs(quotas[i] - shards[i].weight * double{kSlotCount} / total) < 1.0);
  }
}

TEST_CASE("quotas: the largest remainders get what is left, ties go to the smaller name") {
  CHECK(slot_quotas(Shards{{"only", 7}}) == std::vector<std::uint32_t>{16384});
  CHECK(slot_quotas(Shards{{"c", 1}, {"b", 1}, {"a", 1}}) == std::vector<std::uint32_t>{5461, 5461, 5462});
  // 16384/6 = 2730.67 and 5·2730.67 = 13653.33: the larger remainder is a's.
  CHECK(slot_quotas(Shards{{"b", 5}, {"a", 1}}) == std::vector<std::uint32_t>{13653, 2731});
  CHECK(slot_quotas(Shards{{"dwarf", 1}, {"giant", 1000000}}) == std::vector<std::uint32_t>{0, 16384});
}

TEST_CASE("quotas: the greatest list and the greatest weights do not overflow") {
  Shards shards;
  for (std::size_t i = 0; i < limits::kShardsMax; ++i) {
    shards.push_back({"s" + std::to_string(i), limits::kWeightMax - static_cast<std::uint32_t>(i % 3)});
  }
  check_quotas(slot_quotas(shards), shards);
}

TEST_CASE("a fresh table meets the quotas and does not depend on the order of the list") {
  RandomShards random(1);
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    Shards shards = random.list(round % 10 == 0 ? 300 : 12);
    const SlotTable table = place_slots(shards);
    const auto quotas = slot_quotas(shards);
    check_quotas(quotas, shards);
    CHECK(counts(table, shards.size()) == quotas);
    CHECK(place_slots(shards) == table);
    const NamedTable names = named(table, shards);
    std::reverse(shards.begin(), shards.end());
    CHECK(named(place_slots(shards), shards) == names);
  }
}

TEST_CASE("edits: every table meets the quotas, and no more slots move than must") {
  RandomShards random(2);
  for (int sequence = 0; sequence < 25; ++sequence) {
    Shards shards = random.list(10);
    NamedTable names = named(place_slots(shards), shards);
    for (int edit = 0; edit < 8; ++edit) {
      CAPTURE(sequence);
      CAPTURE(edit);
      shards = random.edited(shards);
      const SlotTable before = indexed(names, shards);
      const SlotTable after = rebalance_slots(before, shards);
      const auto quotas = slot_quotas(shards);
      CHECK(counts(after, shards.size()) == quotas);
      std::vector<std::uint32_t> kept(shards.size());
      for (const std::uint16_t owner : before) {
        if (owner != kNoOwner) ++kept[owner];
      }
      std::size_t ideal = 0;
      for (std::size_t i = 0; i < shards.size(); ++i) ideal += quotas[i] - std::min(quotas[i], kept[i]);
      const NamedTable now = named(after, shards);
      CHECK(differences(names, now) == ideal);
      Shards reversed(shards.rbegin(), shards.rend());
      CHECK(named(rebalance_slots(indexed(names, reversed), reversed), reversed) == now);
      CHECK(rebalance_slots(after, shards) == after);  // nothing more to do
      names = now;
    }
  }
}

TEST_CASE("a shard that is added takes slots, and no others change hands") {
  const Shards before{{"a", 1}, {"b", 1}, {"c", 1}};
  const Shards after{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
  const NamedTable old_names = named(place_slots(before), before);
  const NamedTable new_names = named(rebalance_slots(indexed(old_names, after), after), after);
  CHECK(differences(old_names, new_names) == 4096);
  for (std::size_t slot = 0; slot < kSlotCount; ++slot) {
    if (new_names[slot] != old_names[slot]) CHECK(new_names[slot] == "d");
  }
}

TEST_CASE("a shard that is removed gives its slots away, and no others change hands") {
  const Shards before{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
  const Shards after{{"a", 1}, {"c", 1}, {"d", 1}};
  const NamedTable old_names = named(place_slots(before), before);
  const NamedTable new_names = named(rebalance_slots(indexed(old_names, after), after), after);
  CHECK(differences(old_names, new_names) == 4096);
  for (std::size_t slot = 0; slot < kSlotCount; ++slot) {
    if (new_names[slot] != old_names[slot]) CHECK(old_names[slot] == "b");
  }
}

TEST_CASE("a shard that returns gets most of its old slots back") {
  const Shards with{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
  const Shards without{{"a", 1}, {"c", 1}, {"d", 1}};
  const NamedTable first = named(place_slots(with), with);
  const NamedTable gone = named(rebalance_slots(indexed(first, without), without), without);
  const NamedTable back = named(rebalance_slots(indexed(gone, with), with), with);
  const auto same = static_cast<double>(kSlotCount - differences(first, back));
  MESSAGE("same owner as at first: ", same / kSlotCount);
  CHECK(same / kSlotCount > 0.95);
}

TEST_CASE("a fresh table is the rebalance of a table without owners") {
  const Shards shards{{"a", 3}, {"b", 2}};
  SlotTable none;
  none.fill(kNoOwner);
  CHECK(rebalance_slots(none, shards) == place_slots(shards));
}

TEST_CASE("the same scale of weights is the same ring") {
  const Shards ones{{"a", 1}, {"b", 2}};
  const Shards hundreds{{"a", 300}, {"b", 600}};
  CHECK(place_slots(ones) == place_slots(hundreds));
}

TEST_CASE("the largest ring stays within its time") {
  // One light shard makes all others have the most points: 16 million of them.
  Shards shards{{"light", 1}};
  while (shards.size() < limits::kShardsMax) shards.push_back({"s" + std::to_string(shards.size()), 1000});
  const auto started = std::chrono::steady_clock::now();
  const SlotTable table = place_slots(shards);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  MESSAGE("1,024 shards of 16,000 points: ", took.count(), " s");
  CHECK(counts(table, shards.size()) == slot_quotas(shards));
  CHECK(took.count() < 20);  // a bound for sanitizers on a busy machine; a release build takes well under 1 s
}

}  // namespace
}  // namespace ringhold

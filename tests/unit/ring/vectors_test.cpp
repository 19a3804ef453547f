// Compares the ring with vectors.json, which a second implementation made (make_vectors.py).
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <xxhash.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cluster/ring/ring_points.h"
#include "tests/unit/ring/random_shards.h"

namespace ringhold {
namespace {

using Json = nlohmann::json;

Json vectors() {
  std::ifstream file(RING_VECTORS);
  REQUIRE(file.good());
  return Json::parse(file);
}

std::string checksum(const NamedTable& names) {
  std::string lines;
  for (const std::string& name : names) lines += name + '\n';
  return fmt::format("{:016x}", XXH3_64bits(lines.data(), lines.size()));
}

std::vector<RingShard> shards_of(const Json& step) {
  std::vector<RingShard> shards;
  for (const Json& shard : step["shards"]) {
    shards.push_back({shard["name"].get<std::string>(), shard["weight"].get<std::uint32_t>()});
  }
  return shards;
}

// Checks one step of a case and returns its table.
NamedTable check_step(const Json& step, const NamedTable& before) {
  const std::vector<RingShard> shards = shards_of(step);
  const auto quotas = slot_quotas(shards);
  for (std::size_t i = 0; i < shards.size(); ++i) CHECK(quotas[i] == step["quotas"][shards[i].name]);
  NamedTable after = named(rebalance_slots(indexed(before, shards), shards), shards);
  const Json& first = step["first_owners"];
  for (std::size_t slot = 0; slot < first.size(); ++slot) CHECK(after[slot] == first[slot]);
  std::size_t moved = 0;
  for (std::size_t slot = 0; slot < kSlotCount; ++slot) {
    moved += !before[slot].empty() && before[slot] != after[slot];
  }
  CHECK(moved == step["moved"]);
  CHECK(checksum(after) == step["checksum"]);
  return after;
}

TEST_CASE("the ring is the one of the published vectors") {
  std::size_t steps = 0;
  const Json published = vectors();
  for (const Json& edits : published["cases"]) {
    NamedTable table(kSlotCount);
    for (const Json& step : edits) {
      CAPTURE(step["shards"].dump());
      table = check_step(step, table);
      ++steps;
    }
  }
  CHECK(steps == 15);
}

TEST_CASE("positions are XXH3-64 of the decimal text") {
  const Json published = vectors()["xxh3"];
  CHECK(fmt::format("{:016x}", slot_position(0)) == published["0"]);
  CHECK(fmt::format("{:016x}", slot_position(16383)) == published["16383"]);
}

TEST_CASE("points: 160 per least weight, at least 1, at most 16,000, in clockwise order") {
  const std::vector<RingShard> shards{{"a", 2}, {"b", 3}, {"c", 1000}};
  CHECK(point_counts(shards) == std::vector<std::uint32_t>{160, 240, 16000});
  const RingPoints points(shards);
  REQUIRE(points.size() == 16400);
  // The position itself is included; "a#159" is of the first shard by name, where that is hardest to get
  // right.
  const std::string text = "a#159";
  const std::size_t at = points.first_from(XXH3_64bits(text.data(), text.size()));
  CHECK(points.shard(at) == 0);
  CHECK(points.first_from(XXH3_64bits(text.data(), text.size()) - 1) == at);
  // Nothing lies between a point and the next, and the end wraps around.
  CHECK(points.first_from(XXH3_64bits(text.data(), text.size()) + 1) == points.next(at));
  CHECK(points.first_from(~std::uint64_t{0}) == 0);
  CHECK(points.next(points.size() - 1) == 0);
}

}  // namespace
}  // namespace ringhold

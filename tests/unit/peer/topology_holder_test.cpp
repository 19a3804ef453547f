// Which topologies a loop goes by.
#include "cluster/peer/topology_holder.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

namespace ringhold {
namespace {

TopologyPtr topology_of(std::uint8_t cluster, std::uint64_t generation, std::uint64_t epoch) {
  Topology topology;
  topology.cluster.bytes[0] = cluster;
  topology.version = {generation, Epoch{epoch}};
  Shard shard{.name = "a", .id = {}, .weight = 1, .replicas = {{"127.0.0.1", 9501}}};
  shard.id.bytes[0] = 1;
  topology.shards = {shard};
  topology.authority = shard.name;
  return std::make_shared<const Topology>(std::move(topology));
}

// As a peer shows it.
Result<void> show(TopologyHolder& holder, const TopologyPtr& topology) {
  const std::string encoded = encode_topology(*topology);
  return holder.offer(TopologyMessage{topology->cluster, topology->version, encoded});
}

}  // namespace

TEST_CASE("topology holder: only newer ones of the same cluster") {
  TopologyHolder holder;
  int changes = 0;
  holder.on_change = [&](const TopologyPtr&) { ++changes; };
  CHECK(show(holder, topology_of(1, 1, 2)).ok());
  CHECK(show(holder, topology_of(1, 1, 1)).ok());
  CHECK(show(holder, topology_of(1, 1, 2)).ok());
  CHECK(changes == 1);
  CHECK_FALSE(show(holder, topology_of(2, 1, 3)).ok());
  CHECK(show(holder, topology_of(1, 2, 3)).ok());
  CHECK(holder.version().text() == "2.3");
  CHECK(changes == 2);
}

TEST_CASE("topology holder: what is remembered is not gone by until it is confirmed") {
  TopologyHolder holder;
  int changes = 0;
  holder.on_change = [&](const TopologyPtr& before) {
    ++changes;
    CHECK(before == nullptr);
  };
  holder.remember(topology_of(1, 1, 5));
  CHECK(holder.current() == nullptr);
  CHECK(holder.version().is_none());
  CHECK(holder.newest()->version.text() == "1.5");
  CHECK(holder.remembered_message().topology.version.text() == "1.5");
  CHECK(decode_topology(holder.remembered_message().topology.payload).ok());
  CHECK(holder.cluster() == topology_of(1, 1, 1)->cluster);

  SUBCASE("an older one is not taken") {
    CHECK(show(holder, topology_of(1, 1, 4)).ok());
    CHECK(holder.current() == nullptr);
    CHECK(changes == 0);
  }
  SUBCASE("one of another cluster is refused") {
    CHECK_FALSE(holder.compatible(topology_of(2, 1, 1)->cluster));
    CHECK_FALSE(show(holder, topology_of(2, 1, 9)).ok());
    CHECK(changes == 0);
  }
  SUBCASE("the same, or a newer one") {
    for (const std::uint64_t epoch : {5U, 7U}) {
      TopologyHolder other;
      other.remember(topology_of(1, 1, 5));
      CHECK(show(other, topology_of(1, 1, epoch)).ok());
      REQUIRE(other.current() != nullptr);
      CHECK(other.version().epoch.value == epoch);
      CHECK(other.remembered() == nullptr);
      CHECK(other.newest() == other.current());
    }
  }
}

}  // namespace ringhold

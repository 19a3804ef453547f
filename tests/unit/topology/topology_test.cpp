#include "cluster/topology/topology.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/unit/topology/fake_world.h"

namespace ringhold {
namespace {

ServersFile file(std::string_view text) {
  return parse_servers_file(text).value();
}

const char* const kThree = R"({"servers": [
  {"name": "a", "replicas": ["h:1"]}, {"name": "b", "replicas": ["h:2"]}, {"name": "c", "replicas": ["h:3", "h:4"]}]})";

std::size_t moved(const Topology& from, const Topology& to) {
  std::size_t n = 0;
  for (std::uint16_t slot = 0; slot < kSlotCount; ++slot) {
    n += from.owner(Slot{slot}).name != to.owner(Slot{slot}).name;
  }
  return n;
}

struct Fixture {
  FakeRng rng;
  Topology first = found_topology(file(kThree), rng);
  Result<Topology> edit(std::string_view text) { return edit_topology(first, file(text), rng, false); }
};

TEST_CASE_FIXTURE(Fixture, "topology: the first one") {
  CHECK(check_topology(first).ok());
  CHECK(first.version.text() == "1.1");
  CHECK(first.authority == "a");
  CHECK(first.specs() == file(kThree).servers);
  std::set<Id128> ids{first.cluster};
  for (const Shard& shard : first.shards) ids.insert(shard.id);
  CHECK(ids.size() == 4);
  CHECK(first.slots_of("a") == 5462);
  CHECK(first.slots_of("b") == 5461);
  CHECK(first.slots_of("nobody") == 0);
  CHECK(first.find_shard("c")->replicas.size() == 2);
  CHECK(first.find_shard("bb") == nullptr);
  CHECK(first.find_shard_at({"h", 4})->name == "c");
  CHECK(first.find_shard_at({"h", 5}) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "regression: a server that advertises another spelling of its address is found") {
  const auto topology = edit(R"({"servers": [
    {"name": "a", "replicas": ["[0:0:0:0:0:0:0:1]:1"]}, {"name": "b", "replicas": ["Node-2.Example:2"]}]})");
  REQUIRE(topology.ok());
  const auto found = [&](std::string_view advertised) {
    const Shard* shard = topology->find_shard_at(parse_address(advertised).value());
    return shard == nullptr ? std::string() : shard->name;
  };
  for (const char* text : {"[::1]:1", "[0::0:1]:1"}) CHECK(found(text) == "a");
  for (const char* text : {"node-2.example:2", "NODE-2.EXAMPLE:2"}) CHECK(found(text) == "b");
  // Nor is it an edit to spell an address otherwise.
  const auto same = edit_topology(*topology, file(R"({"servers": [
    {"name": "a", "replicas": ["[::1]:1"]}, {"name": "b", "replicas": ["node-2.example:2"]}]})"),
                                  rng, false);
  REQUIRE(same.ok());
  CHECK(same->version == topology->version);
}

TEST_CASE("topology: versions are ordered by generation, then epoch; none is the least") {
  CHECK(TopologyVersion{}.is_none());
  CHECK(TopologyVersion{} < TopologyVersion{1, Epoch{1}});
  CHECK(TopologyVersion{1, Epoch{9}} < TopologyVersion{2, Epoch{3}});
  CHECK(TopologyVersion{2, Epoch{3}} < TopologyVersion{2, Epoch{4}});
  CHECK(TopologyVersion{12, Epoch{345}}.text() == "12.345");
}

TEST_CASE_FIXTURE(Fixture, "topology: order and formatting are no change") {
  const auto same = edit(R"({"servers":[{"replicas":["h:4","h:3"],"name":"c","weight":1},
    {"name":"b","replicas":["h:2"]},{"name":"a","replicas":["h:1"]}]})");
  REQUIRE(same.ok());
  CHECK(*same == first);
}

TEST_CASE_FIXTURE(Fixture,
                  "topology: a shard that is added takes its share, the others keep id and address") {
  const auto next =
      edit(R"({"servers": [{"name": "a", "replicas": ["h:1"]}, {"name": "b", "replicas": ["h:2"]},
    {"name": "bb", "replicas": ["h:9"]}, {"name": "c", "replicas": ["h:3", "h:4"]}]})");
  REQUIRE(next.ok());
  CHECK(check_topology(*next).ok());
  CHECK(next->version.text() == "1.2");
  CHECK(next->cluster == first.cluster);
  CHECK(next->slots_of("bb") == 4096);
  CHECK(moved(first, *next) == 4096);
  for (const Shard& shard : first.shards) CHECK(*next->find_shard(shard.name) == shard);
}

TEST_CASE_FIXTURE(
    Fixture,
    "topology: a shard that is removed gives its slots away; the authority stays or falls to the least") {
  const auto next =
      edit(R"({"servers": [{"name": "b", "replicas": ["h:2"]}, {"name": "c", "replicas": ["h:3", "h:4"]}]})");
  REQUIRE(next.ok());
  CHECK(check_topology(*next).ok());
  CHECK(next->authority == "b");
  CHECK(moved(first, *next) == 5462);
  // It comes back as another shard of the same name, and the authority does not move again.
  const auto back = edit_topology(*next, file(kThree), rng, false);
  REQUIRE(back.ok());
  CHECK(back->version.text() == "1.3");
  CHECK(back->authority == "b");
  CHECK(back->find_shard("a")->id != first.find_shard("a")->id);
}

TEST_CASE_FIXTURE(Fixture, "topology: another address under a name moves no data") {
  const auto next =
      edit(R"({"servers": [{"name": "a", "replicas": ["other:1"]}, {"name": "b", "replicas": ["h:2"]},
    {"name": "c", "replicas": ["h:3"]}]})");
  REQUIRE(next.ok());
  CHECK(moved(first, *next) == 0);
  CHECK(next->version.text() == "1.2");
  CHECK(next->find_shard("a")->id == first.find_shard("a")->id);
  CHECK(next->find_shard("a")->replicas == std::vector<Address>{{"other", 1}});
}

TEST_CASE_FIXTURE(Fixture, "topology: weights move exactly the difference of quotas") {
  const auto next = edit(
      R"({"servers": [{"name": "a", "weight": 2, "replicas": ["h:1"]}, {"name": "b", "replicas": ["h:2"]},
    {"name": "c", "replicas": ["h:3", "h:4"]}]})");
  REQUIRE(next.ok());
  CHECK(next->slots_of("a") == 8192);
  CHECK(moved(first, *next) == 8192 - 5462);
}

TEST_CASE_FIXTURE(Fixture,
                  "topology: the same weights on another scale are a new version that moves nothing") {
  const auto next = edit(R"({"servers": [{"name": "a", "weight": 5, "replicas": ["h:1"]},
    {"name": "b", "weight": 5, "replicas": ["h:2"]}, {"name": "c", "weight": 5, "replicas": ["h:3", "h:4"]}]})");
  REQUIRE(next.ok());
  CHECK(next->version.text() == "1.2");
  CHECK(moved(first, *next) == 0);
}

TEST_CASE("topology: in the short form another address is another shard") {
  FakeRng rng;
  const Topology first = found_topology(file(R"([{"addr": "h:1"}, {"addr": "h:2"}])"), rng);
  const auto next = edit_topology(first, file(R"([{"addr": "h:1"}, {"addr": "h:3"}])"), rng, false);
  REQUIRE(next.ok());
  CHECK(next->find_shard("h:2") == nullptr);
  CHECK(next->slots_of("h:3") == 8192);
  CHECK(moved(first, *next) == 8192);
}

TEST_CASE_FIXTURE(Fixture, "topology: an address of a live shard under another name is refused with advice") {
  const char* const refused[] = {
      // Renamed.
      R"({"servers": [{"name": "z", "replicas": ["h:1"]}, {"name": "b", "replicas": ["h:2"]}]})",
      // Moved between shards that stay.
      R"({"servers": [{"name": "a", "replicas": ["h:9"]}, {"name": "b", "replicas": ["h:2", "h:1"]}]})",
      // Exchanged.
      R"({"servers": [{"name": "a", "replicas": ["h:2"]}, {"name": "b", "replicas": ["h:1"]}]})",
      // The same in another spelling, and from the long form to the short one.
      R"([{"addr": "H:1"}])",
  };
  for (const char* text : refused) {
    CAPTURE(std::string(text));
    const auto next = edit(text);
    REQUIRE_FALSE(next.ok());
    CAPTURE(next.error().message);
    CHECK(next.error().message.find("belongs to shard") != std::string::npos);
    CHECK(next.error().message.find("in one edit and add it") != std::string::npos);
  }
  CHECK(edit(refused[0])
            .error()
            .message.starts_with("h:1 is listed for shard 'z', but it belongs to shard 'a'"));
}

TEST_CASE_FIXTURE(Fixture, "topology: a restarted decider takes a new generation, unless nothing changes") {
  const auto next = edit_topology(first, file(R"([{"addr": "k:1"}])"), rng, true);
  REQUIRE(next.ok());
  CHECK(next->version.text() == "2.2");
  CHECK(edit_topology(first, file(kThree), rng, true)->version.text() == "1.1");
}

TEST_CASE_FIXTURE(Fixture, "topology: long sequences of edits keep every invariant") {
  Topology now = first;
  std::uint64_t random = 7;
  for (int i = 0; i < 40; ++i) {
    ServersFile edited;
    for (int name = 0; name < 12; ++name) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      if ((random >> 60) < 7) continue;
      const auto port = static_cast<std::uint16_t>(100 * name + 1 + static_cast<int>((random >> 40) % 3));
      edited.servers.push_back({std::string(1, static_cast<char>('a' + name)),
                                static_cast<std::uint32_t>(1 + (random >> 50) % 4),
                                {{"k", port}}});
    }
    if (edited.servers.empty()) continue;
    auto next = edit_topology(now, edited, rng, false);
    REQUIRE(next.ok());
    CHECK(check_topology(*next).ok());
    CHECK(next->specs() == edited.servers);
    const bool unchanged = now.specs() == edited.servers;
    CHECK(next->version.epoch.value == now.version.epoch.value + (unchanged ? 0 : 1));
    now = std::move(*next);
  }
}

TEST_CASE("topology: differences for people") {
  const auto from = file(kThree).servers;
  const auto to = file(R"({"servers": [{"name": "a", "weight": 2, "replicas": ["h:1"]},
    {"name": "c", "weight": 3, "replicas": ["h:5", "h:3"]}, {"name": "d", "replicas": ["h:6", "[::1]:7"]}]})")
                      .servers;
  CHECK(describe_difference(from, to) == std::vector<std::string>{"~ a weight 1 → 2", "- b h:2 weight 1",
                                                                  "~ c weight 1 → 3, + h:5, - h:4",
                                                                  "+ d h:6 [::1]:7 weight 1"});
  CHECK(describe_difference(from, from).empty());
  CHECK(describe_difference({}, from).size() == 3);
  CHECK(describe_difference(from, {}).size() == 3);
}

}  // namespace
}  // namespace ringhold

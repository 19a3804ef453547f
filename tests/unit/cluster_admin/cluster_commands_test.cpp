#include <set>
#include <sstream>

#include "tests/unit/cluster_admin/cluster_fixture.h"

namespace ringhold {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

TEST_CASE("node ids: 40 hex digits, different for each replica, and always the same") {
  std::set<std::string> ids;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    ids.insert(cluster_node_id(id_of(1), {"127.0.0.1", port}));
    ids.insert(cluster_node_id(id_of(2), {"127.0.0.1", port}));
    ids.insert(cluster_proxy_id({"127.0.0.1", port}));
  }
  CHECK(ids.size() == 300);
  for (const std::string& id : ids) {
    CHECK(id.size() == 40);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
  CHECK(cluster_node_id(id_of(1), {"h", 1}) == cluster_node_id(id_of(1), {"h", 1}));
}

TEST_CASE_FIXTURE(ClusterFixture, "CLUSTER SLOTS: every slot once, ascending, with the owner's nodes") {
  const ReplyValue slots = reply({"cluster", "slots"});
  REQUIRE(slots.kind == ReplyValue::Kind::kArray);
  std::int64_t next = 0;
  for (const ReplyValue& range : slots.elements) {
    REQUIRE(range.elements.size() >= 3);
    CHECK(range.elements[0].integer == next);
    next = range.elements[1].integer + 1;
    const std::uint16_t owner = topology.slots[static_cast<std::size_t>(range.elements[0].integer)];
    const Shard& shard = topology.shards[owner];
    CHECK(topology.slots[static_cast<std::size_t>(next - 1)] == owner);
    REQUIRE(range.elements.size() == 2 + shard.replicas.size());
    for (std::size_t i = 0; i < shard.replicas.size(); ++i) {
      const std::vector<ReplyValue>& node = range.elements[2 + i].elements;
      REQUIRE(node.size() == 4);
      CHECK(node[0].text == shard.replicas[i].host);
      CHECK(node[1].integer == shard.replicas[i].port);
      CHECK(node[2].text == cluster_node_id(shard.id, shard.replicas[i]));
      CHECK(node[3].elements.empty());
    }
  }
  CHECK(next == kSlotCount);
  CHECK(slots.elements.size() == 6);  // 0 c, 1-99 a, 100 b, 101-5461 a, 5462-10923 b, 10924- c
}

TEST_CASE_FIXTURE(ClusterFixture, "CLUSTER SLOTS: the bytes") {
  topology.shards.resize(1);
  topology.slots = {};
  const std::string id = cluster_node_id(id_of(0xA1), {"127.0.0.1", 9501});
  const std::string head =
      "*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$9\r\n127.0.0.1\r\n:9501\r\n$40\r\n" + id + "\r\n";
  CHECK(run({"cluster", "slots"}) == head + "*0\r\n");
  CHECK(run({"cluster", "slots"}, RespVersion::k3) == head + "%0\r\n");
}

TEST_CASE_FIXTURE(ClusterFixture, "CLUSTER SHARDS: maps in RESP3, flat in RESP2") {
  const ReplyValue shards = reply({"cluster", "shards"}, RespVersion::k3);
  REQUIRE(shards.elements.size() == 3);
  const ReplyValue& a = shards.elements[0];
  CHECK(a.kind == ReplyValue::Kind::kMap);
  CHECK(a.elements[0].text == "slots");
  std::vector<std::int64_t> numbers;
  for (const ReplyValue& number : a.elements[1].elements) numbers.push_back(number.integer);
  CHECK(numbers == std::vector<std::int64_t>{1, 99, 101, 5461});
  CHECK(a.elements[2].text == "nodes");

  const std::vector<ReplyValue>& nodes = shards.elements[1].elements[3].elements;
  REQUIRE(nodes.size() == 2);
  std::map<std::string, ReplyValue> replica;
  REQUIRE(nodes[1].kind == ReplyValue::Kind::kMap);
  for (std::size_t i = 0; i < nodes[1].elements.size(); i += 2) {
    replica[nodes[1].elements[i].text] = nodes[1].elements[i + 1];
  }
  CHECK(replica["ip"].text == "127.0.0.1");
  CHECK(replica["endpoint"].text == "127.0.0.1");
  CHECK(replica["port"].integer == 9512);
  CHECK(replica["tls-port"].integer == 9512);
  CHECK(replica["role"].text == "replica");
  CHECK(replica["health"].text == "online");
  CHECK(nodes[0].elements[11].text == "master");

  const ReplyValue flat = reply({"cluster", "shards"});
  CHECK(flat.elements[0].kind == ReplyValue::Kind::kArray);
  CHECK(flat.elements[0].elements.size() == 4);
}

TEST_CASE_FIXTURE(ClusterFixture, "CLUSTER NODES: one line for each replica") {
  const std::vector<std::string> lines = lines_of(reply({"cluster", "nodes"}).text);
  REQUIRE(lines.size() == 4);
  const std::string master = cluster_node_id(id_of(0xB2), {"127.0.0.1", 9502});
  const std::string replica = cluster_node_id(id_of(0xB2), {"127.0.0.1", 9512});
  CHECK(words_of(lines[0])[2] == "master");
  CHECK(lines[1] == master + " 127.0.0.1:9502@9502 myself,master - 0 0 7 connected 100 5462-10923");
  CHECK(lines[2] == replica + " 127.0.0.1:9512@9512 slave " + master + " 0 0 7 connected");
  CHECK(words_of(lines[3])[1] == "node-c:9503@9503");
  CHECK(words_of(lines[3])[8] == "0");
  CHECK(reply({"cluster", "nodes"}, RespVersion::k3).kind == ReplyValue::Kind::kVerbatim);
  CHECK(reply({"cluster", "myid"}).text == master);
}

TEST_CASE_FIXTURE(ClusterFixture, "CLUSTER INFO: name:value lines") {
  std::map<std::string, std::string> fields;
  for (std::string line : lines_of(reply({"cluster", "info"}).text)) {
    REQUIRE(line.ends_with('\r'));
    line.pop_back();
    const std::size_t colon = line.find(':');
    REQUIRE(colon != std::string::npos);
    fields[line.substr(0, colon)] = line.substr(colon + 1);
  }
  CHECK(fields["cluster_state"] == "ok");
  CHECK(fields["cluster_slots_assigned"] == "16384");
  CHECK(fields["cluster_slots_ok"] == "16384");
  CHECK(fields["cluster_known_nodes"] == "4");
  CHECK(fields["cluster_size"] == "3");
  CHECK(fields["cluster_current_epoch"] == "7");

  topology.slots[5] = kNoOwner;
  CHECK(
      reply({"cluster", "info"}).text.starts_with("cluster_state:fail\r\ncluster_slots_assigned:16383\r\n"));
}

TEST_CASE_FIXTURE(ClusterFixture, "a server that the topology no longer lists still shows itself") {
  self = {"127.0.0.1", 9999};
  const std::vector<std::string> lines = lines_of(reply({"cluster", "nodes"}).text);
  REQUIRE(lines.size() == 5);
  CHECK(words_of(lines[4])[1] == "127.0.0.1:9999@9999");
  CHECK(words_of(lines[4])[2] == "myself,master");
  CHECK(words_of(lines[4]).size() == 8);
  CHECK(reply({"cluster", "myid"}).text == words_of(lines[4])[0]);
  CHECK(reply({"cluster", "slots"}).elements.size() == 6);
}

TEST_CASE_FIXTURE(ClusterFixture, "a proxy is the one node, and owns every slot") {
  is_proxy = true;
  has_store = false;
  self = {"proxy.example", 9443};
  const std::string id = cluster_proxy_id(self);
  for (const bool known : {true, false}) {
    has_topology = known;
    CHECK(run({"cluster", "slots"}) ==
          "*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$13\r\nproxy.example\r\n:9443\r\n$40\r\n" + id + "\r\n*0\r\n");
    CHECK(reply({"cluster", "nodes"}).text == id + " proxy.example:9443@9443 myself,master - 0 0 " +
                                                  (known ? "7" : "0") + " connected 0-16383\n");
    CHECK(reply({"cluster", "shards"}).elements.size() == 1);
    CHECK(reply({"cluster", "myid"}).text == id);
    CHECK(reply({"cluster", "info"}).text.starts_with("cluster_state:ok\r\n"));
  }
}

TEST_CASE_FIXTURE(ClusterFixture,
                  "CLUSTER SLOTS, SHARDS, NODES: written once per topology and RESP version") {
  const std::vector<std::string_view> names = {"slots", "shards", "nodes"};
  const auto all = [&] {
    std::vector<std::string> replies;
    for (const std::string_view name : names) {
      for (const RespVersion version : {RespVersion::k2, RespVersion::k3})
        replies.push_back(run({"cluster", name}, version));
    }
    return replies;
  };
  const std::vector<std::string> fresh = all();
  ClusterReplyCache kept;
  cache = &kept;
  CHECK(all() == fresh);
  topology.shards[1].replicas[0].host = "elsewhere";  // no topology changes without its version
  CHECK(all() == fresh);
  CHECK(reply({"cluster", "myid"}).text == cluster_node_id(Id128{}, self));  // the others are always new

  SUBCASE("a newer topology") {
    topology.version.epoch.value = 8;
  }
  SUBCASE("another generation") {
    topology.version.generation = 2;
  }
  SUBCASE("another cluster") {
    topology.cluster = id_of(0xDD);
  }
  const std::vector<std::string> changed = all();
  for (std::size_t i = 0; i < fresh.size(); ++i) CHECK(changed[i] != fresh[i]);
  cache = nullptr;
  CHECK(all() == changed);
}

TEST_CASE_FIXTURE(ClusterFixture, "without a topology, only what concerns slots alone is answered") {
  has_topology = false;
  for (const std::string_view name : {"slots", "shards", "nodes", "info", "myid"}) {
    CHECK(run({"cluster", name}) == "-ERR This instance has cluster support disabled\r\n");
  }
  CHECK(run({"cluster", "keyslot", "foo"}) == ":12182\r\n");
  CHECK(run({"cluster", "countkeysinslot", "4"}) == ":5\r\n");
}

TEST_CASE_FIXTURE(ClusterFixture, "CLUSTER KEYSLOT: the hash tag counts") {
  CHECK(run({"cluster", "keyslot", "{foo}bar"}) == ":12182\r\n");
  CHECK(run({"cluster", "keyslot", ""}) == ":0\r\n");
}

TEST_CASE_FIXTURE(ClusterFixture, "CLUSTER COUNTKEYSINSLOT and GETKEYSINSLOT") {
  CHECK(run({"cluster", "countkeysinslot", "16383"}) == ":16384\r\n");
  CHECK(run({"cluster", "countkeysinslot", "16384"}) == "-ERR Invalid slot\r\n");
  CHECK(run({"cluster", "countkeysinslot", "-1"}) == "-ERR Invalid slot\r\n");
  CHECK(run({"cluster", "countkeysinslot", "x"}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(run({"cluster", "getkeysinslot", "1", "2"}) == "*2\r\n$1\r\nx\r\n$1\r\ny\r\n");
  CHECK(run({"cluster", "getkeysinslot", "1", "0"}) == "*0\r\n");
  CHECK(run({"cluster", "getkeysinslot", "1", "-1"}) == "-ERR Invalid slot or number of keys\r\n");
  CHECK(run({"cluster", "getkeysinslot", "16384", "1"}) == "-ERR Invalid slot or number of keys\r\n");
  CHECK(run({"cluster", "getkeysinslot", "1", "x"}) == "-ERR value is not an integer or out of range\r\n");
  has_store = false;
  CHECK(run({"cluster", "countkeysinslot", "1"}).starts_with("-ERR "));
  CHECK(run({"cluster", "getkeysinslot", "1", "1"}).starts_with("-ERR "));
}

}  // namespace
}  // namespace ringhold

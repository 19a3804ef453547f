#include "client/status_view.h"

#include <doctest/doctest.h>

#include "client/text_table.h"

namespace ringhold::client {
namespace {

constexpr std::string_view kTwoShards = R"({
  "cluster": "00112233445566778899aabbccddeeff", "epoch": 12, "generation": 1, "authority": "a",
  "shards": [
    {"name": "a", "share": 0.3333, "slots": 5461, "keys": 1234567, "bytes": 1536, "ops": 17, "weight": 1,
     "replicas": [{"addr": "127.0.0.1:9501", "role": "leader", "state": "up", "lag": 0}]},
    {"name": "longer", "share": 0.6667, "slots": 10923, "keys": 0, "bytes": 734003200, "ops": 0, "weight": 2,
     "replicas": [{"addr": "127.0.0.1:9502", "role": "leader", "state": "down", "lag": 0}]}],
  "migration": null, "pending": null})";

TEST_CASE("render_status: a table for people") {
  CHECK(*render_status(kTwoShards, {}) ==
        R"(cluster 00112233445566778899aabbccddeeff, epoch 12, authority a, 2 shards, 1 of 2 servers up

shard   address         role    state   slots  share                             keys    memory  ops/s
a       127.0.0.1:9501  leader  up      5,461  33.3%  #######.............  1,234,567    1.5 KB     17
longer  127.0.0.1:9502  leader  down   10,923  66.7%  #############.......          0  700.0 MB      0
total                                  16,384                               1,234,567  700.0 MB     17
)");
}

TEST_CASE("render_status: what there is no room for goes, the least important first") {
  const auto at = [](int columns) { return *render_status(kTwoShards, {.columns = columns}); };
  CHECK(at(200).find("share                             keys") != std::string::npos);
  CHECK(at(200).find("00112233445566778899aabbccddeeff") != std::string::npos);
  CHECK(at(80) == R"(cluster 00112233, epoch 12, authority a, 2 shards, 1 of 2 servers up

shard   address         state  share                   keys    memory  ops/s
a       127.0.0.1:9501  up     33.3%  ###.......  1,234,567    1.5 KB     17
longer  127.0.0.1:9502  down   66.7%  #######...          0  700.0 MB      0
total                                             1,234,567  700.0 MB     17
)");
  CHECK(at(40) == R"(cluster 00112233, epoch 12, authority a,
2 shards, 1 of 2 servers up

shard   state  share       keys
a       up     33.3%  1,234,567
longer  down   66.7%          0
total                 1,234,567
)");
}

TEST_CASE("render_status: replicas stand below their shard, with their lag") {
  const auto text =
      render_status(R"({"cluster": "c", "epoch": 1, "shards": [{"name": "a", "share": 1, "slots": 16384,
    "keys": 1, "bytes": 1, "ops": 1, "replicas": [
    {"addr": "h:1", "role": "leader", "state": "up", "lag": 0},
    {"addr": "h:2", "role": "follower", "state": "connecting", "lag": 1500}]}]})",
                    {});
  CHECK(*text == R"(cluster c, epoch 1, 1 shard, 1 of 2 servers up

shard  address  role      state         lag   slots   share                        keys  memory  ops/s
a      h:1      leader    up              0  16,384  100.0%  ####################     1     1 B      1
       h:2      follower  connecting  1,500
)");
}

TEST_CASE("render_status: hits, and keys that went, over all shards") {
  const auto text = render_status(R"({"cluster": "c", "epoch": 1, "shards": [
    {"name": "a", "hits": 900, "misses": 100, "expired": 1000, "evicted": 0, "replicas": []},
    {"name": "b", "hits": 73, "misses": 27, "expired": 200, "evicted": 55, "replicas": []},
    {"name": "c", "hits": null, "misses": null, "expired": null, "evicted": null, "replicas": []}]})",
                                  {});
  CHECK(text->ends_with("\nhit rate 88.5%, 1,200 keys expired, 55 evicted\n"));
}

TEST_CASE("render_status: what servers.json asks for in vain, in words") {
  const std::string head = R"({"cluster": "c", "epoch": 1, "shards": [], "pending": )";
  const auto bad =
      render_status(head + R"({"file": "servers.json", "error": "no '}' behind it", "line": 7}})", {});
  CHECK(bad->ends_with("\n\nservers.json, line 7: no '}' behind it\n"));
  // An error that names its file already is not given a second name.
  const auto named =
      render_status(head + R"({"file": "s.json", "error": "s.json: line 7: bad", "line": 7}})", {});
  CHECK(named->ends_with("\n\ns.json: line 7: bad\n"));
  const auto note = render_status(head + R"({"file": "s.json", "note": "waits for b"}})", {});
  CHECK(note->find("\ns.json: waits for b\n") != std::string::npos);
}

TEST_CASE("render_status: the reason of a server's state stands below the table") {
  const auto text = render_status(R"({"cluster": "c", "epoch": 1, "shards": [{"name": "a", "replicas": [
    {"addr": "h:1", "role": "unknown", "state": "down: connection refused", "lag": 0}]}]})",
                                  {});
  CHECK(text->find("  down   ") != std::string::npos);
  CHECK(text->ends_with("\n\nh:1 is down: connection refused\n"));
}

TEST_CASE("render_status: colours and blocks only where they are wanted") {
  const auto coloured = render_status(kTwoShards, {.colours = true, .unicode = true});
  CHECK(coloured->find("\x1b[31mdown\x1b[0m") != std::string::npos);
  CHECK(coloured->find("██████▋░") != std::string::npos);
  CHECK(render_status(kTwoShards, {})->find('\x1b') == std::string::npos);
}

TEST_CASE("render_status: odd documents harm nobody") {
  for (const char* bad : {"", "[]", "nonsense", "{\"a\":", "\xff", "null"}) {
    CAPTURE(bad);
    CHECK_FALSE(render_status(bad, {}).ok());
  }
  CHECK(*render_status("{}", {}) == "no cluster, epoch -, 0 shards, 0 of 0 servers up\n");
  const auto odd = render_status(
      R"({"cluster": 7, "epoch": "x", "shards": [null, 3, {"share": 9, "slots": -1, "keys": 1e300, "bytes": -1,
          "replicas": [{"addr": "a\nb"}]}], "migration": {"moved": 1}, "pending": [1]})",
      {});
  REQUIRE(odd.ok());
  CHECK(odd->find("a\\x0ab") != std::string::npos);
  CHECK(odd->find(R"(moving data: {"moved":1})") != std::string::npos);
}

TEST_CASE("TextTable: columns are aligned, and lines have no blanks at their ends") {
  TextTable table({{"name"}, {"n", true}, {"rest"}});
  table.add({{"é", {}}, {"1", {}}, {"", {}}});
  table.add({{"long", {}}, {"1000", {}}, {"x", Colour::kRed}});
  table.add({{"only", {}}});
  CHECK(table.render(false) == "name     n  rest\né        1\nlong  1000  x\nonly\n");
}

}  // namespace
}  // namespace ringhold::client

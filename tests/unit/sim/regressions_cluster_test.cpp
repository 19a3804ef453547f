// Bugs of proxy and cluster that were mended, each with the scenario that shows it.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <set>
#include <string>
#include <vector>

#include "common/base/limits.h"
#include "tests/unit/sim/cluster_fixture.h"

namespace ringhold::sim {
namespace {

TEST_CASE(
    "regression: a proxy forgets a server that was edited away, though its link still makes itself heard") {
  ClusterWorld w(3, /*proxies=*/2);
  w.unlist(2);
  w.save();
  REQUIRE(w.agrees_within(seconds(1)));
  SUBCASE("it answers pings") {
    w.sim.run_for(limits::kPingInterval * 3);
  }
  SUBCASE("it goes down") {
    w.cluster.crash(w.server(2), CrashMode::kReset);
  }
  SUBCASE("it goes down after an answer") {
    w.sim.run_for(limits::kPingInterval * 3);
    w.cluster.crash(w.server(2), CrashMode::kReset);
  }
  w.sim.run_for(milliseconds(100));
  // The first proxy hears of a new topology, and shows it to every server that it knows.
  w.listed.front().weight = 2;
  w.save(1);
  CHECK(w.agrees_within(seconds(1)));
  w.sim.run_for(limits::kFarewellTime);
  w.listed.front().weight = 3;
  w.save(1);
  CHECK(w.agrees_within(seconds(1)));
  CHECK(w.sim.violations().empty());
}

TEST_CASE("regression: a client with a node's certificate does not cost the others their link") {
  ClusterWorld w;
  RespClient& client = w.connect();
  RespClient& node = w.connect(Role::kNode);
  CHECK(w.ask(client, {"SET", "k", "1"}) == "+OK\r\n");
  CHECK(w.ask(node, {"SET", "k", "2"}) == "+OK\r\n");
  CHECK(w.ask(node, {"DBSIZE"}) == ":1\r\n");
  CHECK(w.ask(client, {"GET", "k"}) == "$1\r\n2\r\n");
}

// All keys that a SCAN with these options finds, and in how many pages; no key may come twice.
struct Scanned {
  std::multiset<std::string> keys;
  int pages = 0;
};

Scanned scan(ClusterWorld& w, RespClient& client, const std::vector<std::string>& options) {
  Scanned all;
  std::string cursor = "0";
  do {
    std::vector<std::string> args = {"SCAN", cursor};
    args.insert(args.end(), options.begin(), options.end());
    const std::string reply = w.ask(client, args);
    const auto page = decode_reply(reply);
    REQUIRE_MESSAGE(page.ok(), reply);
    REQUIRE_MESSAGE(page->elements.size() == 2, reply);
    cursor = page->elements[0].text;
    for (const ReplyValue& key : page->elements[1].elements) all.keys.insert(key.text);
    REQUIRE(++all.pages < 1000);
  } while (cursor != "0");
  return all;
}

TEST_CASE("regression: SCAN with more than eight arguments scans all shards, and the last option counts") {
  ClusterWorld w;
  RespClient& client = w.connect();
  std::vector<std::string> mset = {"MSET"};
  std::multiset<std::string> users;
  for (int i = 0; i < 300; ++i) {
    mset.insert(mset.end(), {fmt::format("user:{}", i), "v", fmt::format("other:{}", i), "v"});
    users.insert(fmt::format("user:{}", i));
  }
  REQUIRE(w.ask(client, mset) == "+OK\r\n");

  const Scanned usual = scan(w, client, {"MATCH", "user:*", "COUNT", "1000", "TYPE", "string"});
  CHECK(usual.keys == users);
  CHECK(usual.pages < 4);

  const Scanned small_pages =
      scan(w, client, {"MATCH", "user:*", "COUNT", "1000", "TYPE", "string", "COUNT", "10"});
  CHECK(small_pages.keys == users);
  CHECK(small_pages.pages > 10);

  const Scanned large_pages = scan(
      w, client, {"COUNT", "1", "MATCH", "other:*", "COUNT", "1000", "TYPE", "string", "MATCH", "user:*"});
  CHECK(large_pages.keys == users);
  CHECK(large_pages.pages < 4);

  CHECK(w.ask(client, {"SCAN", "0", "COUNT", "1", "COUNT", "2", "COUNT", "3", "COUNT", "0"}) ==
        "-ERR syntax error\r\n");
  CHECK(w.ask(client, {"SCAN", "0", "COUNT", "1", "COUNT", "2", "COUNT", "3", "COUNT"}) ==
        "-ERR syntax error\r\n");
}

TEST_CASE("regression: a dead authority that the file no longer lists is taken over, after a while") {
  ClusterWorld w;
  REQUIRE(w.topology()->authority == "d0");
  REQUIRE(w.topology()->version.text() == "1.1");
  w.cluster.crash(w.server(0), CrashMode::kReset);
  w.sim.run_for(milliseconds(500));
  w.unlist(0);
  w.save();
  w.sim.run_for(limits::kTakeoverAfter - milliseconds(700));
  CHECK(w.topology()->version.text() == "1.1");  // it may be back in a moment
  CHECK(w.agrees_within(seconds(4)));
  CHECK(w.topology()->version.text() == "2.2");
  CHECK(w.topology()->authority == "d1");

  // What it once decided does not count any more when it is back, and the successor decides on.
  w.cluster.start(w.server(0));
  w.listed.back().weight = 2;
  w.save();
  CHECK(w.agrees_within(seconds(2)));
  CHECK(w.topology()->version.text() == "2.3");
  CHECK(w.sim.violations().empty());
}

TEST_CASE("regression: an edit that keeps a dead authority waits for it") {
  ClusterWorld w;
  REQUIRE(w.topology()->version.text() == "1.1");
  w.cluster.crash(w.server(0), CrashMode::kReset);
  w.listed.back().weight = 2;
  w.save();
  w.sim.run_for(limits::kTakeoverAfter * 4);
  CHECK(w.topology()->version.text() == "1.1");
  w.cluster.start(w.server(0));
  CHECK(w.agrees_within(seconds(2)));
  CHECK(w.topology()->authority == "d0");
  // A cache that was restarted does not know what it had decided.
  CHECK(w.topology()->version.text() == "2.2");
}

TEST_CASE("regression: a living authority is asked, never taken over, though the edit removes it") {
  ClusterWorld w;
  REQUIRE(w.topology()->version.text() == "1.1");
  w.unlist(0);
  SUBCASE("it is up") {
    w.save();
  }
  SUBCASE("it was away for a moment") {
    w.sim.fabric().refuse(*w.server(0).process, true);
    w.sim.fabric().cut(w.proxy(), *w.server(0).process, 100);
    w.sim.run_for(milliseconds(10));
    w.save();
    w.sim.run_for(limits::kTakeoverAfter - seconds(1));
    CHECK(w.topology()->version.text() == "1.1");
    w.sim.fabric().refuse(*w.server(0).process, false);
  }
  CHECK(w.agrees_within(seconds(2)));
  CHECK(w.topology()->version.text() == "1.2");
  CHECK(w.topology()->authority == "d1");
}

}  // namespace
}  // namespace ringhold::sim

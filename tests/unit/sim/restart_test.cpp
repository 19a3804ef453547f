// A cluster whose servers come back with their backups: by which topology they serve, and when.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <functional>
#include <map>
#include <string>

#include "common/base/limits.h"
#include "tests/unit/sim/cluster_fixture.h"

namespace ringhold::sim {
namespace {

constexpr int kKeys = 200;

// Three servers with backups and a proxy, at topology 2.3 (there was a restart before): the third was taken
// out, and came back, so that its slots are not those that a new cluster would give it.
struct Restarted : ClusterWorld {
  Restarted() : ClusterWorld(3, 1, /*backups=*/true) {
    const ShardSpec third = listed.back();
    unlist(2);
    save();
    REQUIRE(agrees_within(seconds(1)));
    save_old_backups();
    listed.push_back(third);
    save();
    REQUIRE(agrees_within(seconds(1)));
    arrived_at = topology();
    REQUIRE(arrived_at->version.text() == "2.3");
    RespClient& client = connect();
    for (int i = 0; i < kKeys; ++i) {
      REQUIRE(ask(client, {"SET", fmt::format("key:{}", i), std::to_string(i)}) == "+OK\r\n");
    }
  }

  // What the backups would be if they had been made now; they are, when the servers stop.
  void save_old_backups() {
    stop_all();
    for (SimServer& each : cluster.servers()) {
      old_backups[each.name] = *each.process->files().read(kBackupFile, 1U << 20U);
    }
    start_servers();
    start_proxy();
    REQUIRE(agrees_within(seconds(2)));
  }
  void stop_all() {
    cluster.stop_all();
    for (SimProxy& each : cluster.proxies()) cluster.crash(each, CrashMode::kReset);
    for (SimServer& each : cluster.servers()) cluster.crash(each, CrashMode::kReset);
  }
  void start_servers() {
    for (SimServer& each : cluster.servers()) cluster.start(each);
  }
  void start_proxy() { REQUIRE(cluster.start(cluster.proxies().front())); }
  void make_old(std::size_t i) {
    server(i).process->files().write(kBackupFile, old_backups.at(server(i).name));
  }
  void lose_backup(std::size_t i) { server(i).process->files().remove(kBackupFile); }

  // Whether server i goes by nothing but what the cluster had arrived at.
  bool never_behind(std::size_t i) {
    const TopologyPtr now = server(i).program->topology();
    return now == nullptr || now->version >= arrived_at->version;
  }
  int found_keys() {
    RespClient& client = connect();
    int found = 0;
    for (int i = 0; i < kKeys; ++i) {
      const std::string value = std::to_string(i);
      if (ask(client, {"GET", fmt::format("key:{}", i)}) == fmt::format("${}\r\n{}\r\n", value.size(), value))
        ++found;
    }
    return found;
  }

  TopologyPtr arrived_at;
  std::map<std::string, std::string> old_backups;  // by server
};

}  // namespace

TEST_CASE("restart: the whole cluster goes on with the topology that it had arrived at, and every key") {
  Restarted w;
  w.stop_all();
  SUBCASE("servers first") {
    w.start_servers();
    w.sim.run_for(seconds(2));
    for (std::size_t i = 0; i < 3; ++i) CHECK(w.server(i).program->topology() == nullptr);
    w.start_proxy();
  }
  SUBCASE("the proxy first") {
    w.start_proxy();
    w.sim.run_for(seconds(2));
    w.start_servers();
  }
  REQUIRE(w.agrees_within(seconds(2)));
  CHECK(*w.topology() == *w.arrived_at);
  CHECK(w.found_keys() == kKeys);

  // The authority does not know whether it had decided more than it remembers.
  w.listed.back().weight = 2;
  w.save();
  CHECK(w.agrees_within(seconds(2)));
  CHECK(w.topology()->version.text() == "3.4");
  CHECK(w.sim.violations().empty());
}

TEST_CASE("restart: a server with an old backup serves nothing by it") {
  Restarted w;
  w.stop_all();
  w.make_old(0);
  w.make_old(1);
  w.start_proxy();
  w.cluster.start(w.server(0));
  w.cluster.start(w.server(1));
  // They agree with each other, but somebody is missing.
  for (int i = 0; i < 100; ++i) {
    w.sim.run_for(milliseconds(20));
    REQUIRE(w.server(0).program->topology() == nullptr);
    REQUIRE(w.topology() == nullptr);
  }
  w.cluster.start(w.server(2));
  for (int i = 0; i < 100; ++i) {
    w.sim.run_for(milliseconds(5));
    REQUIRE(w.never_behind(0));
    REQUIRE(w.never_behind(1));
  }
  REQUIRE(w.agrees_within(seconds(1)));
  CHECK(*w.topology() == *w.arrived_at);
  CHECK(w.sim.violations().empty());
}

TEST_CASE("restart: a server that does not come back delays the others, and does not stop them") {
  Restarted w;
  w.stop_all();
  w.start_proxy();
  w.cluster.start(w.server(0));
  w.cluster.start(w.server(1));
  w.sim.run_for(limits::kRecallPatience - milliseconds(500));
  CHECK(w.topology() == nullptr);
  CHECK(w.agrees_within(seconds(2)));
  CHECK(*w.topology() == *w.arrived_at);
  w.cluster.start(w.server(2));
  w.sim.run_for(seconds(1));
  CHECK(w.found_keys() == kKeys);
  CHECK(w.sim.violations().empty());
}

TEST_CASE("restart: servers that have lost their backups found no new cluster while one remembers") {
  Restarted w;
  w.stop_all();
  w.lose_backup(0);
  w.lose_backup(2);
  w.start_proxy();
  w.cluster.start(w.server(0));
  w.cluster.start(w.server(2));
  w.sim.run_for(seconds(1));
  CHECK(w.topology() == nullptr);
  w.cluster.start(w.server(1));
  CHECK(w.agrees_within(seconds(2)));
  CHECK(*w.topology() == *w.arrived_at);
  const int kept = w.found_keys();
  CHECK((kept > 0 && kept < kKeys));
  CHECK(w.sim.violations().empty());
}

TEST_CASE("restart: a single server comes back into a cluster that has moved on") {
  Restarted w;
  w.cluster.crash(w.server(1), CrashMode::kReset);
  w.make_old(1);
  SUBCASE("and adopts what it finds") {
    w.cluster.start(w.server(1));
    for (int i = 0; i < 200; ++i) {
      w.sim.run_for(milliseconds(2));
      REQUIRE(w.never_behind(1));
    }
    CHECK(w.agrees_within(seconds(1)));
  }
  SUBCASE("and serves nothing while it finds nobody") {
    w.cluster.crash(w.cluster.proxies().front(), CrashMode::kReset);
    w.cluster.start(w.server(1));
    w.sim.run_for(seconds(10));
    CHECK(w.server(1).program->topology() == nullptr);
    w.start_proxy();
    CHECK(w.agrees_within(seconds(2)));
  }
  CHECK(*w.topology() == *w.arrived_at);
  CHECK(w.sim.violations().empty());
}

TEST_CASE("restart: a proxy that has missed an edit learns of it from a server that comes back") {
  Restarted w;
  w.stop_all();
  // All but the third remember what was before the edit, and the proxy takes that up without the third.
  w.make_old(0);
  w.make_old(1);
  w.start_proxy();
  w.cluster.start(w.server(0));
  w.cluster.start(w.server(1));
  w.sim.run_for(limits::kRecallPatience + seconds(1));
  REQUIRE(w.topology() != nullptr);
  CHECK(w.topology()->version < w.arrived_at->version);
  w.cluster.start(w.server(2));
  CHECK(w.agrees_within(seconds(2)));
  CHECK(*w.topology() == *w.arrived_at);
  CHECK(w.sim.violations().empty());
}

TEST_CASE("restart: servers of two clusters are not made one") {
  Restarted w;
  const Id128 first = w.arrived_at->cluster;
  w.stop_all();
  const std::string of_first = *w.server(2).process->files().read(kBackupFile, 1U << 20U);
  for (std::size_t i = 0; i < 3; ++i) w.lose_backup(i);
  w.start_servers();
  w.start_proxy();
  REQUIRE(w.agrees_within(seconds(2)));
  const Id128 second = w.topology()->cluster;
  REQUIRE(second != first);
  w.stop_all();
  const std::string of_second = *w.server(2).process->files().read(kBackupFile, 1U << 20U);
  w.server(2).process->files().write(kBackupFile, of_first);
  w.start_servers();
  w.start_proxy();
  w.sim.run_for(limits::kRecallPatience * 3);
  CHECK(w.topology() == nullptr);
  // Mended by putting the right backup in its place.
  w.cluster.crash(w.server(2), CrashMode::kReset);
  w.server(2).process->files().write(kBackupFile, of_second);
  w.cluster.start(w.server(2));
  CHECK(w.agrees_within(limits::kRecallPatience * 2));
  CHECK(w.topology()->cluster == second);
  CHECK(w.sim.violations().empty());
}

}  // namespace ringhold::sim

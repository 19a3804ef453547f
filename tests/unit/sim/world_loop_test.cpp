#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/sim/world_fixture.h"

namespace ringhold::sim {
namespace {

TEST_CASE("a turn: the callback, then what it deferred, then the streams; the time stands still in it") {
  Pair pair(1);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  std::string order;
  pair.on_client([&] {
    const MonoTime before = pair.client_loop.turn_time();
    pair.client_loop.defer([&] {
      order += "b";
      pair.client_loop.defer([&] { order += "c"; });
      CHECK(client.stream->unsent() == 2);
    });
    client.say("hi");
    order += "a";
    CHECK(pair.client_loop.turn_time() == before);
    CHECK(pair.client_loop.now() > before);
  });
  CHECK(order == "abc");
  CHECK(client.stream->unsent() == 0);
}

TEST_CASE("timers: fire once, restart to earlier and later, stop, and may be destroyed by their callback") {
  Pair pair(2);
  std::vector<std::int64_t> fired;
  const MonoTime start = pair.sim.now();
  std::unique_ptr<Timer> timer =
      pair.client_loop.make_timer([&] { fired.push_back((pair.client_loop.turn_time() - start).count()); });
  pair.on_client([&] { timer->start(milliseconds(10)); });
  pair.on_client([&] { timer->start(milliseconds(30)); });
  pair.sim.run_for(milliseconds(100));
  CHECK(fired == std::vector<std::int64_t>{30000});
  CHECK_FALSE(timer->active());
  pair.on_client([&] {
    timer->start(milliseconds(50));
    timer->start(milliseconds(5));
  });
  pair.sim.run_for(milliseconds(100));
  CHECK(fired.size() == 2);
  CHECK(fired[1] == 105000);
  pair.on_client([&] {
    timer->start(milliseconds(5));
    timer->stop();
    CHECK_FALSE(timer->active());
  });
  pair.sim.run_for(milliseconds(100));
  CHECK(fired.size() == 2);
  pair.on_client([&] {
    timer = pair.client_loop.make_timer([&] { timer.reset(); });
    timer->start(milliseconds(1));
  });
  pair.sim.run_for(milliseconds(10));
  CHECK(timer == nullptr);
  CHECK(pair.client_process.live_timers() == 0);
}

TEST_CASE("post: in order, in a later turn, from any loop; anything else from a foreign loop is found") {
  Pair pair(3);
  std::string order;
  pair.on_client([&] {
    pair.server_loop.post([&] { order += "1"; });
    pair.server_loop.post([&] { order += "2"; });
    pair.server_loop.post([&] { order += "3"; });
    order += "0";
  });
  CHECK(order == "0");
  pair.sim.run_for(milliseconds(1));
  CHECK(order == "0123");
  CHECK(pair.sim.violations().empty());
  pair.on_client([&] { pair.server_loop.defer([] {}); });
  CHECK(pair.sim.violations().size() == 1);
}

TEST_CASE("files: edits are seen by those who watch, and read back; a missing file is an error") {
  Pair pair(4);
  Disk& disk = pair.server_loop.world().disk;
  int changes = 0;
  pair.server_process.files().write("servers.json", "[]");
  auto watch = disk.watch_file("servers.json", [&] { ++changes; });
  REQUIRE(watch.ok());
  CHECK(disk.read_file("servers.json", 100).value() == "[]");
  CHECK_FALSE(disk.read_file("servers.json", 1).ok());
  CHECK_FALSE(disk.read_file("other", 100).ok());
  pair.server_process.files().write("servers.json", "[1]");
  pair.server_process.files().write("other.json", "[1]");
  pair.sim.run_for(milliseconds(10));
  CHECK(changes == 1);
  pair.server_process.files().write("new.json", "[2]");
  pair.server_process.files().rename("new.json", "servers.json");
  pair.sim.run_for(milliseconds(10));
  CHECK(changes == 2);
  CHECK(disk.read_file("servers.json", 100).value() == "[2]");
  pair.server_process.files().remove("servers.json");
  watch.value().reset();
  pair.sim.run_for(milliseconds(10));
  CHECK(changes == 2);
  CHECK(pair.server_process.files().watches() == 0);
}

// A little of everything; the hash says whether two runs were the same run.
std::uint64_t busy_run(std::uint64_t seed, bool extra_process) {
  Pair pair(seed);
  pair.sim.fabric().set_weather({.delay_min_us = 10, .delay_max_us = 20000, .splits = Splits::kPieces});
  for (int i = 0; i < 5; ++i) {
    Recorder& client = pair.connect();
    pair.on_client([&] { client.say(std::string(1000, static_cast<char>('a' + i))); });
  }
  if (extra_process) pair.sim.add_process({.name = "extra", .host = "10.0.2.1"}).add_loop("main");
  pair.sim.after(milliseconds(15),
                 [&] { pair.sim.fabric().cut(pair.client_process, pair.server_process, 50); });
  pair.sim.run_for(seconds(1));
  CHECK(pair.sim.violations().empty());
  return pair.sim.trace().hash();
}

TEST_CASE("the same seed is the same run; another seed is another; one more process shifts nothing") {
  CHECK(busy_run(1, false) == busy_run(1, false));
  CHECK(busy_run(1, false) != busy_run(2, false));
  CHECK(busy_run(1, true) == busy_run(1, false));
}

}  // namespace
}  // namespace ringhold::sim

#include <doctest/doctest.h>

#include <string>

#include "common/base/limits.h"
#include "tests/unit/sim/world_fixture.h"

namespace ringhold::sim {
namespace {

TEST_CASE("pause: events are held, and run in order after resume") {
  Pair pair(1);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.server_process.pause();
  pair.on_client([&] { client.say("a"); });
  pair.sim.run_for(milliseconds(10));
  pair.on_client([&] { client.say("b"); });
  pair.sim.run_for(seconds(3));
  CHECK(client.heard.empty());
  pair.server_process.resume();
  pair.sim.run_for(milliseconds(10));
  CHECK(client.heard == "ab");
}

TEST_CASE("pause: what arrives in the instant of the resume does not overtake what was held") {
  Pair pair(1);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.server_process.pause();
  pair.on_client([&] { client.say("a"); });
  pair.sim.run_for(milliseconds(10));
  pair.sim.fabric().stall(pair.client_process, pair.server_process);
  pair.on_client([&] { client.say("b"); });
  pair.sim.run_for(milliseconds(10));
  pair.sim.fabric().unstall_all();
  pair.server_process.resume();
  pair.sim.run_for(milliseconds(10));
  CHECK(client.heard == "ab");
}

TEST_CASE("pause: who connects to a stopped process times out, and is served if it wakes in time") {
  Pair pair(2);
  pair.server_process.pause();
  Recorder& early = pair.connect();
  pair.sim.run_for(seconds(1));
  pair.server_process.resume();
  pair.sim.run_for(milliseconds(10));
  CHECK(early.connected);
  pair.server_process.pause();
  Recorder& late = pair.connect();
  pair.sim.run_for(limits::kConnectTimeout + milliseconds(1));
  CHECK(late.closed == 1);
  CHECK(late.reason.find("timed out") != std::string::npos);
  pair.server_process.resume();
  pair.sim.run_for(seconds(1));
  CHECK(pair.server->connections.size() == 1);
}

TEST_CASE("stall: bytes wait, one way, and arrive in order after it") {
  Pair pair(3);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.sim.fabric().stall(pair.server_process, pair.client_process);
  for (char c = 'a'; c <= 'z'; ++c) {
    pair.on_client([&] { client.say(std::string(1, c)); });
    pair.sim.run_for(microseconds(50));
  }
  pair.sim.run_for(seconds(1));
  CHECK(client.heard.empty());
  pair.sim.fabric().unstall(pair.server_process, pair.client_process);
  for (char c = 'A'; c <= 'Z'; ++c) {
    pair.on_client([&] { client.say(std::string(1, c)); });
    pair.sim.run_for(microseconds(50));
  }
  pair.sim.run_for(seconds(1));
  CHECK(client.heard == "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

TEST_CASE("crash: peers are reset; a new life takes new connections; nothing of the old one runs") {
  Pair pair(4);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  bool ran = false;
  pair.on_server([&] { pair.server_loop.post([&] { ran = true; }); });
  pair.server_process.crash(CrashMode::kReset, [&] { pair.server.reset(); });
  pair.sim.run_for(milliseconds(10));
  CHECK_FALSE(ran);
  CHECK(client.closed == 1);
  Recorder& refused = pair.connect();
  pair.sim.run_for(milliseconds(10));
  CHECK(refused.reason.find("refused") != std::string::npos);
  SimLoop& loop = pair.server_process.add_loop("main");
  pair.sim.run_on(loop,
                  [&] { pair.server = std::make_unique<TestServer>(loop.world(), pair.address, true); });
  Recorder& again = pair.connect();
  pair.on_client([&] { again.say("x"); });
  pair.sim.run_for(milliseconds(10));
  CHECK(again.heard == "x");
}

TEST_CASE("silent crash: a peer learns nothing until the host is back and it sends, or keepalive finds out") {
  Pair pair(5);
  Recorder& talker = pair.connect();
  Recorder& listener = pair.connect();
  pair.sim.run_for(milliseconds(10));
  pair.server_process.crash(CrashMode::kSilent, [&] { pair.server.reset(); });
  pair.on_client([&] { talker.say("x"); });
  Recorder& newcomer = pair.connect();
  pair.sim.run_for(seconds(3));
  CHECK(talker.closed == 0);
  CHECK(newcomer.reason.find("timed out") != std::string::npos);
  SimLoop& loop = pair.server_process.add_loop("main");
  pair.sim.run_on(loop,
                  [&] { pair.server = std::make_unique<TestServer>(loop.world(), pair.address, true); });
  pair.on_client([&] { talker.say("y"); });
  pair.sim.run_for(milliseconds(10));
  CHECK(talker.closed == 1);
  CHECK(listener.closed == 0);
  CHECK(pair.sim.fabric().half_open().size() == 1);
  pair.sim.fabric().reset_half_dead();
  pair.sim.run_for(milliseconds(10));
  CHECK(listener.closed == 1);
}

TEST_CASE("cut resets both ends; refuse refuses") {
  Pair pair(6);
  Recorder& client = pair.connect();
  pair.sim.run_for(milliseconds(10));
  CHECK(pair.sim.fabric().cut(pair.client_process, pair.server_process, 100) == 1);
  pair.sim.run_for(milliseconds(10));
  CHECK(client.closed == 1);
  CHECK(pair.accepted().closed == 1);
  pair.sim.fabric().refuse(pair.server_process, true);
  CHECK(pair.connect().closed == 0);
  pair.sim.run_for(milliseconds(10));
  CHECK(pair.clients.back()->closed == 1);
}

TEST_CASE("a spinning program is found: at one instant, and in one turn") {
  Pair pair(7);
  std::function<void()> again;
  auto timer = std::unique_ptr<Timer>();
  SUBCASE("timers of no delay") {
    again = [&] { timer->start(microseconds(0)); };
    pair.on_client([&] {
      timer = pair.client_loop.world().scheduler.make_timer(again);
      again();
    });
  }
  SUBCASE("defer") {
    again = [&] { pair.client_loop.defer(again); };
    pair.on_client(again);
  }
  pair.sim.run_for(seconds(1));
  CHECK_FALSE(pair.sim.violations().empty());
}

}  // namespace
}  // namespace ringhold::sim

#include "common/net/loop.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/net/uv_timer.h"

using namespace ringhold;
using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST_CASE(
    "loop: timers fire in order, never early, and can be restarted, stopped and destroyed by themselves") {
  Loop loop;
  std::string order;
  const MonoTime start = loop.now();
  MonoTime fired{};
  std::unique_ptr<Timer> a;
  int restarts = 0;
  a = loop.make_timer([&] {
    order += 'a';
    if (++restarts < 3) a->start(milliseconds(1));
    if (restarts == 3) a.reset();  // inside its own callback
  });
  const auto b = loop.make_timer([&] {
    order += 'b';
    fired = loop.now();
    CHECK(loop.turn_time() - start >= microseconds(20300));
    loop.stop();
  });
  const auto c = loop.make_timer([&] { order += 'c'; });
  b->start(microseconds(20300));
  a->start(milliseconds(1));
  c->start(milliseconds(2));
  c->stop();
  CHECK(b->active());
  CHECK_FALSE(c->active());
  loop.run();
  CHECK(order == "aaab");
  CHECK(fired - start >= microseconds(20300));
}

TEST_CASE("loop: timers of parts of a millisecond are not early either") {
  Loop loop;
  int fired = 0;
  MonoTime due{};
  std::unique_ptr<Timer> timer;
  const auto start = [&] {
    due = loop.now() + microseconds(1100 + 37 * fired);
    timer->start(microseconds(1100 + 37 * fired));
  };
  timer = loop.make_timer([&] {
    CHECK(loop.now() >= due);
    CHECK(loop.turn_time() >= due);
    if (++fired == 50) return loop.stop();
    start();
  });
  start();
  loop.run();
}

TEST_CASE("loop: a timer that restarts itself with zero does not starve the loop") {
  Loop loop;
  int ticks = 0;
  std::unique_ptr<Timer> busy;
  busy = loop.make_timer([&] {
    ++ticks;
    busy->start(microseconds(0));
  });
  busy->start(microseconds(0));
  const auto end = loop.make_timer([&] { loop.stop(); });
  end->start(milliseconds(20));
  loop.run();
  CHECK(ticks > 1);
}

TEST_CASE("loop: deferred tasks run after the callback and before the flush, and may defer more") {
  Loop loop;
  std::string order;
  bool flushed = false;
  loop.set_flush_hook([&] {
    if (order.empty() || flushed) return;
    flushed = true;
    order += 'F';
  });
  const auto timer = loop.make_timer([&] {
    loop.defer([&] {
      order += '2';
      loop.defer([&] { order += '3'; });
    });
    order += '1';
  });
  const auto end = loop.make_timer([&] { loop.stop(); });
  timer->start(milliseconds(1));
  end->start(milliseconds(10));
  loop.run();
  CHECK(order == "123F");
  loop.set_flush_hook(nullptr);
}

TEST_CASE("loop: what is deferred before it runs, runs") {
  Loop loop;
  bool ran = false;
  loop.defer([&] {
    ran = true;
    loop.stop();
  });
  loop.want_turn();
  loop.run();
  CHECK(ran);
}

TEST_CASE("loop: posted tasks come from any thread, in the order of each") {
  Loop loop;
  std::vector<int> seen;
  std::atomic<int> started{0};
  const auto poster = [&](int base) {
    return std::thread([&loop, &seen, &started, base] {
      ++started;
      for (int i = 0; i < 100; ++i) loop.post([&seen, base, i] { seen.push_back(base + i); });
    });
  };
  std::thread a = poster(0);
  std::thread b = poster(1000);
  const auto done = loop.make_timer([&] {
    if (seen.size() == 200) loop.stop();
  });
  while (seen.size() < 200) {
    done->start(milliseconds(1));
    loop.run_once();
  }
  a.join();
  b.join();
  int last_a = -1;
  int last_b = 999;
  for (const int value : seen) {
    int& last = value < 1000 ? last_a : last_b;
    CHECK(value == last + 1);
    last = value;
  }
}

TEST_CASE("loop: tasks that never ran are dropped with what they hold") {
  const auto token = std::make_shared<int>(1);
  {
    Loop loop;
    loop.post([token] { FAIL("must not run"); });
    loop.defer([token] { FAIL("must not run"); });
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("loop: the time of a turn stands still, and moves on with the next one") {
  Loop loop;
  MonoTime first{};
  const auto again = loop.make_timer([&] {
    CHECK(loop.turn_time() > first);
    loop.stop();
  });
  const auto timer = loop.make_timer([&] {
    first = loop.turn_time();
    std::this_thread::sleep_for(milliseconds(3));
    CHECK(loop.turn_time() == first);
    CHECK(loop.now() - first >= milliseconds(3));
    again->start(milliseconds(1));
  });
  timer->start(milliseconds(1));
  loop.run();
  CHECK(loop.wall_ms() > 1700000000000);
}

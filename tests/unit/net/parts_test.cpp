// The small parts: ALPN lists, the log limiter, connection counts, tickets, signals.
#include <doctest/doctest.h>

#include <csignal>
#include <set>
#include <string>

#include "common/net/alpn.h"
#include "common/net/log_limiter.h"
#include "common/net/loop.h"
#include "common/net/process.h"
#include "common/net/process_resources.h"
#include "common/net/system_rng.h"
#include "common/net/ticket_cache.h"

using namespace ringhold;

TEST_CASE("alpn: the peer protocol, then redis, then http; hostile lists choose nothing") {
  using namespace std::string_literals;
  CHECK(choose_alpn("\x05redis\x0fringhold-peer/1"s) == "ringhold-peer/1");
  CHECK(choose_alpn("\x02h2\x05redis"s) == "redis");
  CHECK(choose_alpn("\x02h2\x08http/1.1"s) == "http/1.1");
  CHECK(choose_alpn("\x08http/1.1\x05redis"s) == "redis");
  CHECK(choose_alpn("\x08http/1.0"s) == "http/1.0");
  CHECK_FALSE(choose_alpn("\x02h2"s));
  CHECK_FALSE(choose_alpn(""s));
  CHECK_FALSE(choose_alpn("\x06redis"s));         // longer than the list
  CHECK_FALSE(choose_alpn("\x00\x00\x04redi"s));  // empty names
  CHECK(alpn_offer(Protocol::kPeer) == "\x0fringhold-peer/1"s);
  CHECK(protocol_named("") == Protocol::kRedis);
  CHECK(protocol_named("http/1.1") == Protocol::kHttp);
  CHECK(protocol_named("http/1.0") == Protocol::kHttp);
  CHECK_FALSE(protocol_named("h2"));
}

TEST_CASE("log limiter: a burst, then a few a second, and what was left out is told") {
  LogLimiter limiter;
  MonoTime now{std::chrono::seconds(1000)};
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += limiter.admit(now).has_value() ? 1 : 0;
  CHECK(admitted == 20);
  now += std::chrono::milliseconds(200);
  CHECK(limiter.admit(now) == " (and 80 more like it)");
  CHECK_FALSE(limiter.admit(now));
  now += std::chrono::hours(1);
  CHECK(limiter.admit(now) == " (and 1 more like it)");
  CHECK(limiter.admit(now) == "");
}

TEST_CASE("connection counter: both limits, and room again after a release") {
  ConnectionCounter counter;
  using Verdict = ConnectionCounter::Verdict;
  const ConnectionCounter::Limits limits{3, 2};
  CHECK(counter.admit("a", limits) == Verdict::kAdmitted);
  CHECK(counter.admit("a", limits) == Verdict::kAdmitted);
  CHECK(counter.admit("a", limits) == Verdict::kTooManyFromAddress);
  CHECK(counter.admit("b", limits) == Verdict::kAdmitted);
  CHECK(counter.admit("c", limits) == Verdict::kTooMany);
  counter.release("a");
  CHECK(counter.admit("c", limits) == Verdict::kAdmitted);
}

TEST_CASE("rng: numbers differ") {
  SystemRng rng;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.next());
  CHECK(seen.size() == 1000);
}

TEST_CASE("signals: they arrive on the loop, and a watch may end in its own callback") {
  Loop loop;
  auto watch = std::make_unique<SignalWatch>(loop);
  int hangups = 0;
  watch->on(SIGHUP, [&] {
    ++hangups;
    watch.reset();
    loop.stop();
  });
  std::raise(SIGHUP);
  loop.run();
  CHECK(hangups == 1);
}

// The two decisions behind a client that connects again: what may be sent twice, and when to try.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "client/library/attempts.h"
#include "client/library/command_traits.h"

namespace ringhold::client {
namespace {

using std::chrono::milliseconds;
using Words = std::vector<std::string>;

TEST_CASE("CommandTraits: only what the table calls reading may be repeated") {
  for (const Words& words : {Words{"GET", "k"}, Words{"mget", "a", "b"}, Words{"TTL", "k"}, Words{"SIZE"},
                             Words{"ZRANGE", "k", "0", "-1"}, Words{"PING"}, Words{"ECHO", "x"}}) {
    CHECK_MESSAGE(traits_of(words).repeatable, words[0]);
    CHECK_MESSAGE(!traits_of(words).leaves_state, words[0]);
  }
  for (const Words& words : {Words{"SET", "k", "v"}, Words{"TTL", "k", "60"}, Words{"GETDEL", "k"},
                             Words{"CONFIG", "SET", "maxmemory", "1"}, Words{"SHUTDOWN"}, Words{"NOSUCH"},
                             Words{"CLIENT", "SETNAME", "x"}, Words{}}) {
    CHECK_MESSAGE(!traits_of(words).repeatable, (words.empty() ? "" : words[0]));
  }
}

TEST_CASE("CommandTraits: what stays on a connection") {
  for (const Words& words : {Words{"CLIENT", "SETNAME", "x"}, Words{"SELECT", "0"}, Words{"HELLO", "3"},
                             Words{"AUTH", "pw"}, Words{"READONLY"}, Words{"NOSUCH"}, Words{}}) {
    CHECK_MESSAGE(traits_of(words).leaves_state, (words.empty() ? "" : words[0]));
  }
  for (const Words& words : {Words{"SET", "k", "v"}, Words{"INFO"}, Words{"DBSIZE"}, Words{"GET"}}) {
    CHECK_MESSAGE(!traits_of(words).leaves_state, words[0]);
  }
}

TEST_CASE("Attempts: pauses double up to the greatest, and end") {
  const ReconnectPolicy policy{.attempts = 6, .delay_min = milliseconds(50), .delay_max = milliseconds(300)};
  const auto pauses = [&policy](double draw) {
    Attempts attempts(policy, std::nullopt, [draw] { return draw; });
    std::vector<milliseconds::rep> all;
    while (const auto pause = attempts.next()) all.push_back(pause->count());
    return all;
  };
  CHECK(pauses(0) == std::vector<milliseconds::rep>{0, 50, 100, 200, 300, 300});
  CHECK(pauses(1) == std::vector<milliseconds::rep>{0, 25, 50, 100, 150, 150});
}

TEST_CASE("Attempts: no pause goes beyond the deadline, and none comes after it") {
  const auto now = std::chrono::steady_clock::now();
  const ReconnectPolicy policy{
      .attempts = 6, .delay_min = milliseconds(60000), .delay_max = milliseconds(60000)};
  Attempts attempts(policy, now + milliseconds(5000), [] { return 0.0; });
  CHECK(attempts.next() == milliseconds(0));
  CHECK(*attempts.next() <= milliseconds(5000));
  CHECK(attempts.left(milliseconds(10)) == milliseconds(10));
  CHECK(attempts.left(milliseconds(0)) <= milliseconds(5000));
  Attempts over(policy, now - milliseconds(1), [] { return 0.0; });
  CHECK(over.next() == std::nullopt);
  CHECK(over.left(milliseconds(0)) == milliseconds(1));  // never 0, which would be for ever
}

TEST_CASE("Attempts: a policy of zeroes is no busy loop") {
  Attempts attempts({.attempts = 3, .delay_min = milliseconds(0), .delay_max = milliseconds(0)}, std::nullopt,
                    [] { return 1.0; });
  CHECK(attempts.next() == milliseconds(0));
  CHECK(attempts.next() == milliseconds(1));
  CHECK(attempts.next() == milliseconds(1));
}

}  // namespace
}  // namespace ringhold::client

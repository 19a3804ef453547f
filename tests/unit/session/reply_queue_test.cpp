#include "common/session/reply_queue.h"

#include <doctest/doctest.h>

namespace ringhold {
namespace {

TEST_CASE("ReplyQueue: replies leave in the order of the commands") {
  ReplyQueue queue;
  ByteBuffer out;
  const auto first = queue.push({});
  const auto second = queue.push({});
  queue.push_ready().append("three ");
  queue.settle();
  const auto fourth = queue.push({});

  queue.complete(second, "two ", out);
  CHECK(out.empty());
  CHECK(queue.bytes() == 10);
  queue.complete(first, "one ", out);
  CHECK(out.view() == "one two three ");
  CHECK(queue.size() == 1);
  queue.complete(fourth, "four", out);
  CHECK(out.view() == "one two three four");
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
}

TEST_CASE("ReplyQueue: a muted reply keeps its place and leaves no bytes") {
  ReplyQueue queue;
  ByteBuffer out;
  const auto muted = queue.push({.muted = true});
  const auto heard = queue.push({});
  queue.complete(heard, "b", out);
  CHECK(out.empty());
  queue.complete(muted, "a", out);
  CHECK(out.view() == "b");
}

TEST_CASE("ReplyQueue: clearing forgets what waits") {
  ReplyQueue queue;
  ByteBuffer out;
  queue.push({});
  queue.clear();
  CHECK(queue.empty());
  const auto next = queue.push({});
  queue.complete(next, "x", out);
  CHECK(out.view() == "x");
}

}  // namespace
}  // namespace ringhold

// The checker against histories of lists that are known to be good, and known to be bad.
#include <doctest/doctest.h>

#include "tests/sim/check/key_history.h"
#include "tests/unit/check/history.h"

namespace ringhold::sim {
namespace {

Observation wrong_type() {
  return {Observation::Kind::kWrongType, "", 0, {}};
}

TEST_CASE("item list: both ends, and items that look like its own framing") {
  ItemList list;
  list.push_back("b");
  list.push_front("");
  list.push_back(std::string("\4\0\0\0", 4));
  CHECK(list.size() == 3);
  CHECK(list == ItemList{"", "b", std::string("\4\0\0\0", 4)});
  CHECK(list.back() == std::string("\4\0\0\0", 4));
  list.pop_back();
  CHECK(list.front().empty());
  list.pop_front();
  CHECK(list.describe() == "[b]");
  list.pop_back();
  CHECK(list.empty());
  CHECK(list == ItemList{});
  CHECK(ItemList{"a", "b", "c"}.describe(2) == "[a b and 1 more]");
  CHECK_FALSE(ItemList{"ab"} == ItemList{"a", "b"});
}

TEST_CASE("lists, sequentially") {
  CHECK(History().items(1, 2, {}).rpush(3, 4, "a", 1).lpush(5, 6, "b", 2).items(7, 8, {"b", "a"}).verdict() ==
        kGood);
  CHECK(History().rpush(1, 2, "a", 1).rpush(3, 4, "b", 2).items(5, 6, {"b", "a"}).verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).rpush(3, 4, "b", 2).lpop(5, 6, "a").rpop(7, 8, "b").verdict() == kGood);
  CHECK(History().rpush(1, 2, "a", 1).rpush(3, 4, "b", 2).lpop(5, 6, "b").verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).number(3, 4, OpKind::kLLen, 1).verdict() == kGood);
  CHECK(History().rpush(1, 2, "a", 1).number(3, 4, OpKind::kLLen, 2).verdict() == kBad);
  CHECK(History().number(3, 4, OpKind::kLLen, 0).verdict() == kGood);
  CHECK(History().op(1, 2, 1, OpKind::kLPop, "", seen_nil()).verdict() == kGood);
  CHECK(History().rpush(1, 2, "a", 1).op(3, 4, 1, OpKind::kRPop, "", seen_nil()).verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).number(3, 4, OpKind::kDel, 1).items(5, 6, {}).verdict() == kGood);
  CHECK(History().rpush(1, 2, "a", 1).number(3, 4, OpKind::kDel, 1).items(5, 6, {"a"}).verdict() == kBad);
  // The last item takes the key with it, and its time to live.
  CHECK(History().rpush(1, 2, "a", 1).lpop(3, 4, "a").number(5, 6, OpKind::kExists, 0).verdict() == kGood);
  CHECK(History()
            .rpush(1, 2, "a", 1)
            .number(3, 4, OpKind::kExpire, 1)
            .lpop(5, 6, "a")
            .rpush(7, 8, "b", 1)
            .number(9, 10, OpKind::kPersist, 1)
            .verdict() == kBad);
}

TEST_CASE("lists: what Raft gone wrong looks like") {
  // A stale read: by a leader that has been deposed.
  CHECK(History().rpush(1, 2, "a", 1).rpush(3, 4, "b", 2).items(5, 6, {"a"}).verdict() == kBad);
  // A push applied twice, acknowledged or not.
  CHECK(History().rpush(1, 2, "a", 1).items(3, 4, {"a", "a"}).verdict() == kBad);
  CHECK(History().lost(1, OpKind::kRPush, "a").items(3, 4, {"a", "a"}).verdict() == kBad);
  CHECK(History().lost(1, OpKind::kRPush, "a").rpush(3, 4, "b", 3).verdict() == kBad);
  // One that took effect late, and one that never did.
  CHECK(History().lost(1, OpKind::kRPush, "a").items(2, 3, {}).items(50, 51, {"a"}).verdict() == kGood);
  CHECK(History().lost(1, OpKind::kRPush, "a").rpush(2, 3, "b", 1).items(50, 51, {"b", "a"}).verdict() ==
        kGood);
  CHECK(History().lost(1, OpKind::kRPush, "a").rpush(2, 3, "b", 1).items(50, 51, {"b"}).verdict() == kGood);
  // Too late: it was there, and is not any more.
  CHECK(History().lost(1, OpKind::kRPush, "a").items(2, 3, {"a"}).items(4, 5, {}).verdict() == kBad);
  // A value popped twice; a pop whose outcome is unknown takes one item at most.
  CHECK(History().rpush(1, 2, "a", 1).lpop(3, 4, "a").lpop(5, 6, "a", 5).verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).lpop(3, 9, "a").lpop(3, 9, "a", 5).verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).rpush(3, 4, "b", 2).lost(5, OpKind::kLPop).lpop(6, 7, "b").verdict() ==
        kGood);
  CHECK(History()
            .rpush(1, 2, "a", 1)
            .rpush(3, 4, "b", 2)
            .rpush(5, 6, "c", 3)
            .lost(7, OpKind::kLPop)
            .lpop(8, 9, "c")
            .verdict() == kBad);
  // An element that vanishes: the lost update.
  CHECK(History().rpush(1, 2, "a", 1).rpush(1, 2, "b", 1, 4).verdict() == kBad);
  CHECK(History()
            .rpush(1, 2, "a", 1)
            .rpush(3, 4, "b", 2)
            .rpush(5, 6, "c", 3)
            .items(7, 8, {"a", "c"})
            .verdict() == kBad);
  // Read from the future.
  CHECK(History().items(1, 2, {"a"}).rpush(3, 4, "a", 1).verdict() == kBad);
  CHECK(History().lpop(1, 2, "a").rpush(3, 4, "a", 1).verdict() == kBad);
  CHECK(History().items(1, 2, {"a"}).lost(3, OpKind::kRPush, "a").verdict() == kBad);
}

TEST_CASE("lists: one connection's operations keep their order") {
  CHECK(History().rpush(1, 10, "a", 1).rpush(1, 10, "b", 2).items(11, 12, {"a", "b"}).verdict() == kGood);
  CHECK(History().rpush(1, 10, "a", 2).rpush(1, 10, "b", 1).items(11, 12, {"b", "a"}).verdict() == kBad);
  CHECK(History().rpush(1, 10, "a", 2, 4).rpush(1, 10, "b", 1, 5).items(11, 12, {"b", "a"}).verdict() ==
        kGood);
  CHECK(History().rpush(1, 10, "a", 1).items(1, 10, {}, 1).verdict() == kBad);
  CHECK(History().rpush(1, 10, "a", 1).items(1, 10, {}, 4).verdict() == kGood);
}

TEST_CASE("lists: concurrent, and only one order explains what was seen") {
  // c, then a from the left, then b from the right; the pop came last.
  const auto pushes = [] {
    return History().lpush(1, 20, "a", 2, 1).rpush(1, 20, "b", 3, 2).rpush(1, 20, "c", 1, 3);
  };
  CHECK(pushes().items(21, 22, {"a", "c", "b"}).verdict() == kGood);
  CHECK(pushes().items(21, 22, {"a", "b", "c"}).verdict() == kBad);
  CHECK(pushes().rpop(1, 20, "b", 7).items(21, 22, {"a", "c"}).verdict() == kGood);
  CHECK(pushes().rpop(1, 20, "c", 7).items(21, 22, {"a", "b"}).verdict() == kBad);
  // Each read alone can be explained, both cannot.
  const auto two = [] { return History().rpush(1, 20, "a", 1, 1).lpush(1, 20, "b", 2, 2); };
  CHECK(two().items(2, 3, {"a"}).items(4, 5, {"b", "a"}).verdict() == kGood);
  CHECK(History().rpush(1, 20, "a", 2, 1).lpush(1, 20, "b", 1, 2).items(2, 3, {"a"}, 5).verdict() == kBad);
}

TEST_CASE("strings and lists do not mix, and each says so") {
  CHECK(History().set(1, 2, "v").op(3, 4, 1, OpKind::kRPush, "a", wrong_type()).get(5, 6, "v").verdict() ==
        kGood);
  CHECK(History().set(1, 2, "v").rpush(3, 4, "a", 1).verdict() == kBad);
  CHECK(History().set(1, 2, "v").rpush(3, 4, "a", 2).verdict() == kBad);
  CHECK(History().set(1, 2, "v").lost(3, OpKind::kRPush, "a").get(5, 6, "v").verdict() == kGood);
  CHECK(History().set(1, 2, "v").lost(3, OpKind::kRPush, "a").get(5, 6, "w").verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).get(3, 4, "a").verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).number(3, 4, OpKind::kIncr, 1).verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).op(3, 4, 1, OpKind::kGet, "", wrong_type()).verdict() == kGood);
  CHECK(History().rpush(1, 2, "a", 1).op(3, 4, 1, OpKind::kLLen, "", wrong_type()).verdict() == kBad);
  CHECK(History().op(3, 4, 1, OpKind::kLLen, "", wrong_type()).verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).op(3, 4, 1, OpKind::kDel, "", wrong_type()).verdict() == kBad);
  CHECK(History().rpush(1, 2, "a", 1).set(3, 4, "v").get(5, 6, "v").verdict() == kGood);
  CHECK(History().rpush(1, 2, "a", 1).number(3, 4, OpKind::kSetNx, 0, "v").items(5, 6, {"a"}).verdict() ==
        kGood);
  CHECK(History().rpush(1, 2, "a", 1).lost(3, OpKind::kIncr).items(5, 6, {"a"}).verdict() == kGood);
}

TEST_CASE("lists: after a slot has moved, what is seen first says what is there") {
  const std::vector<Disturbance> move = {{at(10), at(20), false, "a move"}};
  const auto verdict = [&](const History& h) { return check_key_history(h.operations, move).verdict; };
  CHECK(verdict(History().items(21, 22, {"x", "y"}).rpush(23, 24, "z", 3)) == kGood);
  CHECK(verdict(History().items(21, 22, {"x", "y"}).rpush(23, 24, "z", 2)) == kBad);
  CHECK(verdict(History().rpush(21, 22, "z", 5).lpop(23, 24, "x")) == kGood);
  CHECK(verdict(History().rpush(21, 22, "z", 1).lpop(23, 24, "x")) == kBad);
  CHECK(verdict(History().number(21, 22, OpKind::kLLen, 2).op(23, 24, 2, OpKind::kLPop, "", seen_nil())) ==
        kBad);
  CHECK(verdict(History().lpop(21, 22, "x").op(23, 24, 2, OpKind::kLPop, "", seen_nil())) == kGood);
}

TEST_CASE("items come from somewhere") {
  const auto origin = [](const History& h) { return check_origin_of_values(h.operations).verdict; };
  CHECK(origin(History().rpush(1, 2, "a1.", 1).items(3, 4, {"a1."})) == kGood);
  CHECK(origin(History().rpush(1, 2, "a1.", 1).items(3, 4, {"a1.", "b2."})) == kBad);
  CHECK(origin(History().rpush(5, 6, "a1.", 1).lpop(3, 4, "a1.")) == kBad);
}

}  // namespace
}  // namespace ringhold::sim

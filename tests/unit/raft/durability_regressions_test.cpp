// What readers have found in what the core believes to be on the disk.
#include "tests/unit/raft/one_replica.h"

namespace ringhold::raft::test {

TEST_CASE(
    "regression: an entry that was replaced, and came back, counts only when it has been written again") {
  Alone one({.founders = members({1, 2, 3, 4, 5})});
  const Position begin{{1}, {1}};
  const std::vector<Entry> old = {command(2, 2), command(3, 2)};
  one.hear(2, 1, AppendRequest{{}, {}, {command(1, 1)}});
  const Output first = one.hear_only(2, 2, AppendRequest{begin, {}, old});
  REQUIRE(first.persist.has_value());
  REQUIRE(one.hear_only(3, 3, AppendRequest{begin, {}, {command(2, 3)}}).persist.has_value());
  const Output term = one.hear_only(2, 4, Heartbeat{1, {}});
  REQUIRE(term.persist.has_value());
  REQUIRE(one.hear_only(2, 4, AppendRequest{begin, {}, old}).persist.has_value());

  // Entry 2 of term 2 is on the disk; what replaced it is still on its way there.
  one.written(first.persist->number);
  CHECK(one.core->durable() == LogIndex{1});
  one.hear_only(2, 4, AppendRequest{begin, {}, old});
  const Output out = one.written(term.persist->number);
  const auto* reply = find<AppendReply>(out);
  CHECK((reply == nullptr || reply->match == LogIndex{1}));
  CHECK(one.core->durable() == LogIndex{1});

  const Output all = one.written(term.persist->number + 1);
  REQUIRE(find<AppendReply>(all) != nullptr);
  CHECK(find<AppendReply>(all)->match == LogIndex{3});
  CHECK(one.core->durable() == LogIndex{3});
}

TEST_CASE("regression: a disk that is always one write behind is not taken for one that takes nothing") {
  Alone one({.bounds = {.unsynced_bytes = 10000}});
  std::uint64_t before = 0;
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const Position previous{{i - 1}, {i > 1 ? 1U : 0U}};
    const Output out =
        one.hear_only(2, 1, AppendRequest{previous, {}, {command(i, 1, std::string(1000, 'x'))}});
    REQUIRE(out.persist.has_value());
    if (before != 0) one.written(before);
    before = out.persist->number;
  }
  one.written(before);
  CHECK(one.core->durable() == LogIndex{50});
}

}  // namespace ringhold::raft::test

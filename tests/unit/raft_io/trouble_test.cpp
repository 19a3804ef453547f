// Full and failing disks, step by step.
#include "tests/unit/raft_io/store_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("trouble: after a failed sync the log goes on in a new segment, with what was not synced") {
  Machine m(1);
  REQUIRE(m.open() == "");
  m.persist({entry_of(1, 1, "one")}, 0, raft::Vote{{1}, {}});
  REQUIRE(m.wait_persisted());
  m.settle();
  const std::string first = m.segments().back();
  m.files().faults().fail_next_sync = true;
  m.persist({entry_of(2, 1, "two")});
  REQUIRE(m.wait_persisted());
  CHECK(m.stalls == 1);
  CHECK_FALSE(m.stalled);
  CHECK(m.why_stalled.find(first + " fails: ") != std::string::npos);
  CHECK(m.segments().back() != first);
  CHECK(m.read(1) == Texts{"1:1:one", "2:1:two"});
  m.settle();
  // What the failed write has left is not part of the log.
  CHECK(m.content(m.path(first)).size() == 2 * kSectorBytes);
  m.crash_now();
  REQUIRE(m.open() == "");
  CHECK(m.read(1) == Texts{"1:1:one", "2:1:two"});
}

TEST_CASE("trouble: while the disk fails, a fresh segment is tried once a second") {
  Machine m(2);
  REQUIRE(m.open() == "");
  m.settle();
  m.files().faults().fail_syncs_percent = 100;
  m.persist({entry_of(1, 1, "one")});
  m.persist({entry_of(2, 1, "two")});
  const auto segments = m.segments();
  m.sim.run_for(seconds(5));
  m.persist({entry_of(3, 1, "three")});
  m.sim.run_for(seconds(5));
  CHECK(m.stalls == 1);
  CHECK(m.stalled);
  CHECK(m.persisted == 0);
  CHECK(m.segments() == segments);  // a segment gets its name when it is good
  m.files().faults().fail_syncs_percent = 0;
  REQUIRE(m.wait_persisted(seconds(3)));
  CHECK_FALSE(m.stalled);
  CHECK(m.read(1) == Texts{"1:1:one", "2:1:two", "3:1:three"});
}

TEST_CASE("trouble: the vote is written anew after a failure, and before the entries that came with it") {
  Machine m(3);
  REQUIRE(m.open() == "");
  m.settle();
  m.files().faults().fail_next_sync = true;
  const raft::Vote vote{{7}, raft::ReplicaId{id_of(1)}};
  m.persist({entry_of(1, 7, "one")}, 0, vote);
  m.sim.run_for(microseconds(500000));
  CHECK(m.stalled);
  CHECK(m.why_stalled.find("vote fails: ") != std::string::npos);
  CHECK(m.persisted == 0);
  REQUIRE(m.wait_persisted());
  CHECK_FALSE(m.stalled);
  m.crash_now();
  REQUIRE(m.open() == "");
  CHECK(m.recovered->vote == vote);
  CHECK(m.applied.empty());
  CHECK(m.read(1) == Texts{"1:7:one"});
}

TEST_CASE("trouble: on a full disk the spare segment is used up, then the log waits for room") {
  Machine m(4);
  REQUIRE(m.open() == "");
  m.settle();
  m.files().set_room(0);
  const std::string payload(1000, 'x');
  std::uint64_t index = 0;
  for (int i = 0; i < 60 && !m.stalled; ++i) {
    m.persist({entry_of(++index, 1, payload)});
    m.sim.run_until([&] { return m.persisted == m.number || m.stalled; }, seconds(10));
  }
  CHECK(m.stalled);
  CHECK(m.why_stalled.find("No space left") != std::string::npos);
  CHECK(index > 16);  // more than one segment
  const auto persisted = m.persisted;
  m.persist({entry_of(++index, 1, payload)});
  m.sim.run_for(seconds(5));
  CHECK(m.persisted == persisted);
  CHECK(m.stalls == 1);
  // Somebody makes room.
  m.files().set_room(std::nullopt);
  REQUIRE(m.wait_persisted(seconds(3)));
  CHECK_FALSE(m.stalled);
  CHECK(m.read(1).size() == index);
}

TEST_CASE("trouble: a start waits for a disk that is full, too") {
  Machine m(5);
  REQUIRE(m.open() == "");
  m.persist({entry_of(1, 1, "one")}, 0, raft::Vote{{1}, {}});
  REQUIRE(m.wait_persisted());
  m.restart();
  m.files().remove(m.path("spare.wal"));
  m.files().set_room(1000);
  m.start();
  m.sim.run_for(seconds(5));
  CHECK_FALSE(m.opened());
  CHECK(m.stalled);
  m.files().set_room(std::nullopt);
  REQUIRE(m.sim.run_until([&] { return m.opened(); }, seconds(3)));
  CHECK(m.error == "");
  CHECK_FALSE(m.stalled);
  CHECK(m.read(1) == Texts{"1:1:one"});
}

TEST_CASE("trouble: a store that goes in the middle of anything leaves nothing behind") {
  for (std::uint64_t events = 0; events < 60; ++events) {
    Machine m(6);
    std::uint64_t left = events;
    m.start();
    const auto count = [&] { return left == 0 || left-- == 1; };
    if (!m.sim.run_until(count, seconds(1))) {
      m.persist({entry_of(1, 1, "one")}, 0, raft::Vote{{1}, {}});
      m.persist({entry_of(2, 1, std::string(20000, 'x'))});
      m.sim.run_on(*m.loop, [&] { m.store->read({1}, 100, [](const auto&) {}); });
      m.sim.run_until(count, seconds(1));
    }
    m.end();
    m.sim.run_for(seconds(3));
    CHECK(m.files().open_files == 0);
    CHECK(m.process.live_timers() == 0);
    CHECK(m.sim.violations().empty());
  }
}

TEST_CASE("trouble: removals that fail are tried again, in their order") {
  Machine m(7);
  REQUIRE(m.open() == "");
  for (std::uint64_t i = 1; i <= 60; ++i) {
    m.persist({entry_of(i, 1, std::string(1000, 'x'))}, i, raft::Vote{{1}, {}});
    REQUIRE(m.wait_persisted());
  }
  m.settle();
  m.files().faults().fail_syncs_percent = 100;
  m.compact(snapshot_at(60, 1), 61);
  m.sim.run_for(seconds(3));
  CHECK(m.segments().size() > 2);
  m.files().faults().fail_syncs_percent = 0;
  REQUIRE(m.sim.run_until([&] { return m.segments().size() == 1; }, seconds(60)));
  m.crash_now();
  CHECK(m.open(snapshot_at(60, 1)) == "");
}

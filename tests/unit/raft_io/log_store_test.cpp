// The store as its replica sees it.
#include "cluster/raft_io/log_store.h"

#include "cluster/raft_io/file_names.h"
#include "tests/unit/raft_io/store_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("log store: what was persisted is there after a restart, and what was committed is applied") {
  Machine m(1);
  REQUIRE(m.open() == "");
  CHECK(m.recovered->log.last_index().value == 0);
  m.persist({entry_of(1, 1, "one"), entry_of(2, 1, "two")}, 0, raft::Vote{{1}, raft::ReplicaId{id_of(3)}});
  m.persist({entry_of(3, 1, "three")}, 2);
  REQUIRE(m.wait_persisted());
  CHECK(m.read(1) == Texts{"1:1:one", "2:1:two", "3:1:three"});
  m.crash_now();
  REQUIRE(m.open() == "");
  CHECK(m.recovered->vote == raft::Vote{{1}, raft::ReplicaId{id_of(3)}});
  CHECK(m.recovered->log.last() == raft::Position{{3}, {1}});
  CHECK(m.recovered->applied.value == 2);
  CHECK(m.applied == Texts{"1:1:one", "2:1:two"});
  CHECK(m.recovered->log.memory_first().value == 3);
  CHECK(text_of(m.recovered->log.at({3})) == "3:1:three");
  CHECK(m.read(1) == Texts{"1:1:one", "2:1:two", "3:1:three"});
}

TEST_CASE("log store: an entry whose index is there replaces that one and all behind it") {
  Machine m(2);
  REQUIRE(m.open() == "");
  m.persist({entry_of(1, 1, "a"), entry_of(2, 1, "b"), entry_of(3, 1, "c")}, 1, raft::Vote{{1}, {}});
  m.persist({entry_of(2, 2, "B")}, 1, raft::Vote{{2}, {}});
  REQUIRE(m.wait_persisted());
  CHECK(m.read(1) == Texts{"1:1:a", "2:2:B"});
  m.persist({entry_of(3, 2, "C"), entry_of(4, 2, "D")});
  REQUIRE(m.wait_persisted());
  CHECK(m.read(2) == Texts{"2:2:B", "3:2:C", "4:2:D"});
  m.crash_now();
  REQUIRE(m.open() == "");
  CHECK(m.recovered->log.last() == raft::Position{{4}, {2}});
  CHECK(m.read(1) == Texts{"1:1:a", "2:2:B", "3:2:C", "4:2:D"});
}

TEST_CASE("log store: founding members are kept until there is a snapshot") {
  Machine m(3);
  const raft::SnapshotMeta founding{{}, {}, snapshot_at(0, 0).members, 0};
  REQUIRE(m.open(founding) == "");
  CHECK(m.recovered->log.membership() == founding.members);
  m.persist({entry_of(1, 1, "a")}, 1, raft::Vote{{1}, {}});
  REQUIRE(m.wait_persisted());
  m.crash_now();
  REQUIRE(m.open() == "");
  CHECK(m.recovered->log.membership() == founding.members);
  CHECK(m.applied == Texts{"1:1:a"});
}

TEST_CASE("log store: segments follow each other, are cut to what they use, and old ones are removed") {
  Machine m(4);
  REQUIRE(m.open() == "");
  const std::string payload(1000, 'x');
  for (std::uint64_t i = 1; i <= 100; ++i) {
    m.persist({entry_of(i, 1, payload)}, i > 1 ? i - 1 : 0, raft::Vote{{1}, {}});
    REQUIRE(m.wait_persisted());
  }
  m.settle();
  CHECK(m.segments().size() >= 7);
  CHECK(m.store->figures().segments == m.segments().size());
  CHECK(m.disk().read_file(m.path(m.segments()[0]), 1U << 20U)->size() < 16384);
  CHECK(m.read(1).size() == 100);
  CHECK(m.read(37).size() == 64);
  CHECK(m.read(37, 3000).size() == 2);
  CHECK(m.read(101).empty());

  const std::size_t before = m.segments().size();
  m.compact(snapshot_at(60, 1), 50);
  m.settle();
  CHECK(m.segments().size() < before);
  CHECK(m.read(1).empty());
  CHECK(m.read(50).size() == 51);
  m.crash_now();
  CHECK(m.open().find("a snapshot is missing") != std::string::npos);
  m.crash_now();
  REQUIRE(m.open(snapshot_at(60, 1)) == "");
  CHECK(m.recovered->log.last_index().value == 100);
  CHECK(m.recovered->log.first_index().value <= 50);
  CHECK(m.recovered->applied.value == 99);
  CHECK(m.applied.size() == 39);
  CHECK(m.read(50).size() == 51);
}

TEST_CASE("log store: an entry larger than a segment gets a segment that is larger") {
  Machine m(5);
  REQUIRE(m.open() == "");
  m.persist({entry_of(1, 1, std::string(100000, 'y'))}, 0, raft::Vote{{1}, {}});
  m.persist({entry_of(2, 1, "after")});
  REQUIRE(m.wait_persisted());
  CHECK(m.read(1).size() == 2);
  m.crash_now();
  REQUIRE(m.open() == "");
  CHECK(m.recovered->log.last_index().value == 2);
  CHECK(m.read(1)[0].size() == 100004);
}

TEST_CASE("log store: a reset begins the log anew behind a snapshot") {
  Machine m(6);
  REQUIRE(m.open() == "");
  m.persist({entry_of(1, 1, "a"), entry_of(2, 1, "b")}, 1, raft::Vote{{1}, {}});
  REQUIRE(m.reset_behind(snapshot_at(50, 4)));
  CHECK(m.persisted == m.number);
  m.persist({entry_of(51, 5, "c")}, 50, raft::Vote{{5}, {}});
  REQUIRE(m.wait_persisted());
  CHECK(m.read(1).empty());
  CHECK(m.read(51) == Texts{"51:5:c"});
  m.settle();
  CHECK(m.segments().size() == 1);
  m.crash_now();
  REQUIRE(m.open(snapshot_at(50, 4)) == "");
  CHECK(m.recovered->log.last() == raft::Position{{51}, {5}});
  CHECK(m.recovered->log.first_index().value == 51);
  CHECK(m.recovered->log.membership() == snapshot_at(50, 4).members);
}

TEST_CASE("log store: a snapshot that the log does not reach, or contradicts, begins it anew") {
  for (const std::uint64_t index : {2, 3}) {
    Machine m(7);
    REQUIRE(m.open() == "");
    m.persist({entry_of(1, 1, "a"), entry_of(2, 1, "b")}, 1, raft::Vote{{5}, {}});
    REQUIRE(m.wait_persisted());
    m.crash_now();
    REQUIRE(m.open(snapshot_at(index, 4)) == "");
    CHECK(m.recovered->log.last() == raft::Position{{index}, {4}});
    CHECK(m.recovered->applied.value == index);
    m.persist({entry_of(index + 1, 5, "c")}, index + 1);
    REQUIRE(m.wait_persisted());
    m.crash_now();
    REQUIRE(m.open(snapshot_at(index, 4)) == "");
    CHECK(m.applied == Texts{std::to_string(index + 1) + ":5:c"});
  }
}

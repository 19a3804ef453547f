// The driver where the core, the disk, and whoever asks meet.
#include "tests/unit/raft_io/driver_fixture.h"

#include <algorithm>

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

std::size_t snapshots_of(const DriverReplica& one) {
  const auto names = one.files().names();
  return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [](const std::string& name) {
    return name.find("/snapshot-") != std::string::npos;
  }));
}

// The replica's own snapshot has all but its name, which takes up to a minute.
void begin_slow_snapshot(DriverShard& shard, DriverReplica& one) {
  one.machine->hold_back = true;
  one.run([&] { one.driver->take_snapshot(); });
  REQUIRE(shard.until([&] { return one.machine->is_written; }));
  one.machine->hold_back = false;
  one.files().faults().slow = seconds(60);
  one.run([&] { one.machine->end_save({}); });
  one.files().faults().slow = {};
}

}  // namespace

TEST_CASE("driver: a snapshot of its own that ends after another was installed is dropped") {
  DriverShard shard(3, 1, [](DriverOptions& options) { options.bounds.memory_bytes = 0; });
  DriverReplica& leader = shard.start();
  DriverReplica& behind = shard.other_than(leader);
  shard.propose(leader, "a");
  REQUIRE(shard.all_have("a"));
  begin_slow_snapshot(shard, behind);

  shard.sim.fabric().refuse(behind.process, true);
  for (const auto& other : shard.replicas) shard.sim.fabric().cut(behind.process, other->process, 100);
  for (const char* text : {"b", "c", "d"}) shard.propose(leader, text);
  REQUIRE(shard.until([&] { return leader.machine->text == "abcd"; }));
  leader.run([&] { leader.driver->take_snapshot(); });
  REQUIRE(
      shard.until([&] { return leader.core()->log().first_index() > behind.core()->log().last_index(); }));
  const raft::Position newest = leader.core()->log().snapshot().position;
  REQUIRE(behind.machine->text == "a");
  shard.sim.fabric().refuse(behind.process, false);
  REQUIRE(shard.until([&] { return behind.core()->log().snapshot().position == newest; }, seconds(10)));
  CHECK(behind.machine->restores == 1);
  CHECK(behind.machine->text == "abcd");

  REQUIRE(behind.files().exists("data/raft/taking.rh"));
  REQUIRE(shard.until([&] { return !behind.files().exists("data/raft/taking.rh"); }));
  shard.sim.run_for(seconds(1));
  CHECK(behind.core()->log().snapshot().position == newest);
  CHECK(snapshots_of(behind) == 1);
  shard.propose(*shard.leader(), "e");
  REQUIRE(shard.all_have("abcde"));
  behind.crash();
  behind.start();
  REQUIRE(shard.all_have("abcde"));
  CHECK(behind.faults.empty());
}

TEST_CASE("driver: a read that is asked for in the middle of a batch is answered behind all of it") {
  DriverShard shard(1);
  DriverReplica& one = shard.start();
  std::string read;
  one.run([&] {
    one.driver->propose("a", [&](ProposalEnd /*end*/, const std::string& /*why*/) {
      one.driver->read([&](bool may) { read = may ? one.machine->text : "refused"; });
    });
    for (const char* text : {"b", "c"}) one.driver->propose(text, [](ProposalEnd, const std::string&) {});
  });
  REQUIRE(shard.until([&] { return !read.empty(); }));
  CHECK(read == "abc");
}

TEST_CASE("driver: proposals of several terms at one place each hear what became of them, once") {
  DriverShard shard(3, 2);
  DriverReplica& first = shard.start();
  shard.isolate(first);
  std::vector<std::shared_ptr<Ended>> lost;
  for (int i = 0; i < 10; ++i) lost.push_back(shard.propose(first, "lost"));
  const raft::LogIndex last_lost = first.core()->log().last_index();
  REQUIRE(shard.until([&] { return shard.leader() != nullptr && !first.leads(); }));
  shard.heal();
  DriverReplica& second = shard.elect();
  REQUIRE(shard.until([&] { return first.core()->applied() == second.core()->commit(); }));
  second.run([&] { CHECK(second.driver->transfer(first.id) == ""); });
  REQUIRE(shard.until([&] { return first.leads(); }));

  const auto kept = shard.propose(first, "kept");
  REQUIRE(first.core()->log().last_index() <= last_lost);
  std::vector<std::shared_ptr<Ended>> later;
  for (int i = 0; i < 10; ++i) later.push_back(shard.propose(first, "!"));
  REQUIRE(shard.all_have("kept!!!!!!!!!!"));
  CHECK(kept->times == 1);
  CHECK(kept->end == ProposalEnd::kApplied);
  for (const auto& ended : lost) {
    CHECK(ended->times == 1);
    CHECK(ended->end == ProposalEnd::kReplaced);
  }
  for (const auto& ended : later) {
    CHECK(ended->times == 1);
    CHECK(ended->end == ProposalEnd::kApplied);
  }
}

TEST_CASE("driver: another leads when the leader's disk neither fails nor finishes") {
  DriverShard shard(3, 3);
  DriverReplica& first = shard.start();
  first.files().faults().slow = seconds(60);
  const auto ended = shard.propose(first, "a");
  const MonoTime began = shard.sim.now();
  REQUIRE(shard.until([&] { return !first.leads(); }, seconds(2)));
  CHECK(shard.sim.now() - began >= limits::kLogSilenceMax);
  REQUIRE(shard.until([&] { return shard.leader() != nullptr; }, seconds(3)));
  DriverReplica& second = shard.elect();
  CHECK(&second != &first);
  CHECK(ended->times == 0);
  CHECK(first.faults.empty());

  first.files().faults().slow = {};
  REQUIRE(shard.until([&] { return ended->times == 1; }));
  shard.propose(second, "b");
  REQUIRE(shard.until([&] { return first.machine->text == second.machine->text; }));
  // It can lead again.
  second.run([&] { CHECK(second.driver->transfer(first.id) == ""); });
  CHECK(shard.until([&] { return first.leads(); }, seconds(3)));
}

TEST_CASE("driver: the directory of another cluster, shard or replica is refused") {
  DriverShard shard(1);
  DriverReplica& one = shard.start();
  const Identity own = one.driver->identity();
  const auto why_not = [&](Identity wanted) {
    one.crash();
    one.options.identity = std::move(wanted);
    one.start();
    REQUIRE(shard.until([&] { return one.started.has_value(); }));
    CHECK(one.core() == nullptr);
    return *one.started;
  };
  const Id128 another = id_of(0x77);
  const auto refuses = [&](const Identity& wanted, const Id128& found) {
    const std::string why = why_not(wanted);
    CAPTURE(why);
    CHECK(why.starts_with("data/raft belongs to "));
    CHECK(why.find(found.hex()) != std::string::npos);
    CHECK(why.find(another.hex()) != std::string::npos);
  };
  Identity wanted = own;
  wanted.cluster = another;
  refuses(wanted, own.cluster);
  wanted = own;
  wanted.shard = another;
  refuses(wanted, own.shard);
  wanted = own;
  wanted.replica = {another};
  refuses(wanted, own.replica.value);
  // Whoever does not know who it is learns it from the disk.
  one.crash();
  one.options.identity = {};
  one.start();
  REQUIRE(shard.until([&] { return one.started.has_value(); }));
  CHECK(*one.started == "");
  CHECK(one.driver->identity() == own);
}

TEST_CASE("driver: a snapshot that comes in leaves no open file, whenever its owner goes") {
  int stopped_in_the_middle = 0;
  for (int events = 0; events < 40; ++events) {
    sim::SimWorld sim(4);
    auto& process = sim.add_process({.name = "r1", .host = "10.0.0.1", .role = Role::kNode});
    auto& loop = process.add_loop("main");
    TextMachine machine(loop.world());
    auto files = std::make_unique<SnapshotFiles>(loop.world(), "data/raft", machine, limits::kMiB);
    REQUIRE(loop.world().disk.make_directory("data/raft").ok());
    raft::StoreChunk chunk;
    chunk.snapshot.position = {{9}, {1}};
    chunk.snapshot.bytes = 10;
    chunk.data = raft::make_payload("01234");
    bool stored = false;
    sim.run_on(loop, [&] {
      files->store_chunk(chunk, [&](const Result<std::uint64_t>& outcome) {
        REQUIRE(outcome.ok());
        chunk.offset = *outcome;
        files->store_chunk(chunk, [&](const Result<std::uint64_t>&) { stored = true; });
      });
    });
    int seen = 0;
    sim.run_until([&] { return stored || seen++ >= events; }, seconds(5));
    if (process.files().open_files != 0 && !stored) ++stopped_in_the_middle;
    sim.run_on(loop, [&] { files.reset(); });
    CHECK(process.files().open_files == 0);
    // What was being opened then is closed when it is there.
    sim.run_for(seconds(5));
    CHECK(process.files().open_files == 0);
    CHECK(process.files().operations() == 0);
  }
  CHECK(stopped_in_the_middle > 2);
}

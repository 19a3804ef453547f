// The bookkeeping of a run: who owned a slot when, and which failures are excused.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "common/base/slot.h"
#include "tests/sim/scenario/availability.h"
#include "tests/sim/scenario/ownership_log.h"
#include "tests/sim/scenario/run.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {
namespace {

using std::chrono::milliseconds;

const Address kA{"10.0.1.1", 9501};
const Address kB{"10.0.1.2", 9501};

// All slots belong to one of two shards.
TopologyPtr topology(std::uint64_t epoch, std::uint16_t owner) {
  auto value = std::make_shared<Topology>();
  value->cluster.bytes[0] = 1;
  value->version = {1, Epoch{epoch}};
  value->shards = {{"a", {}, 1, {kA}}, {"b", {}, 1, {kB}}};
  value->slots.fill(owner);
  value->authority = std::string("a");  // GCC 12 sees a wild memcpy in assign(const char*): its bug 105651
  return value;
}

struct Log {
  Log() {
    log.started("a", kA, true);
    log.started("b", kB, true);
    pass();
  }
  void pass() { world.run_for(milliseconds(10)); }
  SimWorld world{1};
  OwnershipLog log{world, {"k"}};
};

TEST_CASE(
    "a slot that moves disturbs its keys from the first change to the settled owner, who begins with "
    "nothing") {
  Log l;
  l.log.observe_server("a", topology(1, 0));
  l.log.observe_server("b", topology(1, 0));
  REQUIRE(l.log.disturbances("k").size() == 1);
  CHECK(l.log.disturbances("k")[0].leaves_nil);
  l.pass();
  const MonoTime begin = l.world.now();
  l.log.observe_server("b", topology(2, 1));
  l.pass();
  l.log.observe_server("a", topology(2, 1));
  const auto list = l.log.disturbances("k");
  REQUIRE(list.size() == 2);
  CHECK(list[1].begin == begin);
  CHECK(list[1].end == l.world.now());
  CHECK(list[1].leaves_nil);
  CHECK(l.log.owners("k", begin, l.world.now()) == std::set<std::string>{"a", "b"});
}

TEST_CASE("an owner that keeps its slot while another one came and went may hold anything") {
  Log l;
  l.log.observe_server("a", topology(1, 0));
  l.pass();
  l.log.observe_server("b", topology(2, 1));
  l.pass();
  l.log.observe_server("b", topology(3, 0));
  const auto list = l.log.disturbances("k");
  REQUIRE(list.size() == 2);
  CHECK_FALSE(list[1].leaves_nil);
}

TEST_CASE("a crash leaves nil") {
  Log l;
  l.log.observe_server("a", topology(1, 0));
  l.pass();
  l.log.crashed("a");
  l.pass();
  l.log.started("a", kA, true);
  CHECK(l.log.disturbances("k").back().end == MonoTime::max());
  l.log.observe_server("a", topology(1, 0));
  CHECK(l.log.disturbances("k").back().end == l.world.now());
  CHECK(l.log.disturbances("k").back().leaves_nil);
  CHECK(l.world.violations().empty());
}

TEST_CASE("a topology that goes back is a violation, but not in a new life") {
  Log l;
  l.log.observe_server("a", topology(2, 0));
  l.log.crashed("a");
  l.log.started("a", kA, true);
  l.log.observe_server("a", topology(1, 0));
  CHECK(l.world.violations().empty());
  l.log.observe_server("b", topology(2, 0));
  l.log.observe_server("b", topology(1, 0));
  CHECK(l.world.violations().size() == 1);
  l.log.observe_proxy("p/worker0", 0, topology(3, 0));
  l.log.observe_proxy("p/worker0", 1, topology(2, 0));
  CHECK(l.world.violations().size() == 1);
  l.log.observe_proxy("p/worker0", 1, topology(1, 0));
  CHECK(l.world.violations().size() == 2);
}

TEST_CASE("a failure is excused by a fault of what the request needed, and by nothing else") {
  Log l;
  l.log.observe_server("a", topology(1, 0));
  l.world.run_for(milliseconds(1000));
  const MonoTime now = l.world.now();
  RunLog run;
  run.requests.push_back({.id = 1,
                          .client = "c",
                          .front = "p",
                          .keys = {"k"},
                          .sent = now,
                          .returned = now + milliseconds(5),
                          .error = "CLUSTERDOWN x"});
  const AvailabilityRules rules{{"a", "b"}, milliseconds(100), milliseconds(500)};
  const auto verdict = [&](const Fault& fault) {
    FaultLog faults;
    faults.end(faults.begin(fault.begin, fault.what, fault.concerned, fault.aftermath), fault.end);
    return check_availability(run, faults, l.log, rules).empty();
  };
  const MonoTime before = now - milliseconds(100);
  CHECK(verdict({before, MonoTime::max(), "crash of a", {"a"}, {}}));
  CHECK(verdict({before, before, "cut", {"p", "a"}, milliseconds(200)}));
  CHECK_FALSE(verdict({before, before, "cut", {"p", "a"}, milliseconds(50)}));
  CHECK_FALSE(verdict({before, MonoTime::max(), "crash of b", {"b"}, {}}));
  CHECK_FALSE(verdict({before, MonoTime::max(), "stall", {"b", "a"}, {}}));
  run.requests[0].error.clear();
  CHECK(verdict({before, before, "nothing", {"x"}, {}}));
  run.requests[0].returned = now + milliseconds(501);
  CHECK_FALSE(verdict({before, before, "nothing", {"x"}, {}}));
  CHECK(verdict({before, MonoTime::max(), "crash of a", {"a"}, {}}));
}

TEST_CASE("a seed is replayed exactly") {
  for (const std::uint64_t seed : {3U, 7U}) {
    const RunResult first = run_cluster_seed({.seed = seed});
    const RunResult second = run_cluster_seed({.seed = seed});
    CHECK_MESSAGE(first.ok, first.failure);
    CHECK(first.trace_hash == second.trace_hash);
    CHECK(first.events == second.events);
    CHECK(first.requests > 100);
  }
}

}  // namespace
}  // namespace ringhold::sim

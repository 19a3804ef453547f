// Replicas of one shard, each run by a Driver in the simulated world, over a state machine that is a text.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft_io/driver.h"
#include "common/base/log.h"
#include "tests/unit/raft_io/text_machine.h"
#include "tests/unit/raft_io/transport_fixture.h"

namespace ringhold::raft_io {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One replica: its process, and while it lives, its driver.
class DriverReplica final : public DriverHandler, private AcceptHandler {
 public:
  DriverReplica(sim::SimWorld& sim, std::uint8_t n)
      : id(replica(n)),
        address{"10.0.0." + std::to_string(n), 9501},
        process(
            sim.add_process({.name = "r" + std::to_string(n), .host = address.host, .role = Role::kNode})),
        sim_(sim) {
    options.directory = "data/raft";
    options.address = address.text();
    options.identity = {id_of(0xC1), id_of(0x51), id, "shard-a", false};
  }

  // What became of it is in `started`.
  void start() {
    loop = &process.add_loop("main");
    started.reset();
    run([&] {
      machine = std::make_unique<TextMachine>(loop->world());
      driver = std::make_unique<Driver>(loop->world(), options, *machine, *this);
      driver->start(
          [this](const Result<void>& outcome) { started = outcome.ok() ? "" : outcome.error().message; });
      auto listening = loop->world().network.listen(address, {.connections_max = 100}, *this);
      REQUIRE(listening.ok());
      listener_ = std::move(*listening);
    });
  }
  void crash() {
    process.crash(sim::CrashMode::kReset, [&] {
      listener_.reset();
      driver.reset();
      machine.reset();
    });
  }
  // As an owner may do it: in the middle of anything.
  void destroy_driver() { driver.reset(); }

  void run(const std::function<void()>& code) { sim_.run_on(*loop, code); }
  const raft::Core* core() const { return driver == nullptr ? nullptr : driver->core(); }
  bool leads() const { return core() != nullptr && core()->is_leader(); }
  sim::SimFiles& files() const { return process.files(); }

  raft::ReplicaId id;
  Address address;
  DriverOptions options;
  sim::SimProcess& process;
  sim::SimLoop* loop = nullptr;
  std::unique_ptr<TextMachine> machine;
  std::unique_ptr<Driver> driver;
  std::optional<std::string> started;
  std::vector<std::string> faults;
  std::function<void()> on_faulty;

 private:
  void on_change() override {}
  void on_fault(const std::string& why) override {
    faults.push_back(why);
    if (on_faulty) on_faulty();
  }
  void on_accept(std::unique_ptr<Stream> stream) override {
    if (driver != nullptr) driver->accept(std::move(stream));
  }

  sim::SimWorld& sim_;
  std::unique_ptr<Listener> listener_;
};

// What became of a proposal.
struct Ended {
  int times = 0;
  ProposalEnd end = ProposalEnd::kUnknown;
};

struct DriverShard {
  using Tune = std::function<void(DriverOptions&)>;

  explicit DriverShard(std::uint8_t size, std::uint64_t seed = 1, const Tune& tune = nullptr) : sim(seed) {
    log::set_level(log::Level::kOff);
    std::vector<raft::Member> founders;
    for (std::uint8_t n = 1; n <= size; ++n) {
      replicas.push_back(std::make_unique<DriverReplica>(sim, n));
      founders.push_back({replica(n), replicas.back()->address.text(), raft::MemberRole::kVoter});
    }
    for (const auto& one : replicas) {
      one->options.founders = raft::Membership(founders);
      if (tune) tune(one->options);
    }
  }
  ~DriverShard() {
    for (const auto& one : replicas) {
      if (one->machine != nullptr) one->crash();
    }
    sim.run_for(milliseconds(100));
    CHECK(sim.violations().empty());
    for (const auto& one : replicas) {
      CHECK(one->process.live_streams() == 0);
      CHECK(one->process.live_timers() == 0);
      CHECK(one->files().open_files == 0);
    }
  }
  DriverShard(const DriverShard&) = delete;
  DriverShard& operator=(const DriverShard&) = delete;

  bool until(const std::function<bool()>& done, seconds bound = seconds(60)) {
    return sim.run_until(done, bound);
  }
  DriverReplica* leader() const {
    for (const auto& one : replicas) {
      if (one->leads() && one.get() != isolated) return one.get();
    }
    return nullptr;
  }
  // All are there, and one leads, and knows what is committed.
  DriverReplica& start() {
    for (const auto& one : replicas) one->start();
    for (const auto& one : replicas) {
      REQUIRE(until([&] { return one->started.has_value(); }));
      REQUIRE(*one->started == "");
    }
    return elect();
  }
  DriverReplica& elect() {
    REQUIRE(until([&] { return leader() != nullptr && leader()->core()->lease_holds(sim.now()); }));
    return *leader();
  }
  DriverReplica& other_than(const DriverReplica& one) const {
    return *replicas.at(replicas[0].get() == &one ? 1 : 0);
  }

  std::shared_ptr<Ended> propose(DriverReplica& to, const std::string& text) {
    auto ended = std::make_shared<Ended>();
    to.run([&] {
      to.driver->propose(text, [ended](ProposalEnd end, const std::string& /*why*/) {
        ++ended->times;
        ended->end = end;
      });
    });
    return ended;
  }
  bool all_have(const std::string& text) {
    return until([&] {
      for (const auto& one : replicas) {
        if (one->machine->text != text) return false;
      }
      return true;
    });
  }
  // Nothing that it says, or that is said to it, arrives before heal().
  void isolate(DriverReplica& one) {
    isolated = &one;
    for (const auto& other : replicas) {
      if (other.get() == &one) continue;
      sim.fabric().stall(one.process, other->process);
      sim.fabric().stall(other->process, one.process);
    }
  }
  void heal() {
    sim.fabric().unstall_all();
    isolated = nullptr;
  }

  sim::SimWorld sim;
  std::vector<std::unique_ptr<DriverReplica>> replicas;
  const DriverReplica* isolated = nullptr;
};

}  // namespace ringhold::raft_io

// Whatever a crash, a full disk or a failing one leaves: the log that is recovered is one that was asked for,
// and has in it all that was reported durable.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/raft_io/log_model.h"
#include "tests/unit/raft_io/store_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

// A replica that does at random what a core asks for.
class Script {
 public:
  explicit Script(std::uint64_t seed) : m(seed), rng_(seed, "script") {}

  // Opens; false: a crash came first. `events`: after so many, it comes.
  bool open(std::uint64_t& events) {
    m.start(model.newest());
    if (!run([&] { return m.opened(); }, events, microseconds(60000000))) return false;
    INFO("seed ", m.sim.seed());
    REQUIRE(m.error == "");
    check_recovered();
    return true;
  }

  // A number of steps; false: the crash came.
  bool act(int steps, std::uint64_t& events) {
    for (int i = 0; i < steps; ++i) {
      step();
      model.durable(m.persisted);
      const auto pause = microseconds(rng_.between(0, 4000));
      run([] { return false; }, events, pause);
      model.durable(m.persisted);
      if (events == 0) return false;
    }
    return true;
  }

  void crash() {
    model.durable(m.persisted);
    m.crash_now();
    states_.clear();
  }

  bool run(const std::function<bool()>& done, std::uint64_t& events, microseconds bound) {
    bool is_done = false;
    // It is asked after each event.
    m.sim.run_until(
        [&] {
          is_done = done();
          if (!is_done && events > 0) --events;
          return is_done || events == 0;
        },
        bound);
    return is_done;
  }

  Machine m;
  LogModel model;

 private:
  void check_recovered() {
    const raft::Recovered& recovered = *m.recovered;
    std::vector<std::string> on_disk;
    std::uint64_t next = recovered.log.first_index().value;
    while (next <= recovered.log.last_index().value) {
      const auto read = m.read(next, 20000);
      REQUIRE_FALSE(read.empty());
      on_disk.insert(on_disk.end(), read.begin(), read.end());
      next += read.size();
    }
    CHECK(m.damage_text == "");
    check_applied(on_disk);
    const std::string last = std::to_string(recovered.log.last_index().value);
    REQUIRE_MESSAGE(model.adopt(recovered, on_disk), "last entry recovered: ", last);
    states_ = {model.state()};
  }

  void check_applied(const std::vector<std::string>& on_disk) {
    const raft::Recovered& recovered = *m.recovered;
    CHECK(recovered.log.memory_first() <= recovered.applied.next());
    CHECK(recovered.applied >= model.newest().position.index);
    CHECK(recovered.applied.value <= std::max(model.commit(), model.newest().position.index.value));
    const auto first = recovered.log.first_index().value;
    const auto applied_first = model.newest().position.index.value + 1;
    REQUIRE(m.applied.size() == recovered.applied.value + 1 - applied_first);
    for (std::size_t i = 0; i < m.applied.size(); ++i)
      CHECK(m.applied[i] == on_disk.at(applied_first - first + i));
  }

  void step() {
    const auto what = rng_.below(100);
    if (what < 18) read();
    if (what < 3) {
      reset();
    } else if (what < 13) {
      compact();
    } else {
      persist();
    }
    states_.push_back(model.state());
  }

  void persist() {
    std::uint64_t index = model.state().last_index() + 1;
    if (rng_.one_in(8) && index > model.commit() + 1) {
      index -= rng_.below(index - model.commit());
      ++term_;
    }
    std::optional<raft::Vote> vote;
    if (term_ > model.vote().term.value || rng_.one_in(10)) {
      term_ = std::max(term_, model.vote().term.value) + rng_.below(2);
      vote = raft::Vote{{term_}, raft::ReplicaId{id_of(static_cast<std::uint8_t>(rng_.below(3)))}};
      if (vote->candidate->value.is_none()) vote->candidate.reset();
    }
    std::vector<raft::Entry> entries;
    for (auto count = rng_.below(5); count > 0; --count)
      entries.push_back(entry_of(index++, term_, payload()));
    const std::uint64_t last = entries.empty() ? model.state().last_index() : index - 1;
    const std::uint64_t from = std::min(model.commit(), last);
    const std::uint64_t commit = from + rng_.below(last - from + 1);
    model.persist(m.number + 1, entries, commit, vote);
    m.persist(std::move(entries), commit, vote);
  }

  std::string payload() {
    const std::size_t size = rng_.one_in(4) ? rng_.below(6000) : rng_.below(200);
    return std::string(size, static_cast<char>('a' + rng_.below(26)));
  }

  void compact() {
    const std::uint64_t low = model.newest().position.index.value;
    if (model.applied_max() <= low) return;
    const std::uint64_t index = low + 1 + rng_.below(model.applied_max() - low);
    raft::SnapshotMeta meta = snapshot_at(index, model.state().at(index).position.term.value);
    model.snapshot(meta);
    m.compact(meta, meta.position.index.value + 1 - rng_.below(3) % (index + 1));
  }

  void reset() {
    ++term_;
    const raft::SnapshotMeta meta = snapshot_at(model.state().last_index() + 1 + rng_.below(20), term_ - 1);
    const raft::Vote vote{{term_}, {}};
    model.persist(m.number + 1, {}, 0, vote);
    m.persist({}, 0, vote);
    model.reset(meta);
    m.sim.run_on(*m.loop, [&] { m.store->reset(meta, [] {}); });
  }

  // What it gives is a part of what the log was at some time: never a mixture.
  void read() {
    const auto from = 1 + rng_.below(model.state().last_index() + 1);
    m.sim.run_on(*m.loop, [&] {
      m.store->read({from}, 1 + rng_.below(100000), [this, from](const std::vector<raft::Entry>& entries) {
        CHECK(std::any_of(states_.begin(), states_.end(),
                          [&](const LogState& state) { return has(state, from, entries); }));
      });
    });
  }
  static bool has(const LogState& state, std::uint64_t from, const std::vector<raft::Entry>& entries) {
    for (const raft::Entry& entry : entries) {
      if (from <= state.base.index.value || from > state.last_index()) return false;
      if (text_of(state.at(from++)) != text_of(entry)) return false;
    }
    return true;
  }

  sim::SimRng rng_;
  std::uint64_t term_ = 1;
  std::vector<LogState> states_;  // in this life
};

constexpr std::uint64_t kNever = UINT64_MAX;

// Lives of one replica: each ends with a crash after a number of events, the last one is looked at.
void live(std::uint64_t seed, const std::vector<std::uint64_t>& crashes) {
  Script script(seed);
  for (std::uint64_t events : crashes) {
    if (script.open(events)) script.act(30, events);
    script.crash();
  }
  std::uint64_t never = kNever;
  REQUIRE(script.open(never));
}

}  // namespace

TEST_CASE("log store: a crash after each event of a run") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    for (std::uint64_t events = 1; events < 400; ++events) live(seed, {events});
  }
}

TEST_CASE("log store: crash after crash, also while it is being opened") {
  for (std::uint64_t seed = 100; seed < 1500; ++seed) {
    sim::SimRng rng(seed, "crashes");
    std::vector<std::uint64_t> crashes;
    for (int i = 0; i < 5; ++i) crashes.push_back(1 + rng.below(rng.one_in(3) ? 20 : 200));
    live(seed, crashes);
  }
}

TEST_CASE("log store: full and failing disks hold it up, and nothing is lost") {
  int stalls = 0;
  for (std::uint64_t seed = 1000; seed < 1600; ++seed) {
    Script script(seed);
    sim::SimRng rng(seed, "faults");
    std::uint64_t never = kNever;
    const bool crashes = rng.one_in(2);
    for (int life = 0; life < 3; ++life) {
      std::uint64_t events = crashes ? 1 + rng.below(300) : kNever;
      if (script.open(events)) {
        auto& faults = script.m.files().faults();
        faults.failing_appends_percent = rng.one_in(2) ? rng.below(60) : 0;
        faults.fail_syncs_percent = rng.one_in(2) ? rng.below(60) : 0;
        if (rng.one_in(2)) script.m.files().set_room(rng.below(60000));
        script.act(40, events);
        faults = {};
        script.m.files().set_room(std::nullopt);
      }
      stalls += script.m.stalls;
      if (events > 0) {
        INFO("seed ", seed);
        REQUIRE(script.m.wait_persisted(seconds(120)));
        CHECK_FALSE(script.m.stalled);
        script.m.settle();
      }
      script.crash();
      script.m.files().faults() = {};
      script.m.files().set_room(std::nullopt);
    }
    REQUIRE(script.open(never));
  }
  CHECK(stalls > 300);
}

// A backup under way, in the simulated world, while clients do their worst.
#include <doctest/doctest.h>

#include <fmt/core.h>

#include <memory>
#include <optional>
#include <string>

#include "common/base/log.h"
#include "dataserver/backup/backup_job.h"
#include "dataserver/backup/restore.h"
#include "dataserver/store/strings.h"
#include "tests/sim/world/sim_world.h"
#include "tests/unit/sim/world_fixture.h"

using namespace ringhold;
using namespace ringhold::sim;

namespace {

// One server's store, its backups, and what a client does every few milliseconds.
struct BackedUp {
  explicit BackedUp(std::uint64_t seed)
      : sim(seed),
        loop(sim.add_process({.name = "server", .host = "10.0.0.1", .role = Role::kNode}).add_loop("main")) {
    log::set_level(log::Level::kOff);
    sim.run_on(loop, [this] {
      BackupJob::Options options;
      options.path = "dump.rh";
      options.about = [] { return BackupHeader{}; };
      options.log_time = [this] { return loop.world().clock.wall_ms(); };
      job = std::make_unique<BackupJob>(loop.world(), store, std::move(options));
      fill();
    });
  }
  ~BackedUp() {
    sim.run_on(loop, [this] { job.reset(); });
  }
  BackedUp(const BackedUp&) = delete;
  BackedUp& operator=(const BackedUp&) = delete;

  // More than a backup walks through in one slice.
  void fill() {
    for (int i = 0; i < 20'000; ++i) {
      strings::set(store, fmt::format("key:{}", i), std::string(100, 'x'), {}, loop.world().clock.wall_ms());
    }
  }
  void flush_and_fill() {
    store.flush();
    while (store.free_slice(100'000)) {
    }
    fill();
  }
  // How the job ends, while `disturb` is called again and again; nothing if it does not.
  std::optional<Result<void>> outcome_while(BackupJob::Pace pace, const std::function<void()>& disturb) {
    std::optional<Result<void>> outcome;
    sim.run_on(loop, [&] { job->start(pace, [&](const Result<void>& ended) { outcome = ended; }); });
    for (int i = 0; i < 300 && !outcome; ++i) {
      sim.run_for(milliseconds(3));
      if (!outcome) sim.run_on(loop, disturb);
    }
    return outcome;
  }
  BackupSummary saved() {
    const auto summary = check_backup(loop.world().disk, "dump.rh", {});
    REQUIRE(summary.ok());
    return *summary;
  }

  SimWorld sim;
  SimLoop& loop;
  Store store{{}};
  std::unique_ptr<BackupJob> job;
};

}  // namespace

TEST_CASE("backup job: a client that flushes in a loop keeps no backup from its end") {
  for (const auto pace : {BackupJob::Pace::kGentle, BackupJob::Pace::kHurry}) {
    BackedUp b(1);
    std::uint64_t after_first = 0;
    const auto outcome = b.outcome_while(pace, [&] {
      b.store.flush();
      if (after_first == 0) after_first = b.store.changes();
      b.flush_and_fill();
    });
    REQUIRE(outcome.has_value());
    CHECK(outcome->ok());
    // It shows the moment of the first flush, and says so: what was done since is not covered.
    CHECK(b.saved().keys == 0);
    CHECK(b.job->covered_changes() == after_first);
    CHECK(b.job->figures().changes_since > 20'000);
    // The next one, left alone, shows it all.
    REQUIRE(b.outcome_while(BackupJob::Pace::kGentle, [] {}).has_value());
    CHECK(b.saved().keys == 20'000);
    CHECK(b.job->figures().changes_since == 0);
  }
}

TEST_CASE("backup job: one flush at any moment, and what is there afterwards") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    BackedUp b(seed);
    std::optional<Result<void>> outcome;
    b.sim.run_on(b.loop, [&] {
      b.job->start(BackupJob::Pace::kGentle, [&](const Result<void>& ended) { outcome = ended; });
    });
    b.sim.run_for(milliseconds(seed * 2));
    b.sim.run_on(b.loop, [&] {
      b.store.flush();
      strings::set(b.store, "later", "value", {}, 1);
    });
    REQUIRE(b.sim.run_until([&] { return outcome.has_value(); }, seconds(10)));
    CHECK(outcome->ok());
    // All that was there before the flush, or nothing.
    const std::uint64_t keys = b.saved().keys;
    CHECK_MESSAGE((keys == 0 || keys == 1 || keys == 20'000), keys, " keys");
    CHECK((b.job->figures().changes_since == 0) == (keys == 1));
  }
}

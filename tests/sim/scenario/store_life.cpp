#include "tests/sim/scenario/store_life.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "dataserver/backup/backup_job.h"
#include "dataserver/backup/restore.h"
#include "tests/sim/scenario/store_load.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr const char* kFile = "dump.rh";
constexpr const char* kPreviousFile = "dump.rh.previous";
constexpr int kLives = 4;
constexpr int kStepsPerLife = 400;
constexpr int kCommandsPerStep = 8;

class StoreLife {
 public:
  explicit StoreLife(std::uint64_t seed)
      : rng_(seed, "store-life"),
        load_(SimRng(seed, "store-load"), 40 + static_cast<std::uint32_t>(rng_.below(400))),
        world_(seed),
        process_(world_.add_process({.name = "server", .host = "10.0.0.1", .role = Role::kNode})) {}

  StoreLifeResult run() {
    for (int life = 0; life < kLives && going(); ++life) {
      begin_life();
      if (!going()) break;
      for (int step = 0; step < kStepsPerLife && going(); ++step) {
        act();
        world_.run_for(microseconds(rng_.below(4000)));
      }
      if (going()) end_life();
    }
    if (going()) check_damage();
    if (going()) check_eviction();
    // The store goes while its loop is still there.
    if (loop_ != nullptr) world_.run_on(*loop_, [this] { destroy(); });
    StoreLifeResult result{{}, world_.trace().hash(), world_.trace().events()};
    if (!going()) result.failure = world_.violations().front();
    return result;
  }

 private:
  bool going() const { return world_.violations().empty(); }
  void fail(std::string text) { world_.violation("store life: " + std::move(text)); }
  UnixMs now() { return loop_->world().clock.wall_ms(); }

  void begin_life() {
    loop_ = &process_.add_loop("main");
    world_.run_on(*loop_, [this] {
      store_ = std::make_unique<Store>(StoreOptions{.seed = rng_.next(), .encoding = random_encoding()});
      if (loop_->world().disk.file_exists(kFile)) restore();
      BackupJob::Options options;
      options.path = kFile;
      // Called at the very moment that the backup shows.
      options.about = [this] {
        point_ = contents_of(*store_, now());
        return BackupHeader{};
      };
      options.log_time = [this] { return now(); };
      job_ = std::make_unique<BackupJob>(loop_->world(), *store_, std::move(options));
    });
  }

  // Small limits, so that large forms are met often.
  EncodingLimits random_encoding() {
    EncodingLimits limits;
    if (rng_.percent(50)) return limits;
    limits.list_bytes = 60;
    limits.hash_entries = limits.set_entries = limits.set_integers = limits.zset_entries = 4;
    return limits;
  }

  void restore() {
    const auto summary = restore_backup(loop_->world().disk, kFile, *store_, now(), {});
    if (!summary)
      return fail("a backup that was in its place cannot be restored: " + summary.error().message);
    const StoreContents actual = without_dropped(contents_of(*store_, now()));
    std::string why = difference(without_dropped(still_alive(good_)), actual);
    if (!why.empty() && naming_) {
      const std::string other = difference(without_dropped(still_alive(*naming_)), actual);
      why = other.empty() ? "" : why + "; and not what the one under way has seen: " + other;
    }
    if (!why.empty()) fail("the backup is not what the store held: " + why);
    good_ = contents_of(*store_, now());
    naming_.reset();
    dropped_.clear();
    check_books();
  }

  // Keys whose time has run out since are not expected.
  StoreContents still_alive(const StoreContents& contents) {
    StoreContents alive;
    for (const auto& [key, text] : contents) {
      const auto at = text.find("deadline ") + 9;
      const auto deadline = std::stoll(text.substr(at));
      if (deadline == kNoDeadline || deadline > now()) alive.emplace(key, text);
    }
    return alive;
  }

  StoreContents without_dropped(StoreContents contents) {
    std::erase_if(contents,
                  [this](const auto& key) { return dropped_.contains(store_->hash(key.first).slot.value); });
    return contents;
  }

  void act() {
    const auto what = rng_.below(100);
    if (what < 4) return fault();
    world_.run_on(*loop_, [this, what] {
      if (what < 10) {
        back_up();
      } else if (what < 12) {
        store_->expire_slice(now(), 50);
        store_->free_slice(50);
      } else if (what < 13 && rng_.percent(20)) {
        store_->flush();
      } else if (what < 14 && rng_.percent(30)) {
        drop_a_slot();
      } else {
        for (int i = 0; i < kCommandsPerStep; ++i) load_.step(*store_, now());
      }
    });
  }

  // A slot moves away. A backup under way may hold a part of its keys.
  void drop_a_slot() {
    const std::string key = "large:" + std::to_string(rng_.below(3));
    const Slot slot = store_->hash(key).slot;
    dropped_.insert(slot.value);
    store_->drop_slot(slot);
  }

  void back_up() {
    if (job_->running()) return;
    naming_.reset();
    const auto pace = rng_.percent(50) ? BackupJob::Pace::kGentle : BackupJob::Pace::kHurry;
    job_->start(pace, [this](const Result<void>& outcome) {
      if (outcome.ok()) good_ = point_;
    });
  }

  void fault() {
    DiskFaults& faults = process_.files().faults();
    switch (rng_.below(5)) {
      case 0:
        faults.fail_next_sync = true;
        return;
      case 1:
        faults.failing_appends_percent = rng_.percent(50) ? 0 : 30;
        return;
      case 2:
        process_.files().set_room(rng_.percent(50) ? std::optional<std::uint64_t>() : rng_.below(5000));
        return;
      case 3:
        faults.slow = rng_.percent(50) ? microseconds(0) : microseconds(rng_.below(200000));
        return;
      default:
        return;
    }
  }

  void destroy() {
    job_.reset();
    store_.reset();
  }

  // A crash, or an orderly end with a last backup.
  void end_life() {
    if (rng_.percent(60)) {
      // If a backup was just taking its place, either one is right.
      if (job_->running()) naming_ = point_;
      process_.crash(CrashMode::kReset, [this] { destroy(); });
      loop_ = nullptr;
      return;
    }
    quiet_disk();
    bool done = false;
    world_.run_on(*loop_, [this, &done] {
      job_->start(BackupJob::Pace::kHurry, [this, &done](const Result<void>& outcome) {
        if (outcome.ok()) good_ = point_;
        done = true;
      });
    });
    if (!world_.run_until([&done] { return done; }, std::chrono::seconds(60)))
      fail("the last backup does not end");
    naming_.reset();
    process_.crash(CrashMode::kReset, [this] { destroy(); });
    loop_ = nullptr;
  }

  void quiet_disk() {
    process_.files().faults() = {};
    process_.files().set_room(std::nullopt);
  }

  // A bit that flips at rest is found, and the backup before it is still there.
  void check_damage() {
    if (!process_.files().exists(kFile)) return;
    quiet_disk();
    loop_ = &process_.add_loop("main");
    world_.run_on(*loop_, [this] {
      Store unharmed({});
      if (process_.files().exists(kPreviousFile)) {
        const auto previous = restore_backup(loop_->world().disk, kPreviousFile, unharmed, now(), {});
        if (!previous) fail("the previous backup cannot be restored: " + previous.error().message);
      }
      // `previous` may be another name of the same file only while a backup takes its place.
      process_.files().flip_bit(kFile);
      Store store({});
      if (restore_backup(loop_->world().disk, kFile, store, now(), {}).ok())
        fail("a flipped bit was not found");
    });
  }

  // Keys that are used again and again stay, while twice as many come as fit.
  void check_eviction() {
    if (loop_ == nullptr) loop_ = &process_.add_loop("main");
    world_.run_on(*loop_, [this] {
      destroy();
      Store store({.seed = rng_.next()});
      UnixMs time = now();
      const auto fill = [&](int from, int to, const std::string& name) {
        for (int i = from; i < to; ++i, ++time)
          load_.run(store, time, {"SET", name + std::to_string(i), "some value"});
      };
      fill(0, 50, "hot");
      fill(0, 950, "cold");
      const std::uint64_t bound = store.live_bytes();
      for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 50; ++i) load_.run(store, ++time, {"GET", "hot" + std::to_string(i)});
        fill(1000 + round * 100, 1100 + round * 100, "new");
        while (store.live_bytes() > bound && store.evict_slice(time, bound, 10) > 0) {
        }
        if (store.live_bytes() > bound) return fail("eviction does not make room");
      }
      for (int i = 0; i < 50; ++i) {
        const std::string key = "hot" + std::to_string(i);
        if (!store.find(store.hash(key), time, Use::kLook))
          return fail(key + " was evicted, though it was in use");
      }
    });
  }

  void check_books() {
    if (store_->used_bytes() != store_->recount_bytes())
      fail("the bytes that are counted are not those that are used");
  }

  SimRng rng_;
  StoreLoad load_;
  SimWorld world_;
  SimProcess& process_;
  SimLoop* loop_ = nullptr;
  std::unique_ptr<Store> store_;
  std::unique_ptr<BackupJob> job_;
  StoreContents point_;                  // what the store held when the present backup began
  StoreContents good_;                   // ... when the last good one began
  std::set<std::uint16_t> dropped_;      // slots, in this life
  std::optional<StoreContents> naming_;  // ... when the one began that the crash has cut off
};

}  // namespace

StoreLifeResult run_store_life(std::uint64_t seed) {
  return StoreLife(seed).run();
}

}  // namespace ringhold::sim

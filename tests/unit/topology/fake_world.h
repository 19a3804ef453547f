// A small world in memory: one virtual clock, timers, files that tell when they change, numbers from a
// counter.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/reactor/world.h"

namespace ringhold {

class FakeClock final : public Clock {
 public:
  MonoTime turn_time() const override { return now_; }
  MonoTime now() const override { return now_; }
  UnixMs wall_ms() const override { return 0; }
  void set(MonoTime now) { now_ = now; }

 private:
  MonoTime now_{};
};

class FakeRng final : public Rng {
 public:
  std::uint64_t next() override { return next_++; }

 private:
  std::uint64_t next_ = 0;
};

class FakeScheduler final : public Scheduler {
 public:
  explicit FakeScheduler(FakeClock& clock) : clock_(clock) {}

  std::unique_ptr<Timer> make_timer(std::function<void()> on_fire) override;
  void defer(std::function<void()> task) override { task(); }
  void post(std::function<void()> task) override { task(); }

  // Lets time pass; timers fire in order on the way.
  void advance(std::chrono::microseconds by) {
    const MonoTime until = clock_.now() + by;
    for (;;) {
      const auto due = std::min_element(timers_.begin(), timers_.end(),
                                        [](const auto& a, const auto& b) { return a->due < b->due; });
      if (due == timers_.end() || (*due)->due > until) break;
      clock_.set((*due)->due);
      (*due)->due = MonoTime::max();
      (*due)->on_fire();
    }
    clock_.set(until);
  }

 private:
  struct Entry {
    MonoTime due = MonoTime::max();
    std::function<void()> on_fire;
  };
  class FakeTimer;

  FakeClock& clock_;
  std::vector<std::unique_ptr<Entry>> timers_;
};

class FakeScheduler::FakeTimer final : public Timer {
 public:
  FakeTimer(FakeScheduler& scheduler, Entry& entry) : scheduler_(scheduler), entry_(entry) {}
  ~FakeTimer() override {
    std::erase_if(scheduler_.timers_, [this](const auto& entry) { return entry.get() == &entry_; });
  }
  FakeTimer(const FakeTimer&) = delete;
  FakeTimer& operator=(const FakeTimer&) = delete;

  void start(std::chrono::microseconds delay) override { entry_.due = scheduler_.clock_.now() + delay; }
  void stop() override { entry_.due = MonoTime::max(); }
  bool active() const override { return entry_.due != MonoTime::max(); }

 private:
  FakeScheduler& scheduler_;
  Entry& entry_;
};

inline std::unique_ptr<Timer> FakeScheduler::make_timer(std::function<void()> on_fire) {
  timers_.push_back(std::make_unique<Entry>(Entry{MonoTime::max(), std::move(on_fire)}));
  return std::make_unique<FakeTimer>(*this, *timers_.back());
}

// It is read and watched; what writes has tests with a simulated disk.
class FakeDisk final : public Disk {
 public:
  Result<LockAttempt> lock_file(const std::string& path) override {
    return Error{path + " cannot be locked here"};
  }
  void create_file(const std::string& path,
                   std::function<void(Result<std::unique_ptr<WritableFile>>)> done) override {
    done(Error{path + " cannot be created here"});
  }
  void open_for_update(const std::string& path,
                       std::function<void(Result<std::unique_ptr<WritableFile>>)> done) override {
    done(Error{path + " cannot be opened here"});
  }
  void read_range(const std::string& path, std::uint64_t /*offset*/, std::size_t /*bytes_max*/,
                  std::function<void(Result<std::string>)> done) override {
    done(Error{path + " cannot be read here"});
  }
  void sync_directory(const std::string& path, DiskDone done) override {
    done(Error{path + " cannot be synced here"});
  }
  Result<void> make_directory(const std::string& path) override {
    return Error{path + " cannot be made here"};
  }
  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    return Error{path + " cannot be listed here"};
  }
  void rename_file(const std::string& from, const std::string& /*to*/, DiskDone done) override {
    done(Error{from + " cannot be renamed here"});
  }
  void link_file(const std::string& from, const std::string& /*to*/, DiskDone done) override {
    done(Error{from + " cannot be linked here"});
  }
  void remove_file(const std::string& path, DiskDone done) override {
    done(Error{path + " cannot be removed here"});
  }
  Result<std::unique_ptr<ReadableFile>> open_file(const std::string& path) override {
    return Error{path + " cannot be opened here"};
  }
  bool file_exists(const std::string& path) override { return files_.count(path) == 1; }
  Result<std::string> read_file(const std::string& path, std::size_t bytes_max) override {
    ++reads;
    const auto file = files_.find(path);
    if (file == files_.end()) return Error{path + " does not exist"};
    if (file->second.size() > bytes_max) return Error{path + " is too large"};
    return file->second;
  }
  Result<std::unique_ptr<FileWatch>> watch_file(const std::string& path,
                                                std::function<void()> on_change) override {
    if (!watchable) return Error{path + " cannot be watched"};
    watches_[path] = std::move(on_change);
    return std::unique_ptr<FileWatch>(std::make_unique<Watch>(*this, path));
  }

  void write(const std::string& path, std::string content) {
    files_[path] = std::move(content);
    changed(path);
  }
  void remove(const std::string& path) {
    files_.erase(path);
    changed(path);
  }
  void changed(const std::string& path) {
    const auto watch = watches_.find(path);
    if (watch != watches_.end()) watch->second();
  }
  bool watched(const std::string& path) const { return watches_.count(path) == 1; }

  bool watchable = true;
  int reads = 0;

 private:
  struct Watch final : FileWatch {
    Watch(FakeDisk& of, std::string at) : disk(of), path(std::move(at)) {}
    ~Watch() override { disk.watches_.erase(path); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    FakeDisk& disk;
    std::string path;
  };

  std::map<std::string, std::string> files_;
  std::map<std::string, std::function<void()>> watches_;
};

class NoNetwork final : public Network {
 public:
  Result<std::unique_ptr<Listener>> listen(const Address& /*address*/, const ListenOptions& /*options*/,
                                           AcceptHandler& /*handler*/) override {
    return Error{"there is no network here"};
  }
  std::unique_ptr<Stream> connect(const Address& /*address*/, Protocol /*protocol*/,
                                  StreamHandler& /*handler*/) override {
    return nullptr;
  }
};

struct FakeWorld {
  FakeClock clock;
  FakeRng rng;
  FakeScheduler scheduler{clock};
  NoNetwork network;
  FakeDisk disk;
  World world() { return {clock, rng, scheduler, network, disk}; }
};

}  // namespace ringhold

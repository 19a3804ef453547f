// A replica's disk in a simulated world, its LogStore, and what a test wants to know of it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft_io/file_names.h"
#include "cluster/raft_io/log_store.h"
#include "common/base/log.h"
#include "tests/unit/sim/disk_fixture.h"

namespace ringhold::raft_io {

using sim::microseconds;
using sim::seconds;

inline Id128 id_of(std::uint8_t number) {
  Id128 id;
  id.bytes.fill(number);
  return id;
}

inline raft::Entry entry_of(std::uint64_t index, std::uint64_t term, std::string payload) {
  return {{{index}, {term}}, raft::EntryKind::kCommand, raft::make_payload(std::move(payload))};
}

inline std::string text_of(const raft::Entry& entry) {
  return std::to_string(entry.position.index.value) + ":" + std::to_string(entry.position.term.value) + ":" +
         (entry.payload ? *entry.payload : std::string());
}

inline raft::SnapshotMeta snapshot_at(std::uint64_t index, std::uint64_t term) {
  raft::SnapshotMeta meta;
  meta.id = id_of(9);
  meta.position = {{index}, {term}};
  meta.members = raft::Membership({{{id_of(3)}, "10.0.0.1:9501", raft::MemberRole::kVoter}});
  meta.bytes = 77;
  return meta;
}

// Survives crashes, as a machine does.
struct Machine : sim::Disked {
  static constexpr const char* kDirectory = "data/raft";

  explicit Machine(std::uint64_t seed) : Disked(seed) {
    log::set_level(log::Level::kOff);
    REQUIRE(disk().make_directory(kDirectory).ok());
    identity = {id_of(1), id_of(2), {id_of(3)}, "shard-a", false};
    save(identity);
  }
  ~Machine() { end(); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void save(const Identity& what) {
    IdentitySaver saver(disk(), kDirectory);
    REQUIRE(outcome([&](DiskDone done) { saver.save(what, std::move(done)); }) == "ok");
  }
  // Begins to open; opened() tells when it has ended.
  void start(const raft::SnapshotMeta& newest = {}) {
    const auto found = read_identity(disk(), kDirectory);
    REQUIRE_MESSAGE(found.ok(), found.error().message);
    REQUIRE(found->has_value());
    identity = **found;
    applied.clear();
    recovered.reset();
    error.clear();
    LogCallbacks callbacks;
    callbacks.on_persisted = [this](std::uint64_t up_to) {
      CHECK(up_to > persisted);
      persisted = up_to;
    };
    callbacks.on_stalled = [this](const std::string& why) {
      CHECK_FALSE(stalled);
      stalled = true;
      why_stalled = why;
      ++stalls;
    };
    callbacks.on_works = [this] {
      CHECK(stalled);
      stalled = false;
    };
    callbacks.on_damage = [this](const std::string& text) { damage_text = text; };
    stalled = false;
    sim.run_on(*loop, [&] {
      store = std::make_unique<LogStore>(loop->world(), kDirectory, identity, options, callbacks);
      store->open(
          newest, [this](const raft::Entry& entry) { applied.push_back(text_of(entry)); },
          [this](Result<raft::Recovered> outcome) {
            if (outcome.ok()) {
              recovered = std::move(*outcome);
            } else {
              error = outcome.error().message;
            }
          });
    });
  }
  bool opened() const { return recovered.has_value() || !error.empty(); }
  // The error, or "".
  std::string open(const raft::SnapshotMeta& newest = {}) {
    start(newest);
    REQUIRE(sim.run_until([&] { return opened(); }, seconds(60)));
    return error;
  }
  void end() {
    sim.start_or_end([&] { store.reset(); });
  }
  void crash_now() {
    crash([&] { store.reset(); });
    persisted = 0;
  }
  // In good order: all that is under way ends.
  void restart() {
    settle();
    crash_now();
  }
  void settle() {
    sim.run_until([&] { return files().operations() == 0; }, seconds(10));
  }

  std::uint64_t persist(std::vector<raft::Entry> entries, std::uint64_t commit = 0,
                        std::optional<raft::Vote> vote = std::nullopt) {
    raft::Persist request{++number, vote, std::move(entries), {commit}};
    sim.run_on(*loop, [&] { store->persist(std::move(request)); });
    return number;
  }
  bool wait_persisted(microseconds bound = seconds(30)) {
    return sim.run_until([&] { return persisted == number; }, bound);
  }
  bool reset_behind(const raft::SnapshotMeta& meta) {
    bool done = false;
    sim.run_on(*loop, [&] { store->reset(meta, [&] { done = true; }); });
    return sim.run_until([&] { return done; }, seconds(30));
  }
  void compact(const raft::SnapshotMeta& meta, std::uint64_t keep_from) {
    sim.run_on(*loop, [&] { store->compact(meta, {keep_from}); });
  }
  std::vector<std::string> read(std::uint64_t from, std::size_t bytes_max = 1U << 30U) {
    std::optional<std::vector<raft::Entry>> entries;
    sim.run_on(*loop, [&] {
      store->read({from}, bytes_max, [&](std::vector<raft::Entry> read) { entries = std::move(read); });
    });
    REQUIRE(sim.run_until([&] { return entries.has_value(); }, seconds(30)));
    std::vector<std::string> texts;
    for (const auto& entry : *entries) texts.push_back(text_of(entry));
    return texts;
  }
  std::vector<std::string> segments() {
    std::vector<std::string> found;
    const auto names = disk().list_directory(kDirectory);
    for (const auto& name : *names) {
      if (segment_number(name)) found.push_back(name);
    }
    return found;
  }
  std::string path(const std::string& name) const { return std::string(kDirectory) + "/" + name; }
  // As it is after an earlier start, on the disk for good.
  void write_file(const std::string& name, const std::string& bytes) { files().write(path(name), bytes); }

  LogOptions options{.segment_bytes = 16384, .write_bytes_max = 65536};
  Identity identity;
  std::unique_ptr<LogStore> store;
  std::optional<raft::Recovered> recovered;
  std::string error;
  std::vector<std::string> applied;
  std::uint64_t number = 0;  // of the last request, over all lives
  std::uint64_t persisted = 0;
  bool stalled = false;
  int stalls = 0;
  std::string why_stalled;
  std::string damage_text;
};

}  // namespace ringhold::raft_io

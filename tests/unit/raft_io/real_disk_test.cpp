// The same on a real disk.
#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cluster/raft_io/log_store.h"
#include "common/net/loop.h"
#include "common/net/system_rng.h"
#include "common/net/uv_disk.h"
#include "tests/unit/raft_io/store_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

class NoNetwork final : public Network {
 public:
  std::unique_ptr<Stream> connect(const Address& /*address*/, Protocol /*protocol*/,
                                  StreamHandler& /*handler*/) override {
    return nullptr;
  }
  Result<std::unique_ptr<Listener>> listen(const Address& /*address*/, const ListenOptions& /*options*/,
                                           AcceptHandler& /*handler*/) override {
    return Error{"no network here"};
  }
};

struct RealDirectory {
  RealDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ringhold-raft-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~RealDirectory() { std::filesystem::remove_all(path); }
  RealDirectory(const RealDirectory&) = delete;
  RealDirectory& operator=(const RealDirectory&) = delete;
  std::string path;
};

// One life of a replica.
struct Life {
  explicit Life(const std::string& directory) : path(directory) {}
  ~Life() {
    store.reset();
    disk.forget_waiters();
    loop.drop_tasks();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  void open() {
    const auto identity = read_identity(disk, path);
    REQUIRE(identity.ok());
    LogCallbacks callbacks;
    callbacks.on_persisted = [this](std::uint64_t number) { persisted = number; };
    callbacks.on_stalled = [](const std::string& why) { FAIL(why); };
    callbacks.on_works = [] {};
    callbacks.on_damage = [](const std::string& text) { FAIL(text); };
    store = std::make_unique<LogStore>(World{loop, rng, loop, network, disk}, path, **identity,
                                       LogOptions{.segment_bytes = 65536}, callbacks);
    store->open(
        {}, [this](const raft::Entry&) { ++applied; },
        [this](Result<raft::Recovered> outcome) {
          REQUIRE_MESSAGE(outcome.ok(), outcome.error().message);
          recovered = std::move(*outcome);
        });
    wait([&] { return recovered.has_value(); });
  }
  void wait(const std::function<bool()>& done) {
    for (int i = 0; i < 100000 && !done(); ++i) loop.run_once();
    REQUIRE(done());
  }

  std::string path;
  Loop loop;
  SystemRng rng;
  NoNetwork network;
  UvDisk disk{loop};
  std::unique_ptr<LogStore> store;
  std::optional<raft::Recovered> recovered;
  std::uint64_t persisted = 0;
  std::uint64_t applied = 0;
};

}  // namespace

TEST_CASE("real disk: two lives of a log of several segments") {
  const RealDirectory directory;
  const std::string path = directory.path + "/data/raft";
  {
    Life life(path);
    REQUIRE(life.disk.make_directory(path).ok());
    bool saved = false;
    const Identity identity{id_of(1), id_of(2), {id_of(3)}, "shard-a", false};
    IdentitySaver saver(life.disk, path);
    saver.save(identity, [&](const Result<void>& outcome) { saved = outcome.ok(); });
    life.wait([&] { return saved; });
    life.open();
    for (std::uint64_t i = 1; i <= 300; ++i) {
      life.store->persist(
          {i, raft::Vote{{i / 100 + 1}, {}}, {entry_of(i, 1, std::string(1000, 'x'))}, {i - 1}});
      if (i % 10 == 0) life.wait([&] { return life.persisted == i; });
    }
    CHECK(life.store->figures().segments > 3);
  }
  Life life(path);
  life.open();
  CHECK(life.recovered->vote.term.value == 4);
  CHECK(life.recovered->log.last_index().value == 300);
  CHECK(life.applied == life.recovered->applied.value);
  CHECK(life.applied >= 290);
  std::optional<std::vector<raft::Entry>> read;
  life.store->read({150}, 50000, [&](std::vector<raft::Entry> entries) { read = std::move(entries); });
  life.wait([&] { return read.has_value(); });
  CHECK(read->size() > 40);
  CHECK(read->front().position.index.value == 150);
}

#include "cluster/topology/servers_watch.h"

#include <doctest/doctest.h>

#include "common/base/limits.h"
#include "tests/unit/topology/fake_world.h"

namespace ringhold {
namespace {

using std::chrono::milliseconds;

const std::string kPath = "cluster/servers.json";
const std::string kOne = R"([{"addr": "127.0.0.1:9501"}])";
const std::string kTwo = R"([{"addr": "127.0.0.1:9501"}, {"addr": "127.0.0.1:9502"}])";
const std::string kBad = "[\n{]";
const std::string kBadReport = "cluster/servers.json: line 2: this is not JSON";
const std::string kStays = "; the running topology stays";

// Collects reports as "2 shards" or the error.
struct Fixture {
  FakeWorld fake;
  std::vector<std::string> reports;
  std::string last_text;
  ServersWatch watch{fake.world(), kPath, [this](const Result<ServersFile>& file, const std::string& text) {
                       last_text = text;
                       reports.push_back(file ? std::to_string(file->servers.size()) : file.error().message);
                     }};

  Fixture() { fake.disk.write(kPath, kOne); }
  void quiet() { fake.scheduler.advance(limits::kFileDebounce); }
  std::vector<std::string> take() { return std::exchange(reports, {}); }
};

using Reports = std::vector<std::string>;

TEST_CASE_FIXTURE(Fixture, "servers watch: start reads the file and does not report it") {
  CHECK(watch.start().value().servers.size() == 1);
  fake.scheduler.advance(std::chrono::hours(1));
  CHECK(take().empty());
  CHECK(fake.disk.reads == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "servers watch: a file that is bad, missing or cannot be watched fails the start") {
  SUBCASE("bad") {
    fake.disk.write(kPath, kBad);
    CHECK(watch.start().error().message.starts_with(kBadReport));
  }
  SUBCASE("missing") {
    fake.disk.remove(kPath);
    CHECK(watch.start().error().message == "cluster/servers.json does not exist");
  }
  SUBCASE("unwatchable") {
    fake.disk.watchable = false;
    CHECK(watch.start().error().message == "cluster/servers.json cannot be watched");
  }
}

TEST_CASE_FIXTURE(Fixture, "servers watch: a change is reported once the file has been quiet") {
  REQUIRE(watch.start().ok());
  fake.disk.write(kPath, kTwo);
  fake.scheduler.advance(limits::kFileDebounce - milliseconds(1));
  CHECK(take().empty());
  fake.scheduler.advance(milliseconds(1));
  CHECK(take() == Reports{"2"});
  CHECK(last_text == kTwo);
}

TEST_CASE_FIXTURE(Fixture, "servers watch: an editor's steps are one change") {
  REQUIRE(watch.start().ok());
  fake.disk.write(kPath, "");
  fake.scheduler.advance(milliseconds(30));
  fake.disk.remove(kPath);
  fake.scheduler.advance(milliseconds(30));
  fake.disk.write(kPath, kTwo);
  quiet();
  CHECK(take() == Reports{"2"});
}

TEST_CASE_FIXTURE(Fixture, "servers watch: somebody who writes all the time cannot postpone it for ever") {
  REQUIRE(watch.start().ok());
  const std::chrono::microseconds step = limits::kFileDebounce / 2;
  for (std::chrono::microseconds passed{0}; passed <= limits::kFileDebounceMax * 3; passed += step) {
    fake.disk.write(kPath, kTwo);
    fake.scheduler.advance(step);
  }
  CHECK(take() == Reports{"2"});
  CHECK(fake.disk.reads >= 4);  // start, and one for each kFileDebounceMax
  CHECK(fake.disk.reads <= 6);
}

TEST_CASE_FIXTURE(Fixture, "servers watch: from good to bad to missing and back, each is reported once") {
  REQUIRE(watch.start().ok());
  const auto reports_after = [this](auto&& change) {
    change();
    quiet();
    fake.disk.changed(kPath);  // a sign without a change
    quiet();
    return take();
  };
  const Reports bad = reports_after([this] { fake.disk.write(kPath, kBad); });
  REQUIRE(bad.size() == 1);
  CHECK(bad[0].starts_with(kBadReport));
  CHECK(bad[0].ends_with(kStays));
  CHECK(last_text == kBad);
  CHECK(reports_after([this] { fake.disk.remove(kPath); }) ==
        Reports{"cluster/servers.json does not exist" + kStays});
  CHECK(last_text.empty());
  CHECK(reports_after([this] { fake.disk.write(kPath, kOne); }) == Reports{"1"});
  CHECK(reports_after([this] { fake.disk.write(kPath, kOne); }).empty());
  // Another bad file is news too.
  CHECK(reports_after([this] { fake.disk.write(kPath, "[]"); }).size() == 1);
  CHECK(reports_after([this] { fake.disk.write(kPath, "{}"); }).size() == 1);
  // The same shards in another order: the text is new. What it means for the topology, edit_topology knows.
  CHECK(reports_after([this] { fake.disk.write(kPath, kOne + "\n"); }) == Reports{"1"});
  const std::string huge(limits::kServersFileBytesMax + 1, ' ');
  CHECK(reports_after([&] { fake.disk.write(kPath, huge); }) ==
        Reports{"cluster/servers.json is too large" + kStays});
}

TEST_CASE("servers watch: nothing is called after its end") {
  FakeWorld fake;
  fake.disk.write(kPath, kOne);
  int calls = 0;
  {
    ServersWatch watch(fake.world(), kPath, [&](const auto&, const auto&) { ++calls; });
    REQUIRE(watch.start().ok());
    fake.disk.write(kPath, kTwo);
  }
  CHECK_FALSE(fake.disk.watched(kPath));
  fake.disk.write(kPath, kBad);
  fake.scheduler.advance(std::chrono::seconds(10));
  CHECK(calls == 0);
}

}  // namespace
}  // namespace ringhold

#include "common/session/slowlog.h"

#include "tests/unit/session_admin/process_fixture.h"

namespace ringhold {
namespace {

using Words = std::vector<std::string_view>;

void record(Slowlog& slowlog, const Words& words, std::int64_t usec = 20000, UnixMs now = 5000) {
  const CommandLookup found = find_command(words);
  REQUIRE(found.row != nullptr);
  ClientState client;
  client.address = {"10.0.0.1", 555};
  client.name = "worker";
  slowlog.record(*found.row, words, usec, now, client);
}

TEST_CASE("slowlog: the threshold") {
  Slowlog slowlog;
  CHECK(slowlog.threshold_us() == 10000);
  CHECK(slowlog.is_slow(10000));
  CHECK_FALSE(slowlog.is_slow(9999));
  slowlog.set_threshold_us(0);
  CHECK(slowlog.is_slow(0));
  slowlog.set_threshold_us(-1);
  CHECK_FALSE(slowlog.is_slow(1000000000));
}

TEST_CASE("slowlog: newest first, bounded, ids go on") {
  Slowlog slowlog;
  slowlog.set_length_max(3);
  for (const std::string_view key : {"a", "b", "c", "d"}) record(slowlog, {"get", key});
  REQUIRE(slowlog.entries().size() == 3);
  CHECK(slowlog.entries()[0].args == std::vector<std::string>{"get", "d"});
  CHECK(slowlog.entries()[0].id == 3);
  CHECK(slowlog.entries()[2].id == 1);
  slowlog.set_length_max(1);
  CHECK(slowlog.entries().size() == 1);
  slowlog.reset();
  CHECK(slowlog.entries().empty());
  record(slowlog, {"get", "e"});
  CHECK(slowlog.entries()[0].id == 4);
  slowlog.set_length_max(0);
  record(slowlog, {"get", "f"});
  CHECK(slowlog.entries().empty());
  slowlog.set_length_max(1000000);
  CHECK(slowlog.length_max() == limits::kSlowlogEntriesMax);
}

TEST_CASE("slowlog: long commands are trimmed as Redis trims them") {
  Slowlog slowlog;
  const std::string exact(128, 'x');
  const std::string longer(130, 'y');
  record(slowlog, {"mset", "k", exact, "l", longer});
  CHECK(slowlog.entries()[0].args[2] == exact);
  CHECK(slowlog.entries()[0].args[4] == std::string(128, 'y') + "... (2 more bytes)");

  Words words{"del"};
  words.resize(32, "k");
  record(slowlog, words);
  CHECK(slowlog.entries()[0].args.size() == 32);
  CHECK(slowlog.entries()[0].args[31] == "k");
  words.resize(40, "k");
  record(slowlog, words);
  CHECK(slowlog.entries()[0].args.size() == 32);
  CHECK(slowlog.entries()[0].args[30] == "k");
  CHECK(slowlog.entries()[0].args[31] == "... (9 more arguments)");
}

TEST_CASE("slowlog: passwords are not kept") {
  Slowlog slowlog;
  record(slowlog, {"auth", "alice", "secret"});
  record(slowlog, {"hello", "3", "auth", "alice", "secret", "setname", "me"});
  for (const SlowlogEntry& entry : slowlog.entries()) {
    for (const std::string& argument : entry.args) CHECK(argument != "secret");
  }
  REQUIRE_FALSE(slowlog.entries().empty());
  CHECK(slowlog.entries()[0].args ==
        std::vector<std::string>{"hello", "3", "auth", "(redacted)", "(redacted)", "setname", "me"});
}

TEST_CASE("slowlog: workers' logs merge by time, with ids of their own") {
  Slowlog first(0, 2);
  Slowlog second(1, 2);
  record(first, {"get", "a"}, 20000, 1000);
  record(second, {"get", "b"}, 20000, 2000);
  record(first, {"get", "c"}, 20000, 3000);
  record(second, {"get", "d"}, 20000, 3000);
  WorkerSnapshot merged;
  merged.add(take_snapshot({.slowlog = true}, ServerStats{}, first));
  merged.add(take_snapshot({.slowlog = true}, ServerStats{}, second));
  std::vector<std::uint64_t> ids;
  for (const SlowlogEntry& entry : merged.slowlog) ids.push_back(entry.id);
  CHECK(ids == std::vector<std::uint64_t>{3, 2, 1, 0});

  second.set_length_max(2);
  first.set_length_max(2);
  merged = WorkerSnapshot{};
  merged.add(take_snapshot({.slowlog = true}, ServerStats{}, first));
  merged.add(take_snapshot({.slowlog = true}, ServerStats{}, second));
  CHECK(merged.slowlog.size() == 2);
}

struct SlowlogFixture : ProcessFixture {
  SlowlogFixture() {
    for (int i = 0; i < 12; ++i) record(slowlog, {"get", "k"}, 20000 + i, 5999);
    workers = take_snapshot({.slowlog = true}, ServerStats{}, slowlog);
  }
};

TEST_CASE_FIXTURE(SlowlogFixture, "SLOWLOG GET, LEN, RESET") {
  CHECK(run({"slowlog", "len"}) == ":12\r\n");
  CHECK(reply({"slowlog", "get"}).elements.size() == 10);
  CHECK(reply({"slowlog", "get", "-1"}).elements.size() == 12);
  CHECK(reply({"slowlog", "get", "100"}).elements.size() == 12);
  CHECK(run({"slowlog", "get", "0"}) == "*0\r\n");
  const std::string entry =
      "*1\r\n*6\r\n:11\r\n:5\r\n:20011\r\n*2\r\n$3\r\nget\r\n$1\r\nk\r\n$12\r\n10.0.0.1:555\r\n$"
      "6\r\nworker\r\n";
  CHECK(run({"slowlog", "get", "1"}) == entry);
  CHECK(run({"slowlog", "get", "1"}, RespVersion::k3) == entry);
  for (const std::string_view bad : {"-2", "x", "9223372036854775808"}) {
    CHECK(run({"slowlog", "get", bad}) == "-ERR count should be greater than or equal to -1\r\n");
  }
  CHECK(run({"slowlog", "Get", "1", "2"}) ==
        "-ERR unknown subcommand or wrong number of arguments for 'Get'. Try SLOWLOG HELP.\r\n");
  CHECK_FALSE(effects.reset_slowlog);
  CHECK(run({"slowlog", "reset"}) == "+OK\r\n");
  CHECK(effects.reset_slowlog);
}

}  // namespace
}  // namespace ringhold

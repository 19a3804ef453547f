#include "common/session/config_table.h"

#include "tests/unit/session_admin/process_fixture.h"

namespace ringhold {
namespace {

struct ConfigFixture : ProcessFixture {
  ConfigFixture() {
    config.add(config_memory(
        "maxmemory", [this] { return max_memory; }, [this](std::uint64_t value) { max_memory = value; },
        {.max = limits::kGiB}));
    config.add(config_choice(
        "maxmemory-policy", {"noeviction", "allkeys-lru"}, [this] { return policy; },
        [this](std::string_view value) { policy = value; }));
    config.add(config_bool(
        "appendonly", [this] { return flag; }, [this](bool value) { flag = value; }));
    config.add(config_integer(
        "maxclients", {.min = 1, .max = 1000}, [this] { return clients; },
        [this](std::int64_t value) { clients = value; }));
  }
  std::uint64_t max_memory = 0;
  std::string policy = "noeviction";
  bool flag = false;
  std::int64_t clients = 10;
};

TEST_CASE_FIXTURE(ConfigFixture, "CONFIG GET: names and globs, any case, each parameter once") {
  CHECK(run({"config", "get", "save"}) == "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
  CHECK(run({"config", "get", "save"}, RespVersion::k3) == "%1\r\n$4\r\nsave\r\n$0\r\n\r\n");
  CHECK(run({"CONFIG", "GET", "AppendOnly"}) == "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n");
  CHECK(run({"config", "get", "maxmemory*", "MAXMEMORY", "maxc*"}) ==
        "*6\r\n$10\r\nmaxclients\r\n$2\r\n10\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n$16\r\nmaxmemory-policy\r\n"
        "$10\r\nnoeviction\r\n");
  CHECK(run({"config", "get", "nothing"}) == "*0\r\n");
  CHECK(run({"config", "get", "nothing"}, RespVersion::k3) == "%0\r\n");
  CHECK(reply({"config", "get", "*"}).elements.size() >= 20);
}

TEST_CASE_FIXTURE(ConfigFixture, "CONFIG SET: several at once, handed on to the other workers") {
  CHECK(run({"config", "set", "MaxMemory", "100mb", "appendonly", "YES", "maxmemory-policy",
             "ALLKEYS-LRU"}) == "+OK\r\n");
  CHECK(max_memory == 100 * limits::kMiB);
  CHECK(flag);
  CHECK(policy == "allkeys-lru");
  REQUIRE(effects.config_changes.size() == 3);
  CHECK(effects.config_changes[0] == ConfigPair{"MaxMemory", "100mb"});

  ConfigFixture other;
  CHECK(other.config.set(effects.config_changes).ok());
  CHECK(other.max_memory == max_memory);
  CHECK(other.flag);
}

TEST_CASE_FIXTURE(ConfigFixture, "CONFIG SET: all or nothing") {
  max_memory = 5;
  CHECK(run({"config", "set", "maxmemory", "7", "maxclients", "20", "appendonly", "maybe"}) ==
        "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - argument must be 'yes' or "
        "'no'\r\n");
  CHECK(max_memory == 5);
  CHECK(clients == 10);
  CHECK(effects.config_changes.empty());
  CHECK(run({"config", "set", "maxmemory", "7", "bogus-Name", "1"}) ==
        "-ERR Unknown option or number of arguments for CONFIG SET - 'bogus-Name'\r\n");
  CHECK(max_memory == 5);
}

TEST_CASE_FIXTURE(ConfigFixture, "CONFIG SET: every refusal in Redis's words") {
  const auto reason = [this](std::string_view name, std::string_view value) {
    const std::string text = reply({"config", "set", name, value}).text;
    return text.substr(text.find(" - ") + 3);
  };
  CHECK(reason("maxclients", "many") == "argument couldn't be parsed into an integer");
  CHECK(reason("maxclients", "0") == "argument must be between 1 and 1000 inclusive");
  CHECK(reason("maxclients", "1001") == "argument must be between 1 and 1000 inclusive");
  CHECK(reason("maxmemory", "lots") == "argument must be a memory value");
  CHECK(reason("maxmemory", "-1") == "argument must be a memory value");
  CHECK(reason("maxmemory", "2gb") == "argument must be between 0 and 1073741824 inclusive");
  CHECK(reason("maxmemory-policy", "x") ==
        "argument(s) must be one of the following: noeviction, allkeys-lru");
  CHECK(reason("databases", "16") == "can't set immutable config");
  CHECK(run({"config", "set", "maxclients", "5", "MAXCLIENTS", "6"}) ==
        "-ERR CONFIG SET failed (possibly related to argument 'maxclients') - duplicate parameter\r\n");
  CHECK(run({"config", "set", "maxclients", "5", "maxmemory"}) == "-ERR syntax error\r\n");
}

TEST_CASE_FIXTURE(ConfigFixture, "CONFIG SET: what a getter shows, its setter takes") {
  for (const std::string_view name : {"maxmemory", "maxmemory-policy", "appendonly", "maxclients",
                                      "slowlog-log-slower-than", "slowlog-max-len"}) {
    const ReplyValue shown = reply({"config", "get", name});
    REQUIRE(shown.elements.size() == 2);
    CHECK_MESSAGE(run({"config", "set", name, shown.elements[1].text}) == "+OK\r\n", name);
  }
}

TEST_CASE_FIXTURE(ConfigFixture, "CONFIG SET reaches the slow log") {
  CHECK(run({"config", "set", "slowlog-log-slower-than", "-1", "slowlog-max-len", "7"}) == "+OK\r\n");
  CHECK(slowlog.threshold_us() == -1);
  CHECK(slowlog.length_max() == 7);
}

TEST_CASE_FIXTURE(ConfigFixture, "CONFIG RESETSTAT") {
  CHECK(run({"config", "resetstat"}) == "+OK\r\n");
  CHECK(effects.reset_stats);
}

}  // namespace
}  // namespace ringhold

#include <array>

#include "common/session/info_writer.h"
#include "common/session/protocol_examples.h"
#include "tests/unit/session_admin/process_fixture.h"

namespace ringhold {
namespace {

TEST_CASE("human_bytes: as Redis writes sizes") {
  CHECK(human_bytes(0) == "0B");
  CHECK(human_bytes(1023) == "1023B");
  CHECK(human_bytes(1536) == "1.50K");
  CHECK(human_bytes(5 * limits::kMiB) == "5.00M");
  CHECK(human_bytes(2 * limits::kGiB) == "2.00G");
}

std::vector<std::string> titles(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) found.push_back(line.substr(2, line.size() - 3));
  }
  return found;
}

using Titles = std::vector<std::string>;

TEST_CASE_FIXTURE(ProcessFixture, "INFO: sections by name, in Redis's order") {
  const Titles by_default{"Server", "Clients", "Memory",     "Persistence", "Stats",    "Replication",
                          "CPU",    "Modules", "Errorstats", "Cluster",     "Keyspace", "Ringhold"};
  CHECK(titles(reply({"info"}).text) == by_default);
  CHECK(titles(reply({"info", "DEFAULT"}).text) == by_default);
  CHECK(titles(reply({"info", "all"}).text).size() == by_default.size() + 2);
  CHECK(titles(reply({"info", "everything"}).text) == titles(reply({"info", "all"}).text));
  CHECK(titles(reply({"info", "keyspace", "Server", "nothing", "server"}).text) ==
        Titles{"Server", "Keyspace"});
  CHECK(titles(reply({"info", "commandstats", "default"}).text).size() == by_default.size() + 1);
  CHECK(run({"info", "nothing"}) == "$0\r\n\r\n");
}

TEST_CASE_FIXTURE(ProcessFixture, "INFO: a bulk string in RESP2, verbatim text in RESP3") {
  CHECK(reply({"info"}).kind == ReplyValue::Kind::kBulk);
  const ReplyValue three = reply({"info"}, RespVersion::k3);
  CHECK(three.kind == ReplyValue::Kind::kVerbatim);
  CHECK(three.format == "txt");
  CHECK(three.text.starts_with("# Server\r\nredis_version:"));
}

TEST_CASE_FIXTURE(ProcessFixture, "INFO: what clients and exporters read is there") {
  store = {.keys = 5,
           .expires = 2,
           .avg_ttl_ms = 300,
           .used_bytes = 2048,
           .overhead_bytes = 48,
           .max_memory = limits::kMiB,
           .eviction = "allkeys-lru",
           .hits = 11,
           .misses = 12,
           .expired = 13,
           .evicted = 14};
  workers.clients[1].output_bytes = 100;
  workers.stats.record_call(CommandId::kGet, 4, "-ERR x\r\n");
  workers.stats.record_connection();
  const auto fields = info({"all"});
  const std::map<std::string, std::string> expected{
      {"redis_version", "7.0.15"},
      {"redis_mode", "standalone"},
      {"arch_bits", "64"},
      {"run_id", std::string(40, 'a')},
      {"tcp_port", "9501"},
      {"uptime_in_seconds", "1000"},
      {"process_id", "1"},
      {"connected_clients", "2"},
      {"maxclients", "20000"},
      {"blocked_clients", "0"},
      {"used_memory", "2048"},
      {"used_memory_human", "2.00K"},
      {"used_memory_peak", "2048"},
      {"used_memory_dataset", "2000"},
      {"used_memory_overhead", "148"},
      {"mem_clients_normal", "100"},
      {"maxmemory", "1048576"},
      {"maxmemory_human", "1.00M"},
      {"maxmemory_policy", "allkeys-lru"},
      {"loading", "0"},
      {"rdb_bgsave_in_progress", "0"},
      {"rdb_last_save_time", "1699999000"},
      {"aof_enabled", "0"},
      {"total_connections_received", "1"},
      {"total_commands_processed", "1"},
      {"instantaneous_ops_per_sec", "0"},
      {"instantaneous_input_kbps", "0.00"},
      {"rejected_connections", "0"},
      {"expired_keys", "13"},
      {"evicted_keys", "14"},
      {"keyspace_hits", "11"},
      {"keyspace_misses", "12"},
      {"total_error_replies", "1"},
      {"role", "master"},
      {"connected_slaves", "0"},
      {"used_cpu_sys", "0.000000"},
      {"cluster_enabled", "0"},
      {"db0", "keys=5,expires=2,avg_ttl=300"},
      {"errorstat_ERR", "count=1"},
      {"cmdstat_get", "calls=1,usec=4,usec_per_call=4.00,rejected_calls=0,failed_calls=1"},
      {"latency_percentiles_usec_get", "p50=4.000,p99=4.000,p99.9=4.000"},
      {"ringhold_version", "0.1.0"},
      {"ringhold_kind", "dataserver"},
      {"ringhold_shard", "a"},
  };
  for (const auto& field : expected) {
    CAPTURE(field.first);
    const auto found = fields.find(field.first);
    REQUIRE(found != fields.end());
    CHECK(found->second == field.second);
  }
}

TEST_CASE_FIXTURE(ProcessFixture, "INFO: an empty keyspace has no db0") {
  CHECK_FALSE(info().contains("db0"));
}

TEST_CASE_FIXTURE(ProcessFixture, "INFO: a command and its short form are one line of commandstats") {
  workers.stats.record_call(CommandId::kTtl, 1, ":1\r\n");
  workers.stats.record_call(CommandId::kTtlSet, 2, ":1\r\n");
  workers.stats.record_rejected(&command_row(CommandId::kConfigSet), "NOPERM no");
  const auto fields = info({"commandstats"});
  CHECK(fields.at("cmdstat_ttl").starts_with("calls=2,usec=3,"));
  CHECK(fields.at("cmdstat_config|set") ==
        "calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0");
  CHECK(fields.size() == 2);
}

TEST_CASE_FIXTURE(ProcessFixture, "INFO: a process of a cluster") {
  cluster = {.enabled = true,
             .cluster_id = std::string(32, 'c'),
             .generation = 1,
             .epoch = 7,
             .shards = 3,
             .slots_owned = 5461};
  extra = {{"ringhold_forwarded", "12"}};
  const auto fields = info();
  CHECK(fields.at("redis_mode") == "cluster");
  CHECK(fields.at("cluster_enabled") == "1");
  CHECK(fields.at("ringhold_epoch") == "7");
  CHECK(fields.at("ringhold_slots") == "5461");
  CHECK(fields.at("ringhold_forwarded") == "12");
}

TEST_CASE_FIXTURE(ProcessFixture, "MEMORY STATS: a map of numbers") {
  CHECK(reply({"memory", "stats"}).elements.size() == 38);
  CHECK(reply({"memory", "stats"}, RespVersion::k3).elements.size() == 38);
  store = {.keys = 4, .used_bytes = 1000, .overhead_bytes = 100};
  const ReplyValue stats = reply({"memory", "stats"}, RespVersion::k3);
  CHECK(stats.kind == ReplyValue::Kind::kMap);
  std::map<std::string, ReplyValue> fields;
  for (std::size_t i = 0; i + 1 < stats.elements.size(); i += 2) {
    fields[stats.elements[i].text] = stats.elements[i + 1];
  }
  CHECK(fields.size() == 20);
  CHECK(fields["total.allocated"].integer == 1000);
  CHECK(fields["dataset.bytes"].integer == 900);
  CHECK(fields["dataset.percentage"].number == 90);
  CHECK(fields["keys.count"].integer == 4);
  CHECK(fields["keys.bytes-per-key"].integer == 250);
  CHECK(fields["db.0"].elements.size() == 2);
}

TEST_CASE_FIXTURE(ProcessFixture, "MEMORY DOCTOR: says what is unusual") {
  CHECK(reply({"memory", "doctor"}).text.find("too little to judge") != std::string::npos);
  store.used_bytes = 10 * limits::kMiB;
  CHECK(reply({"memory", "doctor"}, RespVersion::k3).text.find("Nothing is unusual") != std::string::npos);
  workers.stats.sample(now, 20 * limits::kMiB);
  workers.clients[0].output_bytes = limits::kMiB;
  const std::string text = reply({"memory", "doctor"}).text;
  CHECK(text.find(" * Peak: it has used 20.00M") != std::string::npos);
  CHECK(text.find(" * Clients: 2 connections hold 1.00M") != std::string::npos);
}

TEST_CASE_FIXTURE(ProcessFixture, "TIME: seconds and microseconds as strings") {
  CHECK(run({"time"}) == "*2\r\n$10\r\n1700000000\r\n$6\r\n123000\r\n");
}

TEST_CASE_FIXTURE(ProcessFixture, "DEBUG ERROR: the client's own words, on one line") {
  CHECK(run({"debug", "error", "MYERR no\r\nluck"}) == "-MYERR no  luck\r\n");
}

TEST_CASE_FIXTURE(ProcessFixture, "DEBUG PROTOCOL: an example of each type") {
  const std::vector<std::array<std::string_view, 3>> examples = {
      {"string", "$11\r\nHello World\r\n", "$11\r\nHello World\r\n"},
      {"INTEGER", ":12345\r\n", ":12345\r\n"},
      {"double", "$5\r\n3.141\r\n", ",3.141\r\n"},
      {"null", "$-1\r\n", "_\r\n"},
      {"array", "*3\r\n:0\r\n:1\r\n:2\r\n", "*3\r\n:0\r\n:1\r\n:2\r\n"},
      {"set", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n"},
      {"map", "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n", "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"},
      {"true", ":1\r\n", "#t\r\n"},
      {"false", ":0\r\n", "#f\r\n"},
      {"verbatim", "$25\r\nThis is a verbatim\nstring\r\n", "=29\r\ntxt:This is a verbatim\nstring\r\n"},
      {"bignum", "$37\r\n1234567999999999999999999999999999999\r\n",
       "(1234567999999999999999999999999999999\r\n"},
  };
  for (const auto& example : examples) {
    const std::string_view type = example[0];
    CAPTURE(type);
    CHECK(run({"debug", "protocol", type}) == example[1]);
    CHECK(run({"debug", "protocol", type}, RespVersion::k3) == example[2]);
  }
  CHECK(run({"debug", "protocol", "attrib"}) == "$39\r\nSome real reply following the attribute\r\n");
  CHECK(run({"debug", "protocol", "push"}) == "-ERR RESP2 is not supported by this command\r\n");
  CHECK(run({"debug", "protocol", "x"}).starts_with("-ERR Wrong protocol type name."));
}

// With a push or an attribute before it, a reply is no longer exactly one, which run() insists on.
TEST_CASE("DEBUG PROTOCOL: what goes before a reply in RESP3") {
  ByteBuffer out;
  ReplyWriter reply(out, RespVersion::k3);
  CHECK(write_protocol_example(reply, "attrib"));
  CHECK(out.view() ==
        "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
        "$39\r\nSome real reply following the attribute\r\n");
  out.clear();
  CHECK(write_protocol_example(reply, "push"));
  CHECK(out.view() ==
        ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push reply\r\n");
}

TEST_CASE_FIXTURE(ProcessFixture, "a command that is not about the process is refused, not dropped") {
  CHECK(run({"shutdown"}) == "-ERR 'shutdown' is not answered here\r\n");
}

TEST_CASE("the needs of a command name what it reads") {
  CHECK(server_command_needs(command_row(CommandId::kInfo)).stats);
  CHECK(server_command_needs(command_row(CommandId::kClientKill)).clients);
  CHECK(server_command_needs(command_row(CommandId::kSlowlogGet)).slowlog);
  CHECK_FALSE(server_command_needs(command_row(CommandId::kTime)).stats);
}

TEST_CASE("system probe: this process has memory and a name") {
  const auto probe = make_system_process_probe();
  CHECK(probe->usage().resident_bytes > limits::kMiB);
  CHECK(probe->usage().system_memory_bytes > probe->usage().resident_bytes);
  CHECK(probe->names().process_id > 1);
  CHECK(probe->names().executable.ends_with("unit-session_admin"));
  CHECK(probe->names().os.starts_with("Linux "));
  CHECK_FALSE(probe->names().allocator.empty());
}

}  // namespace
}  // namespace ringhold

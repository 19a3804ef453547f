// A small process for the tests of the commands about it: two clients, some figures, a config table.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "common/command/command_table.h"
#include "common/resp/reply_parser.h"
#include "common/session/server_commands.h"

namespace ringhold {

struct ProcessFixture {
  ProcessFixture() {
    facts.version = "0.1.0";
    facts.run_id = std::string(40, 'a');
    facts.addr = {"127.0.0.1", 9501};
    facts.advertise = {"127.0.0.1", 9501};
    facts.clients_max = 20000;
    facts.shard = "a";
    add_client(7, "127.0.0.1:40007", std::chrono::seconds(10));
    add_client(3, "127.0.0.1:40003", std::chrono::seconds(100));
    me = workers.clients[0];
    add_common_parameters(config, slowlog);
  }

  void add_client(std::uint64_t id, std::string_view address, std::chrono::seconds age) {
    ClientState client;
    client.id = id;
    client.address = parse_address(address).value();
    client.local_address = facts.addr;
    client.role = Role::kClient;
    client.connected_at = client.last_active_at = now - age;
    workers.clients.push_back(client);
  }

  // The raw reply to `words`; what it asks for is in `effects`.
  std::string run(std::vector<std::string_view> words, RespVersion version = RespVersion::k2) {
    const CommandLookup found = find_command(words);
    REQUIRE_MESSAGE(found.row != nullptr, found.error);
    ByteBuffer out;
    ReplyWriter reply(out, version);
    const ProcessSnapshot process{.facts = facts,
                                  .workers = workers,
                                  .store = store,
                                  .cluster = cluster,
                                  .probe = probe,
                                  .wall_ms = wall_ms,
                                  .now = now,
                                  .extra = extra};
    ServerCommandContext context{.row = *found.row,
                                 .args = words,
                                 .reply = reply,
                                 .client = me,
                                 .process = process,
                                 .config = config,
                                 .authenticator = authenticator};
    execute_server_command(context);
    effects = context.effects;
    std::string bytes(out.view());
    ReplyParser parser;  // whatever it is, it is exactly one reply
    REQUIRE(parser.next(bytes) == ReplyParser::Status::kReply);
    REQUIRE(parser.consumed() == bytes.size());
    return bytes;
  }

  ReplyValue reply(std::vector<std::string_view> words, RespVersion version = RespVersion::k2) {
    return decode_reply(run(std::move(words), version)).value();
  }

  // INFO as redis-py reads it: "name:value" lines, nothing else but titles and empty lines.
  std::map<std::string, std::string> info(std::vector<std::string_view> sections = {}) {
    std::vector<std::string_view> words{"INFO"};
    words.insert(words.end(), sections.begin(), sections.end());
    std::istringstream lines(reply(words).text);
    std::map<std::string, std::string> fields;
    for (std::string line; std::getline(lines, line);) {
      REQUIRE(line.ends_with('\r'));
      line.pop_back();
      if (line.empty() || line.front() == '#') continue;
      const std::size_t colon = line.find(':');
      REQUIRE(colon != std::string::npos);
      CHECK_MESSAGE(fields.emplace(line.substr(0, colon), line.substr(colon + 1)).second, line);
    }
    return fields;
  }

  MonoTime now{std::chrono::seconds(1000)};
  UnixMs wall_ms = 1700000000123;
  ProcessFacts facts;
  WorkerSnapshot workers;
  StoreFigures store;
  ClusterFigures cluster;
  FixedProcessProbe probe;
  std::vector<std::pair<std::string, std::string>> extra;
  Slowlog slowlog;
  ConfigTable config;
  Authenticator authenticator = Authenticator::parse("alice:client:secret").value();
  ClientState me;
  ServerEffects effects;
};

}  // namespace ringhold

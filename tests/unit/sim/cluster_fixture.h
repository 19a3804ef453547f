// A whole cluster in the simulated world, proxies before it, and clients that speak RESP, for directed
// scenarios.
#pragma once

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/log.h"
#include "common/resp/reply_parser.h"
#include "tests/sim/scenario/cluster.h"
#include "tests/sim/scenario/ownership_log.h"
#include "tests/sim/scenario/plan.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One connection; keeps each reply as it came.
class RespClient final : public StreamHandler {
 public:
  void on_input() override {
    while (parser_.next(stream->input().view()) == ReplyParser::Status::kReply) {
      replies.emplace_back(stream->input().view().substr(0, parser_.consumed()));
      stream->input().consume(parser_.consumed());
    }
  }
  void on_closed(const Error& why) override { closed = why.message; }

  void send(const std::vector<std::string>& args) {
    std::string request = fmt::format("*{}\r\n", args.size());
    for (const std::string& arg : args) request += fmt::format("${}\r\n{}\r\n", arg.size(), arg);
    stream->output().append(request);
    stream->flush();
  }

  std::unique_ptr<Stream> stream;
  std::vector<std::string> replies;
  std::string closed;  // why; empty while it is open

 private:
  ReplyParser parser_;
};

// Servers d0, d1, … (shards of the same names; d0 decides) and proxies p0, …, in fair weather.
struct ClusterWorld {
  explicit ClusterWorld(std::uint32_t servers = 3, std::uint32_t proxies = 1, bool backups = false)
      : plan{.seed = 1, .servers = servers, .spares = 0, .proxies = proxies, .backups = backups},
        sim(plan.seed),
        ownership(sim, {}),
        cluster(sim, plan, ownership) {
    log::set_level(log::Level::kOff);
    for (const SimServer& server : cluster.servers()) listed.push_back({server.shard, 1, {server.address}});
    for (std::size_t i = 0; i < proxies; ++i) save(i);
    for (SimServer& server : cluster.servers()) cluster.start(server);
    sim.run_for(milliseconds(5));
    for (SimProxy& proxy : cluster.proxies()) REQUIRE(cluster.start(proxy));
    REQUIRE(agrees_within(seconds(2)));
  }

  SimServer& server(std::size_t i) { return cluster.servers().at(i); }
  SimProcess& proxy(std::size_t i = 0) { return *cluster.proxies().at(i).process; }
  // That proxy's file says what `listed` says.
  void save(std::size_t i = 0) {
    proxy(i).files().write(kServersFile, format_servers_file({.servers = listed}));
  }
  void unlist(std::size_t i) {
    std::erase_if(listed, [&](const ShardSpec& spec) { return spec.name == server(i).shard; });
  }
  // Whether all that run come to go by what is listed.
  bool agrees_within(std::chrono::microseconds bound) {
    return sim.run_until([&] { return cluster.disagreement(listed).empty(); }, bound);
  }
  // What the first proxy goes by.
  TopologyPtr topology() const { return cluster.proxies().front().program->topologies().front(); }

  RespClient& connect(Role role = Role::kClient) {
    const std::size_t number = clients.size() + 1;
    SimProcess& process = sim.add_process(
        {.name = fmt::format("c{}", number), .host = fmt::format("10.0.3.{}", number), .role = role});
    SimLoop& loop = process.add_loop("main");
    loops.push_back(&loop);
    clients.push_back(std::make_unique<RespClient>());
    RespClient& client = *clients.back();
    sim.run_on(loop, [&] {
      client.stream =
          loop.world().network.connect(cluster.proxies().front().address, Protocol::kRedis, client);
    });
    return client;
  }
  // The reply; "" if none comes.
  std::string ask(RespClient& client, const std::vector<std::string>& args) {
    const std::size_t before = client.replies.size();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (clients[i].get() == &client) sim.run_on(*loops[i], [&] { client.send(args); });
    }
    const bool replied = sim.run_until([&] { return client.replies.size() > before; }, seconds(5));
    return replied ? client.replies.back() : "";
  }

  // In this order: what stands later goes first.
  Plan plan;
  SimWorld sim;
  OwnershipLog ownership;
  SimCluster cluster;
  std::vector<ShardSpec> listed;
  std::vector<SimLoop*> loops;  // by client
  std::vector<std::unique_ptr<RespClient>> clients;
};

}  // namespace ringhold::sim

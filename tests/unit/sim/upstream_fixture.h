// A router in the simulated world, and one shard that answers what a test says, when it says so.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/peer/messages.h"
#include "cluster/peer/topology_holder.h"
#include "cluster/upstream/router.h"
#include "common/command/command_table.h"
#include "common/wire/frame.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One connection to the scripted shard: says Welcome, answers pings, and keeps the commands.
class ScriptedPeer final : public StreamHandler {
 public:
  struct Command {
    std::uint64_t request = 0;
    Role role = Role::kNone;
    std::int64_t time_left_ms = 0;  // to its deadline, when it came
  };

  ScriptedPeer(SimLoop& loop, std::unique_ptr<Stream> accepted, const Topology& topology)
      : stream(std::move(accepted)), loop_(loop), topology_(topology) {
    stream->set_handler(this);
  }

  void on_input() override {
    while (parser_.next(stream->input().view()) == FrameParser::Status::kFrame) {
      handle(parser_.frame());
      stream->input().consume(parser_.consumed());
    }
    stream->flush();
  }
  void on_closed(const Error& /*why*/) override { closed = true; }

  void answer(std::uint64_t request, std::string_view reply, ReplyStatus status = ReplyStatus::kDone) {
    write_message(stream->output(), ReplyMessage{request, status, reply});
    stream->flush();
  }

  std::unique_ptr<Stream> stream;
  std::vector<Command> commands;
  bool answers_pings = true;  // false while a test writes a frame in pieces
  bool closed = false;

 private:
  void handle(const Frame& frame) {
    const auto type = static_cast<PeerMessage>(frame.type);
    if (type == PeerMessage::kHello) {
      write_message(stream->output(),
                    WelcomeMessage{"a", topology_.cluster, topology_.version, loop_.wall_ms()});
    } else if (type == PeerMessage::kPing && answers_pings) {
      write_message(stream->output(), PongMessage{topology_.version, loop_.wall_ms(), 0, 0, 0});
    } else if (type == PeerMessage::kCommand) {
      CommandMessage message;
      REQUIRE(read_message(frame.body, message));
      commands.push_back({message.request, message.role, message.deadline - loop_.wall_ms()});
    }
  }

  SimLoop& loop_;
  const Topology& topology_;
  FrameParser parser_;
};

// What became of a client's commands, by tag.
class Replies final : public ReplySink {
 public:
  explicit Replies(const SimWorld& world) : world_(world) {}
  void on_reply(std::uint64_t tag, std::string_view reply, std::string_view /*arguments*/) override {
    CHECK_MESSAGE(!text.contains(tag), "a second reply to one command");
    text[tag] = reply;
    at[tag] = world_.now();
  }

  std::map<std::uint64_t, std::string> text;
  std::map<std::uint64_t, MonoTime> at;

 private:
  const SimWorld& world_;
};

// The router's process, the shard's, and the network between them. All slots are the shard's.
struct RouterWorld : AcceptHandler {
  explicit RouterWorld(milliseconds deadline = milliseconds(200), bool shard_is_up = true)
      : sim(1),
        shard_process(sim.add_process({.name = "a", .host = "10.0.1.1", .role = Role::kNode})),
        proxy_process(sim.add_process({.name = "p", .host = "10.0.2.1", .role = Role::kNode})),
        shard_loop(shard_process.add_loop("main")),
        proxy_loop(proxy_process.add_loop("main")) {
    auto value = std::make_shared<Topology>();
    value->cluster.bytes[0] = 1;
    value->version = {1, Epoch{1}};
    value->shards = {{std::string("a"), {}, 1, {address}}};
    value->authority = std::string("a");
    topology.offer(TopologyPtr(value));
    if (shard_is_up) start_shard();
    on_router([&] {
      router = std::make_unique<Router>(
          proxy_loop.world(), RouterOptions{.conns = 1, .deadline = deadline, .caller = "test"}, topology);
    });
    if (shard_is_up) pass(milliseconds(10));
  }

  void start_shard() {
    sim.run_on(shard_loop, [&] {
      auto listening = shard_loop.world().network.listen(address, {}, *this);
      REQUIRE(listening.ok());
      listener = std::move(*listening);
    });
  }
  void on_accept(std::unique_ptr<Stream> stream) override {
    peers.push_back(std::make_unique<ScriptedPeer>(shard_loop, std::move(stream), *topology.current()));
  }

  void on_router(const std::function<void()>& code) { sim.run_on(proxy_loop, code); }
  void on_shard(const std::function<void(ScriptedPeer&)>& code) {
    sim.run_on(shard_loop, [&] { code(shard()); });
  }
  ScriptedPeer& shard() { return *peers.back(); }
  void pass(std::chrono::microseconds time) { sim.run_for(time); }

  std::unique_ptr<ClientChannel> new_client() {
    std::unique_ptr<ClientChannel> channel;
    on_router([&] { channel = std::make_unique<ClientChannel>(*router, ++clients); });
    return channel;
  }
  void submit(ClientChannel& channel, const std::vector<std::string_view>& args, std::uint64_t tag,
              Role role = Role::kClient) {
    const CommandLookup found = find_command(args);
    REQUIRE(found.row != nullptr);
    on_router([&] { channel.submit({*found.row, args, RespVersion::k2, role}, replies, tag); });
  }

  // In this order: what stands later goes first.
  SimWorld sim;
  SimProcess& shard_process;
  SimProcess& proxy_process;
  SimLoop& shard_loop;
  SimLoop& proxy_loop;
  Address address{"10.0.1.1", 9501};
  TopologyHolder topology;
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<ScriptedPeer>> peers;  // connections to the shard, the newest last
  Replies replies{sim};
  std::uint64_t clients = 0;
  std::unique_ptr<Router> router;
};

}  // namespace ringhold::sim

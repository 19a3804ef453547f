// Who may connect to a replica, and what becomes of those who say nonsense.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/peer/messages.h"
#include "cluster/raft_io/peer_acceptor.h"
#include "common/wire/codec.h"
#include "tests/unit/raft_io/transport_fixture.h"

namespace ringhold::raft_io {
namespace {

// A connection whose bytes a test writes by hand.
class RawPeer final : public StreamHandler {
 public:
  RawPeer(TestReplica& from, const Address& to, Protocol protocol = Protocol::kPeer) : from_(from) {
    from_.run([&] { stream_ = from_.loop->world().network.connect(to, protocol, *this); });
  }
  ~RawPeer() override {
    from_.run([&] { stream_.reset(); });
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  template <typename Text>
  void say(const Text& message) {
    from_.run([&] {
      if constexpr (std::is_convertible_v<Text, std::string_view>) {
        stream_->output().append(message);
      } else {
        write_message(stream_->output(), message);
      }
      stream_->flush();
    });
  }

  void on_connected() override { connected = true; }
  void on_input() override {
    FrameParser parser;
    while (parser.next(stream_->input().view()) == FrameParser::Status::kFrame) {
      const auto type = static_cast<PeerMessage>(parser.frame().type);
      RefusalMessage refusal;
      welcomed = welcomed || type == PeerMessage::kRaftWelcome;
      if (type == PeerMessage::kRefusal && ringhold::read_message(parser.frame().body, refusal))
        refused = refusal.reason;
      stream_->input().consume(parser.consumed());
    }
  }
  void on_closed(const Error& /*why*/) override { closed = true; }

  bool connected = false;
  bool welcomed = false;
  bool closed = false;
  std::string refused;

 private:
  TestReplica& from_;
  std::unique_ptr<Stream> stream_;
};

// Replica b, and c, of which only the process is there: its connections are RawPeers.
struct Door : Shard {
  Door() {
    b.start();
    c.loop = &c.process.add_loop("main");
  }
  RaftHello hello(Channel channel = Channel::kSmall) {
    return {kRaftProtocolVersion, b.identity.cluster, b.identity.shard, c.id, b.id, channel, true,
            "10.0.0.3:9501"};
  }
  // Until it has been welcomed.
  std::unique_ptr<RawPeer> knock(Channel channel = Channel::kSmall) {
    auto peer = std::make_unique<RawPeer>(c, b.address());
    REQUIRE(until([&] { return peer->connected; }));
    peer->say(hello(channel));
    REQUIRE(until([&] { return peer->welcomed; }));
    return peer;
  }
  void check_refused(RawPeer& peer, const std::string& why) {
    REQUIRE(until([&] { return peer.closed; }));
    CHECK(peer.refused.find(why) != std::string::npos);
    REQUIRE(until([&] { return b.transport->incoming() == 0; }));
    CHECK(b.heard.empty());
    // Nothing is left of it.
    REQUIRE(until([&] { return b.transport->peers().empty(); }));
  }
};

TEST_CASE("transport door: each id in a hello is compared, and a refusal names both") {
  Door door;
  RawPeer peer(door.c, door.b.address());
  REQUIRE(door.until([&] { return peer.connected; }));
  RaftHello hello = door.hello();
  std::string ours;
  std::string theirs;
  SUBCASE("cluster") {
    hello.cluster = id_of(0xC2);
    ours = door.b.identity.cluster.hex();
    theirs = hello.cluster.hex();
  }
  SUBCASE("shard") {
    hello.shard = id_of(0x52);
    ours = door.b.identity.shard.hex();
    theirs = hello.shard.hex();
  }
  SUBCASE("the replica that is looked for") {
    hello.to = door.a.id;
    ours = door.b.id.value.hex();
    theirs = door.a.id.value.hex();
  }
  SUBCASE("the caller") {
    hello.from = door.b.id;
    ours = door.b.id.value.hex();
  }
  SUBCASE("version") {
    hello.version = 9;
    ours = "version 1";
    theirs = "speaks 9";
  }
  peer.say(hello);
  door.check_refused(peer, ours);
  CHECK(peer.refused.find(theirs) != std::string::npos);
  CHECK_FALSE(peer.welcomed);
}

TEST_CASE("transport door: a link that does not begin with a hello is refused") {
  Door door;
  RawPeer peer(door.c, door.b.address());
  REQUIRE(door.until([&] { return peer.connected; }));
  std::string why = "begins with a hello";
  SUBCASE("a proxy's") {
    peer.say(HelloMessage{1, 1, "proxy", {}, {}});
  }
  SUBCASE("a heartbeat") {
    peer.say(raft::Message{door.c.id, door.b.id, {1}, raft::Heartbeat{1, {0}}});
  }
  SUBCASE("a hello that is cut off") {
    peer.say(std::string_view("\x03\0\0\0\x01\x0D\x01", 7));
  }
  SUBCASE("no frame at all") {
    peer.say("GET / HTTP/1.1\r\n\r\n");
    why = "version";
  }
  SUBCASE("a frame that would be large: its bytes are not waited for") {
    ByteBuffer out;
    WireWriter writer(out);
    writer.u32(limits::kRaftSmallFrameBytesMax + 1);
    writer.u8(kFrameVersion);
    writer.u8(static_cast<std::uint8_t>(PeerMessage::kRaftHello));
    peer.say(out.view());
    why = "bytes long";
  }
  door.check_refused(peer, why);
}

TEST_CASE("transport door: who says nothing is shown out after a while") {
  Door door;
  RawPeer peer(door.c, door.b.address());
  SUBCASE("before its hello") {
    REQUIRE(door.until([&] { return door.b.transport->incoming() == 1; }));
  }
  SUBCASE("after it") {
    REQUIRE(door.until([&] { return peer.connected; }));
    peer.say(door.hello());
    REQUIRE(door.until([&] { return peer.welcomed; }));
  }
  REQUIRE(door.until([&] { return door.b.transport->incoming() == 0; }));
  REQUIRE(door.until([&] { return peer.closed; }));
}

TEST_CASE("transport door: after the hello, nonsense closes the link, and says why") {
  Door door;
  const auto peer = door.knock(Channel::kSmall);
  std::string why;
  SUBCASE("a message of somebody else") {
    peer->say(raft::Message{door.a.id, door.b.id, {1}, raft::Heartbeat{1, {0}}});
    why = door.a.id.value.hex();
  }
  SUBCASE("a message for somebody else") {
    peer->say(raft::Message{door.c.id, door.a.id, {1}, raft::Heartbeat{1, {0}}});
    why = door.a.id.value.hex();
  }
  SUBCASE("entries on the wrong channel") {
    peer->say(raft::Message{door.c.id, door.b.id, {1}, append_of(1, 10)});
    why = "on a link for small messages";
  }
  SUBCASE("a second hello") {
    peer->say(door.hello());
    why = "makes no sense";
  }
  SUBCASE("a message that cannot be read") {
    ByteBuffer out;
    { const FrameWriter frame(out, static_cast<std::uint8_t>(PeerMessage::kHeartbeat)); }
    peer->say(out.view());
    why = "cut off";
  }
  SUBCASE("a ping that is none") {
    ByteBuffer out;
    { const FrameWriter frame(out, static_cast<std::uint8_t>(PeerMessage::kRaftPing)); }
    peer->say(out.view());
    why = "bad ping";
  }
  SUBCASE("a frame beyond what this channel may carry") {
    peer->say(std::string_view("\x01\x04\0\0\x01\x15", 6));
    why = "bytes long";
  }
  door.check_refused(*peer, why);
}

TEST_CASE("transport door: what came before the nonsense counts, what comes after it does not") {
  Door door;
  const auto peer = door.knock(Channel::kBulk);
  ByteBuffer out;
  write_message(out, raft::Message{door.c.id, door.b.id, {1}, append_of(1, 10)});
  write_message(out, raft::Message{door.a.id, door.b.id, {1}, append_of(2, 10)});
  write_message(out, raft::Message{door.c.id, door.b.id, {1}, append_of(3, 10)});
  peer->say(out.view());
  REQUIRE(door.until([&] { return peer->closed; }));
  CHECK(door.b.heard.size() == 1);
}

TEST_CASE("transport door: a newer link of the same replica and channel takes the place of the older") {
  Door door;
  const auto first = door.knock(Channel::kSmall);
  const auto other = door.knock(Channel::kBulk);
  const auto second = door.knock(Channel::kSmall);
  REQUIRE(door.sim.run_until([&] { return first->closed; }, milliseconds(10)));
  CHECK_FALSE(other->closed);
  CHECK_FALSE(second->closed);
  CHECK(door.b.transport->incoming() == 2);
}

TEST_CASE("transport door: connections beyond the limit are dropped, and the others live") {
  Door door;
  const auto peer = door.knock();
  std::vector<std::unique_ptr<RawPeer>> crowd;
  for (std::size_t i = 0; i < limits::kRaftIncomingMax + 10; ++i)
    crowd.push_back(std::make_unique<RawPeer>(door.c, door.b.address()));
  door.pass(milliseconds(100));
  CHECK(door.b.transport->incoming() == limits::kRaftIncomingMax);
  peer->say(raft::Message{door.c.id, door.b.id, {1}, raft::Heartbeat{1, {0}}});
  REQUIRE(door.until([&] { return door.b.heard.size() == 1; }));
}

TEST_CASE("transport door: strangers beyond the limit are refused; a member is let in") {
  Door door;
  std::vector<std::unique_ptr<RawPeer>> strangers;
  RaftHello hello = door.hello();
  const auto come = [&](std::uint8_t n) -> RawPeer& {
    hello.from = replica(n);
    strangers.push_back(std::make_unique<RawPeer>(door.c, door.b.address()));
    RawPeer& peer = *strangers.back();
    REQUIRE(door.until([&] { return peer.connected; }));
    peer.say(hello);
    REQUIRE(door.until([&] { return peer.welcomed || !peer.refused.empty(); }));
    return peer;
  };
  for (std::uint8_t n = 100; n < 100 + limits::kRaftStrangersMax; ++n) CHECK(come(n).welcomed);
  CHECK(come(200).refused.find("no member") != std::string::npos);
  door.b.know({{replica(201), "10.0.0.9:9501"}});
  CHECK(come(201).welcomed);
}

TEST_CASE("transport door: without a node's certificate nobody gets in") {
  sim::SimWorld sim(3);
  TestReplica node(sim, 1);
  TestReplica client(sim, 2, Role::kClient);
  node.start();
  client.start();
  client.know({node.as_peer()});
  {
    // The network refuses it by the peer protocol; by another one it could come in where all may.
    RawPeer peer(client, node.address(), Protocol::kRedis);
    REQUIRE(sim.run_until([&] { return peer.connected; }, seconds(1)));
    peer.say(RaftHello{kRaftProtocolVersion, node.identity.cluster, node.identity.shard, client.id, node.id,
                       Channel::kSmall, true, client.address().text()});
    REQUIRE(sim.run_until([&] { return peer.closed; }, seconds(5)));
    CHECK(peer.refused.find("not a node's") != std::string::npos);
    CHECK_FALSE(peer.welcomed);
  }
  CHECK_FALSE(client.up(node.id));
  CHECK(client.state_of(node.id).reason.find("not a node certificate") != std::string::npos);
  CHECK(node.transport->peers().empty());
  node.end();
  client.end();
}

TEST_CASE("transport door: who is refused asks again, slowly, and is let in when that is put right") {
  Shard shard;
  shard.a.start();
  shard.b.identity.shard = id_of(0x52);
  shard.b.start();
  std::size_t most = 0;
  int attempts = 0;
  shard.b.process.after_turn = [&] {
    if (shard.b.transport == nullptr) return;
    const std::size_t now = shard.b.transport->incoming();
    if (now > std::exchange(most, now)) ++attempts;
  };
  shard.a.know({shard.b.as_peer()});
  shard.pass(seconds(10));
  CHECK(attempts <= 8);  // two links, every three seconds
  const std::string reason = shard.a.state_of(shard.b.id).reason;
  CHECK(reason.find(shard.a.identity.shard.hex()) != std::string::npos);
  CHECK(reason.find(shard.b.identity.shard.hex()) != std::string::npos);
  shard.b.process.after_turn = nullptr;
  shard.b.end();
  shard.b.identity.shard = shard.a.identity.shard;
  shard.b.start();
  CHECK(shard.sim.run_until([&] { return shard.a.up(shard.b.id); }, limits::kRaftRefusedDelay + seconds(1)));
}

TEST_CASE("transport door: a replica that meets another at the address of the one it looks for says so") {
  Shard shard;
  shard.a.start();
  shard.b.start();
  shard.a.know({{shard.c.id, shard.b.address().text()}});
  shard.pass(seconds(1));
  const std::string reason = shard.a.state_of(shard.c.id).reason;
  CHECK(reason.find(shard.b.id.value.hex()) != std::string::npos);
  CHECK(reason.find(shard.c.id.value.hex()) != std::string::npos);
}

// At the address where replica b should be: answers each hello with what a test says.
class Impostor final : public AcceptHandler, public StreamHandler {
 public:
  Impostor(TestReplica& host, std::string answer) : host_(host), answer_(std::move(answer)) {
    host_.run([&] {
      auto listening = host_.loop->world().network.listen(host_.address(), {}, *this);
      REQUIRE(listening.ok());
      listener_ = std::move(*listening);
    });
  }
  ~Impostor() override {
    host_.run([&] {
      streams_.clear();
      listener_.reset();
    });
  }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;
  void on_accept(std::unique_ptr<Stream> stream) override {
    stream->set_handler(this);
    stream->output().append(answer_);
    stream->flush();
    streams_.push_back(std::move(stream));
  }
  void on_input() override {}
  void on_closed(const Error& /*why*/) override {}

 private:
  TestReplica& host_;
  std::string answer_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

TEST_CASE("transport door: an answer to a hello that makes no sense is a reason to ask again later") {
  Shard shard;
  shard.a.start();
  shard.b.loop = &shard.b.process.add_loop("main");
  ByteBuffer answer;
  std::string reason;
  SUBCASE("another replica") {
    write_message(answer, RaftWelcome{kRaftProtocolVersion, shard.c.id});
    reason = shard.c.id.value.hex();
  }
  SUBCASE("another version") {
    write_message(answer, RaftWelcome{9, shard.b.id});
    reason = "bad welcome";
  }
  SUBCASE("a proxy's welcome") {
    ringhold::write_message(answer, WelcomeMessage{});
    reason = "makes no sense";
  }
  SUBCASE("a message where only pongs are expected") {
    write_message(answer, RaftWelcome{kRaftProtocolVersion, shard.b.id});
    write_message(answer, raft::Message{shard.b.id, shard.a.id, {1}, raft::Heartbeat{1, {0}}});
    reason = "makes no sense";
  }
  SUBCASE("no frame") {
    answer.append("HTTP/1.1 400 Bad Request\r\n");
    reason = "version";
  }
  const Impostor impostor(shard.b, std::string(answer.view()));
  shard.a.know({shard.b.as_peer()});
  shard.pass(seconds(10));
  CHECK_FALSE(shard.a.up(shard.b.id));
  CHECK(shard.a.state_of(shard.b.id).reason.find(reason) != std::string::npos);
  CHECK(shard.a.heard.empty());
}

// One port for both: what the first frame says decides.
class OnePort final : public AcceptHandler {
 public:
  OnePort(TestReplica& replica, const Address& address) : replica_(replica) {
    replica_.run([&] {
      const World world = replica_.loop->world();
      acceptor = std::make_unique<PeerAcceptor>(
          world, [this](std::unique_ptr<Stream> stream) { replica_.transport->accept(std::move(stream)); },
          [this](std::unique_ptr<Stream> stream) {
            stream->set_handler(&nobody_);
            others.emplace_back(stream->input().view());
            streams_.push_back(std::move(stream));
          });
      auto listening = world.network.listen(address, {}, *this);
      REQUIRE(listening.ok());
      listener_ = std::move(*listening);
    });
  }
  ~OnePort() override {
    replica_.run([&] {
      streams_.clear();
      acceptor.reset();
      listener_.reset();
    });
  }
  OnePort(const OnePort&) = delete;
  OnePort& operator=(const OnePort&) = delete;
  void on_accept(std::unique_ptr<Stream> stream) override { acceptor->take(std::move(stream)); }

  std::unique_ptr<PeerAcceptor> acceptor;
  std::vector<std::string> others;  // what had come of each when it was handed over

 private:
  class Nobody final : public StreamHandler {
    void on_input() override {}
    void on_closed(const Error& /*why*/) override {}
  };

  TestReplica& replica_;
  Nobody nobody_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

TEST_CASE("peer acceptor: the first frame tells whose a connection is; nothing of it is lost") {
  for (const sim::Splits splits : {sim::Splits::kWhole, sim::Splits::kBytes}) {
    Door door;
    sim::Weather weather;
    weather.splits = splits;
    door.sim.fabric().set_weather(weather);
    const Address address{door.b.host, 9443};
    OnePort port(door.b, address);
    RawPeer raft(door.c, address);
    RawPeer proxy(door.c, address);
    RawPeer nonsense(door.c, address);
    REQUIRE(door.until([&] { return raft.connected && proxy.connected && nonsense.connected; }));
    door.pass(milliseconds(10));
    CHECK(port.acceptor->undecided() == 3);
    ByteBuffer both;
    write_message(both, door.hello());
    write_message(both, raft::Message{door.c.id, door.b.id, {1}, raft::Heartbeat{1, {0}}});
    raft.say(both.view());
    proxy.say(HelloMessage{1, 1, "proxy", {}, {}});
    nonsense.say("PING\r\nPING\r\n");
    REQUIRE(door.until([&] { return port.others.size() == 2 && door.b.heard.size() == 1; }));
    REQUIRE(door.until([&] { return raft.welcomed; }));
    CHECK(port.acceptor->undecided() == 0);
    CHECK(port.others[0].size() + port.others[1].size() >= 2 * kFrameHeaderBytes);
  }
}

TEST_CASE(
    "peer acceptor: who does not say what it wants is dropped after a while, or when there are too many") {
  Door door;
  const Address address{door.b.host, 9443};
  OnePort port(door.b, address);
  RawPeer early(door.c, address);
  RawPeer gone(door.c, address);
  REQUIRE(door.until([&] { return port.acceptor->undecided() == 2; }));
  SUBCASE("after a while") {
    REQUIRE(door.until([&] { return port.acceptor->undecided() == 0; }));
    REQUIRE(door.until([&] { return early.closed && gone.closed; }));
  }
  SUBCASE("too many") {
    std::vector<std::unique_ptr<RawPeer>> crowd;
    for (std::size_t i = 0; i < limits::kPeerUndecidedMax + 3; ++i)
      crowd.push_back(std::make_unique<RawPeer>(door.c, address));
    door.pass(milliseconds(100));
    CHECK(port.acceptor->undecided() == limits::kPeerUndecidedMax);
    CHECK_FALSE(early.closed);
    crowd.clear();
    REQUIRE(door.until([&] { return port.acceptor->undecided() == 2; }));
  }
}

}  // namespace
}  // namespace ringhold::raft_io

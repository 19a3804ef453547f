// Bugs of the way into the cluster that were mended, each with the scenario that shows it.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "common/base/limits.h"
#include "tests/unit/sim/upstream_fixture.h"

namespace ringhold::sim {
namespace {

constexpr auto kDeadline = milliseconds(200);
constexpr auto kSlack = milliseconds(10);  // what a deadline may be late

// A GET's reply of `bytes`, as the frame that carries it.
std::string large_reply_frame(std::uint64_t request, std::size_t bytes) {
  ByteBuffer reply;
  ReplyWriter(reply, RespVersion::k2).bulk(std::string(bytes, 'v'));
  ByteBuffer frame;
  write_message(frame, ReplyMessage{request, ReplyStatus::kDone, reply.view()});
  return std::string(frame.view());
}

bool starts_with(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

TEST_CASE("regression: a client that goes away while a bounced command of it waits is not released later") {
  RouterWorld w;
  auto gone = w.new_client();
  const auto stays = w.new_client();
  for (ClientChannel* client : {gone.get(), stays.get()})
    w.submit(*client, {"SET", "k", "v"}, client == stays.get() ? 2 : 1);
  w.pass(milliseconds(2));
  REQUIRE(w.shard().commands.size() == 2);
  w.on_shard([](ScriptedPeer& shard) {
    for (const auto& command : shard.commands) shard.answer(command.request, {}, ReplyStatus::kNotOwner);
  });
  w.pass(milliseconds(2));  // less than limits::kRetryPause
  w.on_router([&] { gone.reset(); });
  w.pass(limits::kRetryPause * 2);
  CHECK(w.replies.text.empty());
  // The other one's command was sent again, the vanished one's was not.
  REQUIRE(w.shard().commands.size() == 3);
  w.on_shard([](ScriptedPeer& shard) { shard.answer(shard.commands.back().request, "+OK\r\n"); });
  w.pass(milliseconds(2));
  CHECK(w.replies.text == std::map<std::uint64_t, std::string>{{2, "+OK\r\n"}});
}

TEST_CASE("regression: a client with a node's certificate does not travel as a node in command frames") {
  RouterWorld w;
  const auto client = w.new_client();
  w.submit(*client, {"SET", "k", "v"}, 1, Role::kNode);
  w.submit(*client, {"GET", "k"}, 2, Role::kClient);
  w.pass(milliseconds(2));
  // A role above admin makes the frame unreadable, which would have ended the fixture's connection here.
  REQUIRE(w.shard().commands.size() == 2);
  CHECK(w.shard().commands[0].role == Role::kAdmin);
  CHECK(w.shard().commands[1].role == Role::kClient);
}

TEST_CASE("regression: a deadline cuts off a silent shard in time, and the error says what is known") {
  RouterWorld w(kDeadline);
  const auto client = w.new_client();
  const MonoTime sent = w.sim.now();
  w.submit(*client, {"SET", "k", "v"}, 1);
  w.submit(*client, {"GET", "k"}, 2);
  w.pass(kDeadline - milliseconds(1));
  CHECK(w.replies.text.empty());
  w.pass(milliseconds(1) + kSlack);
  CHECK(w.replies.text[1] ==
        "-UNCERTAIN shard 'a' at 10.0.1.1:9501 did not answer within 200 ms; whether the command took effect "
        "is "
        "unknown\r\n");
  CHECK(w.replies.text[2] == "-CLUSTERDOWN shard 'a' at 10.0.1.1:9501 did not answer within 200 ms\r\n");
  for (const std::uint64_t tag : {1U, 2U}) {
    CHECK(w.replies.at[tag] - sent >= kDeadline);
    CHECK(w.replies.at[tag] - sent <= kDeadline + kSlack);
  }
  CHECK(w.router->report().totals.expired == 2);
  CHECK(w.router->report().totals.uncertain == 1);
  CHECK(client->idle());
}

TEST_CASE("regression: a command that was never written is not called uncertain at its deadline") {
  RouterWorld w(kDeadline, /*shard_is_up=*/false);
  const auto client = w.new_client();
  const MonoTime sent = w.sim.now();
  w.submit(*client, {"SET", "k", "v"}, 1);
  w.submit(*client, {"GET", "k"}, 2);
  w.pass(kDeadline + kSlack);
  for (const std::uint64_t tag : {1U, 2U}) {
    CHECK(w.replies.text[tag] ==
          "-CLUSTERDOWN shard 'a' at 10.0.1.1:9501 could not be reached within 200 ms; the command was not "
          "executed\r\n");
    CHECK(w.replies.at[tag] - sent >= kDeadline);
  }
  CHECK(w.router->report().totals.uncertain == 0);

  // It has been away for a whole deadline: nobody waits for it any more.
  const MonoTime later = w.sim.now();
  w.submit(*client, {"SET", "k", "v"}, 3);
  CHECK(starts_with(w.replies.text[3], "-CLUSTERDOWN shard 'a' at 10.0.1.1:9501 is unreachable ("));
  CHECK(w.replies.at[3] == later);

  // And nothing of that is sent when it is back.
  w.start_shard();
  w.pass(seconds(1));
  w.submit(*client, {"GET", "k"}, 4);
  w.pass(milliseconds(5));
  REQUIRE(w.shard().commands.size() == 1);
}

TEST_CASE("regression: a reply that comes after its request expired is dropped, and answers no other one") {
  RouterWorld w(kDeadline);
  const auto client = w.new_client();
  w.submit(*client, {"GET", "first"}, 1);
  w.pass(kDeadline + kSlack);
  REQUIRE(w.replies.text.size() == 1);
  w.submit(*client, {"GET", "second"}, 2);  // in the memory of the first
  w.pass(milliseconds(2));
  REQUIRE(w.shard().commands.size() == 2);
  w.on_shard([](ScriptedPeer& shard) { shard.answer(shard.commands[0].request, "$5\r\nfirst\r\n"); });
  w.pass(milliseconds(2));
  CHECK(w.replies.text.size() == 1);
  w.on_shard([](ScriptedPeer& shard) {
    shard.answer(shard.commands[1].request, "$6\r\nsecond\r\n");
    shard.answer(shard.commands[0].request, "$5\r\nfirst\r\n");  // nor does a repeated one
  });
  w.pass(milliseconds(2));
  CHECK(w.replies.text[2] == "$6\r\nsecond\r\n");
  CHECK_FALSE(w.shard().closed);
}

TEST_CASE("regression: a large command gets the time that it needs to arrive, and a small one does not") {
  RouterWorld w(kDeadline);
  const auto client = w.new_client();
  const auto other = w.new_client();
  const std::string large(limits::kTransferBytesPerSecondMin, 'v');
  const std::string small(limits::kMiB / 2, 'v');
  const MonoTime sent = w.sim.now();
  w.submit(*client, {"SET", "k", large}, 1);
  w.submit(*other, {"SET", "k", small}, 2);
  w.pass(kDeadline + kSlack);
  CHECK(w.replies.text.size() == 1);
  CHECK(w.replies.text.contains(2));
  REQUIRE(w.shard().commands.size() == 2);
  CHECK(w.shard().commands[0].time_left_ms > kDeadline.count());  // the server knows of it
  w.pass(seconds(1));
  REQUIRE(w.replies.text.contains(1));
  CHECK(starts_with(w.replies.text[1], "-UNCERTAIN"));
  CHECK(w.replies.at[1] - sent >= kDeadline + seconds(1));
  CHECK(w.replies.at[1] - sent <= kDeadline + seconds(1) + kSlack);
}

// The shard begins a reply of 4 MiB shortly before the deadline, and the rest is in the test's hands.
struct LargeReply : RouterWorld {
  LargeReply() : RouterWorld(kDeadline) {
    submit(*client, {"GET", "k"}, 1);
    pass(kDeadline / 2);
    REQUIRE(shard().commands.size() == 1);
    rest = large_reply_frame(shard().commands[0].request, kBytes);
    shard().answers_pings = false;
    send(limits::kMiB + limits::kMiB / 2);
  }
  void send(std::size_t bytes) {
    on_shard([&](ScriptedPeer& peer) {
      peer.stream->output().append(rest.substr(0, bytes));
      peer.stream->flush();
    });
    rest.erase(0, std::min(bytes, rest.size()));
  }

  static constexpr std::size_t kBytes = 4 * limits::kMiB;
  const MonoTime began = sim.now();
  std::unique_ptr<ClientChannel> client = new_client();
  std::string rest;
};

TEST_CASE("regression: a reply that is still coming in is not cut off at the deadline") {
  LargeReply w;
  while (!w.rest.empty()) {
    w.pass(seconds(1));
    REQUIRE(w.replies.text.empty());
    w.send(limits::kMiB / 2);
  }
  w.pass(milliseconds(100));
  REQUIRE(w.replies.text.contains(1));
  CHECK(w.replies.text[1].size() > LargeReply::kBytes);
  CHECK(w.replies.at[1] - w.began > kDeadline * 10);
  CHECK(w.router->report().totals.expired == 0);
}

TEST_CASE("regression: a reply that has come to a halt is cut off, and what comes of it later is dropped") {
  LargeReply w;
  w.pass(kDeadline / 2 + kSlack);
  CHECK(w.replies.text.empty());  // for all that is known it is on its way
  w.pass(limits::kTransferPatience + kSlack);
  CHECK(w.replies.text[1] == "-CLUSTERDOWN shard 'a' at 10.0.1.1:9501 did not answer within 200 ms\r\n");
  w.submit(*w.client, {"GET", "k"}, 2);
  w.send(LargeReply::kBytes);
  w.pass(milliseconds(50));
  REQUIRE(w.shard().commands.size() == 2);
  w.on_shard([](ScriptedPeer& shard) { shard.answer(shard.commands[1].request, "$1\r\nv\r\n"); });
  w.pass(milliseconds(2));
  CHECK(w.replies.text[2] == "$1\r\nv\r\n");
}

}  // namespace
}  // namespace ringhold::sim

// How much of one client's work is under way at a time, and what its connection holds meanwhile.
#include "common/session/resp_session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/limits.h"
#include "tests/unit/topology/fake_world.h"

namespace ringhold {
namespace {

class FakeStream final : public Stream {
 public:
  FakeStream() { peer_.role = Role::kClient; }
  void set_handler(StreamHandler* /*handler*/) override {}
  const PeerInfo& peer() const override { return peer_; }
  void flush() override { ++flushes; }
  std::size_t unsent() const override { return output_.size(); }
  void pause_reading() override { paused = true; }
  void resume_reading() override { paused = false; }
  void close() override {}
  void abort() override {}

  int flushes = 0;
  bool paused = false;

 private:
  PeerInfo peer_;
};

// Every command is deferred; the test completes it.
class DeferringSession final : public RespSession {
 public:
  using RespSession::RespSession;
  void reply_to(std::size_t command, std::string_view reply) { complete(under_way.at(command), reply); }

  std::vector<std::uint64_t> under_way;  // tickets of all commands so far

 private:
  void execute(const CommandRow& /*row*/, Args /*args*/) override { under_way.push_back(defer()); }
  void on_gone() override {}
};

// Counts from 1, a bulk string for each number; a part of them at a time.
class CountingSource final : public ReplySource {
 public:
  explicit CountingSource(std::size_t count) : count_(count) {}
  bool write_some(ReplyWriter& reply, std::size_t bytes_max) override {
    if (at_ == 0) reply.array(count_);
    for (const std::size_t start = reply.out().size();
         at_ < count_ && reply.out().size() < start + bytes_max;) {
      reply.bulk(std::to_string(++at_));
    }
    return at_ < count_;
  }
  std::size_t held() const override { return 1000; }

 private:
  std::size_t count_;
  std::size_t at_ = 0;
};

// GET is answered with many numbers, slowly; all else at once.
class SlowSession final : public RespSession {
 public:
  using RespSession::RespSession;
  static constexpr std::size_t kNumbers = 200000;

 private:
  void execute(const CommandRow& row, Args /*args*/) override {
    ReplyWriter writer = reply();
    if (row.id != CommandId::kGet) return writer.ok();
    REQUIRE(may_reply_slowly());
    reply_slowly(std::make_unique<CountingSource>(kNumbers));
  }
  void on_gone() override {}
};

template <typename Session>
struct SessionFixture : SessionOwner {
  SessionFixture() {
    auto made = std::make_unique<FakeStream>();
    stream = made.get();
    session = std::make_unique<Session>(
        1, Address{"127.0.0.1", 9443}, std::move(made),
        SessionEnvironment{world, authenticator, identity, stats, slowlog, turns, *this});
  }
  void on_session_closed(RespSession& /*session*/) override {}

  FakeWorld fake;
  World world = fake.world();
  Authenticator authenticator;
  ServerIdentity identity;
  ServerStats stats;
  Slowlog slowlog;
  TurnShare turns{world};
  FakeStream* stream = nullptr;
  std::unique_ptr<Session> session;
};

struct Fixture : SessionFixture<DeferringSession> {
  void receive(int commands) {
    for (int i = 0; i < commands; ++i) stream->input().append("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    session->start();
  }
  std::size_t executed() const { return session->under_way.size(); }
  // Completes all commands that are under way, and takes the replies off the output.
  void reply_to_all(std::string_view reply) {
    const std::size_t now = executed();
    while (replied_ < now) {
      session->reply_to(replied_++, reply);
      stream->output().clear();
      session->on_drained();
    }
  }

 private:
  std::size_t replied_ = 0;
};

const std::string kLargeReply(limits::kReplyBytesExpected, 'x');

TEST_CASE_FIXTURE(Fixture,
                  "regression: replies that wait for an earlier one count as held by their connection") {
  receive(3);
  REQUIRE(executed() == 3);
  const std::string reply(100 * limits::kKiB, 'x');
  const int flushes = stream->flushes;
  session->reply_to(1, reply);
  CHECK(stream->output().empty());
  CHECK(stream->held() == reply.size());
  // What is held is counted with a flush, and nothing is there that would be sent.
  CHECK(stream->flushes > flushes);
  session->reply_to(2, reply);
  CHECK(stream->held() == 2 * reply.size());
  session->reply_to(0, "+OK\r\n");
  CHECK(stream->held() == 0);
  CHECK(stream->output().size() == 2 * reply.size() + 5);
}

TEST_CASE_FIXTURE(Fixture,
                  "regression: a new client's first burst is as small as if its replies were large") {
  receive(100);
  CHECK(executed() == limits::kInFlightBytesMax / limits::kReplyBytesExpected);
  CHECK(stream->paused);
  reply_to_all(kLargeReply);
  CHECK(executed() == 16);
}

TEST_CASE_FIXTURE(Fixture, "regression: a client with small replies gets its whole window, and no more") {
  receive(4000);
  std::size_t before = 0;
  while (executed() < 300) {
    REQUIRE(executed() > before);
    before = executed();
    reply_to_all("+OK\r\n");
  }
  before = executed();
  reply_to_all("+OK\r\n");
  CHECK(executed() - before == limits::kInFlightCommandsMax);
}

TEST_CASE_FIXTURE(Fixture, "regression: one large reply narrows a client's window at once") {
  receive(300);
  while (executed() < 300) reply_to_all("+OK\r\n");
  reply_to_all("+OK\r\n");
  receive(100);
  REQUIRE(executed() == 400);
  for (std::size_t command = 300; command < 399; ++command) session->reply_to(command, "+OK\r\n");
  session->reply_to(399, kLargeReply);
  stream->output().clear();
  receive(100);
  CHECK(executed() == 408);
}

TEST_CASE_FIXTURE(SessionFixture<SlowSession>,
                  "a slow reply leaves as its client takes it, and in its place") {
  stream->input().append("GET k\r\nSET k v\r\nGET k\r\nSET k v\r\n");
  session->start();
  std::string taken;
  std::size_t most = 0;
  for (int i = 0; i < 1000 && !stream->output().empty(); ++i) {
    most = std::max(most, stream->unsent());
    CHECK(stream->held() == (taken.size() < 1000000 ? 1000 : stream->held()));
    taken += stream->output().view();
    stream->output().clear();
    session->on_drained();
  }
  std::string numbers = "*200000\r\n";
  for (std::size_t i = 1; i <= SlowSession::kNumbers; ++i) {
    const std::string number = std::to_string(i);
    numbers += "$" + std::to_string(number.size()) + "\r\n" + number + "\r\n";
  }
  CHECK((taken == numbers + "+OK\r\n" + numbers + "+OK\r\n"));
  CHECK(most > limits::kOutputHighBytes);
  CHECK(most < limits::kOutputHighBytes + 2 * limits::kSlowReplyPieceBytes);
  CHECK(stream->held() == 0);
}

}  // namespace
}  // namespace ringhold

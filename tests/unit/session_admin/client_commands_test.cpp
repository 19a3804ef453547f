#include "common/session/client_filter.h"

#include "tests/unit/session_admin/process_fixture.h"

namespace ringhold {
namespace {

using Ids = std::vector<std::uint64_t>;

// Clients 7 (who asks, 10 s old) and 3 (100 s old) of the fixture.
TEST_CASE_FIXTURE(ProcessFixture, "CLIENT LIST: one line each, ascending by id") {
  const ReplyValue two = reply({"client", "list"});
  CHECK(two.kind == ReplyValue::Kind::kBulk);
  CHECK(two.text.starts_with("id=3 addr=127.0.0.1:40003 "));
  CHECK(two.text.find("\nid=7 addr=127.0.0.1:40007 ") != std::string::npos);
  CHECK(two.text.ends_with('\n'));
  const ReplyValue three = reply({"client", "list"}, RespVersion::k3);
  CHECK(three.kind == ReplyValue::Kind::kVerbatim);
  CHECK(three.text == two.text);
}

TEST_CASE_FIXTURE(ProcessFixture, "CLIENT LIST: TYPE and ID") {
  CHECK(reply({"client", "list", "type", "NORMAL"}).text == reply({"client", "list"}).text);
  for (const std::string_view none : {"master", "replica", "slave", "pubsub"}) {
    CHECK(run({"client", "list", "type", none}) == "$0\r\n\r\n");
  }
  CHECK(run({"client", "list", "type", "x"}) == "-ERR Unknown client type 'x'\r\n");
  CHECK(reply({"client", "list", "id", "7", "99"}).text.starts_with("id=7 "));
  CHECK(reply({"client", "list", "id", "7", "3"}).text.starts_with("id=3 "));
  CHECK(run({"client", "list", "id", "99"}) == "$0\r\n\r\n");
  CHECK(run({"client", "list", "id", "x"}) == "-ERR Invalid client ID\r\n");
  for (const std::vector<std::string_view>& bad : {std::vector<std::string_view>{"client", "list", "id"},
                                                   {"client", "list", "type", "normal", "x"},
                                                   {"client", "list", "x", "y"}}) {
    CHECK(run(bad) == "-ERR syntax error\r\n");
  }
}

TEST_CASE_FIXTURE(ProcessFixture, "CLIENT KILL: the old form kills one, oneself included") {
  CHECK(run({"client", "kill", "127.0.0.1:40003"}) == "+OK\r\n");
  CHECK(effects.kill_clients == Ids{3});
  CHECK_FALSE(me.close_after_reply);
  CHECK(run({"client", "kill", "127.0.0.1:1"}) == "-ERR No such client\r\n");
  CHECK(run({"client", "kill", "127.0.0.1:40007"}) == "+OK\r\n");
  CHECK(effects.kill_clients.empty());
  CHECK(me.close_after_reply);
}

TEST_CASE_FIXTURE(ProcessFixture, "CLIENT KILL: filters are all to hold, and count") {
  add_client(9, "127.0.0.1:40009", std::chrono::seconds(50));
  workers.clients.back().user = "alice";
  workers.clients.back().local_address = {"127.0.0.1", 9999};
  CHECK(run({"client", "kill", "id", "3"}) == ":1\r\n");
  CHECK(effects.kill_clients == Ids{3});
  CHECK(run({"client", "kill", "ID", "3", "ADDR", "127.0.0.1:40009"}) == ":0\r\n");
  CHECK(effects.kill_clients.empty());
  CHECK(run({"client", "kill", "user", "alice", "type", "normal"}) == ":1\r\n");
  CHECK(effects.kill_clients == Ids{9});
  CHECK(run({"client", "kill", "user", "nobody"}) == "-ERR No such user 'nobody'\r\n");
  CHECK(run({"client", "kill", "user", "default", "id", "99"}) == ":0\r\n");
  CHECK(run({"client", "kill", "laddr", "127.0.0.1:9999"}) == ":1\r\n");
  CHECK(run({"client", "kill", "type", "pubsub"}) == ":0\r\n");
  CHECK(run({"client", "kill", "maxage", "51"}) == ":1\r\n");
  CHECK(effects.kill_clients == Ids{3});
  CHECK(run({"client", "kill", "maxage", "50"}) == ":2\r\n");
  CHECK(run({"client", "kill", "type", "normal"}) == ":2\r\n");
  CHECK(effects.kill_clients == Ids{3, 9});
  CHECK_FALSE(me.close_after_reply);
}

TEST_CASE_FIXTURE(ProcessFixture, "CLIENT KILL: SKIPME no means oneself too, after the answer") {
  CHECK(run({"client", "kill", "type", "normal", "skipme", "no"}) == ":2\r\n");
  CHECK(effects.kill_clients == Ids{3});
  CHECK(me.close_after_reply);
}

TEST_CASE_FIXTURE(ProcessFixture, "CLIENT KILL: errors in Redis's words") {
  CHECK(run({"client", "kill", "id", "0"}) == "-ERR client-id should be greater than 0\r\n");
  CHECK(run({"client", "kill", "id", "x"}) == "-ERR client-id should be greater than 0\r\n");
  CHECK(run({"client", "kill", "type", "x"}) == "-ERR Unknown client type 'x'\r\n");
  CHECK(run({"client", "kill", "maxage", "0"}) == "-ERR maxage should be greater than 0\r\n");
  CHECK(run({"client", "kill", "maxage", "x"}) == "-ERR maxage is not an integer or out of range\r\n");
  CHECK(run({"client", "kill", "skipme", "x"}) == "-ERR syntax error\r\n");
  CHECK(run({"client", "kill", "id", "3", "addr"}) == "-ERR syntax error\r\n");
  CHECK(run({"client", "kill", "colour", "red"}) == "-ERR syntax error\r\n");
}

}  // namespace
}  // namespace ringhold

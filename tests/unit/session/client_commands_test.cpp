#include <doctest/doctest.h>

#include <chrono>

#include "common/base/limits.h"
#include "tests/unit/session/connection.h"

using namespace ringhold;

TEST_CASE("CLIENT ID, SETNAME, GETNAME") {
  Connection connection;
  CHECK(connection.send({"client", "id"}) == ":7 ");
  CHECK(connection.send({"client", "getname"}) == "$-1 ");
  CHECK(connection.send({"CLIENT", "SETNAME", "worker-1"}) == "+OK ");
  CHECK(connection.send({"client", "getname"}) == "$8 worker-1 ");
  for (const char* name : {"a b", "a\nb", "\x7f", "caf\xc3\xa9"}) {
    CHECK(connection.send({"client", "setname", name}) ==
          "-ERR Client names cannot contain spaces, newlines or special characters. ");
  }
  const std::string longest(limits::kClientAttributeBytesMax, 'n');
  CHECK(connection.send({"client", "setname", longest}) == "+OK ");
  CHECK(connection.send({"client", "setname", longest + "n"}) ==
        "-ERR Client names cannot be longer than 4096 bytes. ");
  CHECK(connection.client.name == longest);
  CHECK(connection.send({"client", "setname", ""}) == "+OK ");
  connection.client.version = RespVersion::k3;
  CHECK(connection.send({"client", "getname"}) == "_ ");
}

TEST_CASE("CLIENT SETINFO") {
  Connection connection;
  CHECK(connection.send({"client", "setinfo", "LIB-NAME", "redis-py"}) == "+OK ");
  CHECK(connection.send({"client", "setinfo", "lib-ver", "5.0.1"}) == "+OK ");
  CHECK(connection.client.lib_name == "redis-py");
  CHECK(connection.client.lib_version == "5.0.1");
  CHECK(connection.send({"client", "setinfo", "LIB-NAME", "a b"}) ==
        "-ERR lib-name cannot contain spaces, newlines or special characters. ");
  CHECK(connection.send({"client", "setinfo", "nope", "x"}) == "-ERR Unrecognized option 'nope' ");
  CHECK(connection.client.lib_name == "redis-py");
}

TEST_CASE("CLIENT NO-EVICT, NO-TOUCH") {
  Connection connection;
  CHECK(connection.send({"client", "no-evict", "ON"}) == "+OK ");
  CHECK(connection.client.no_evict);
  CHECK(connection.send({"client", "no-evict", "off"}) == "+OK ");
  CHECK(!connection.client.no_evict);
  CHECK(connection.send({"client", "no-touch", "on"}) == "+OK ");
  CHECK(connection.client.no_touch);
  CHECK(connection.send({"client", "no-touch", "maybe"}) == "-ERR syntax error ");
  CHECK(connection.client.no_touch);
}

TEST_CASE("CLIENT REPLY") {
  Connection connection;
  connection.send({"client", "reply", "skip"});
  CHECK(connection.client.reply_mode == ReplyMode::kSkipNext);
  connection.send({"client", "reply", "OFF"});
  CHECK(connection.client.reply_mode == ReplyMode::kOff);
  // SKIP while OFF does not switch replies on again afterwards.
  connection.send({"client", "reply", "skip"});
  CHECK(connection.client.reply_mode == ReplyMode::kOff);
  CHECK(connection.send({"client", "reply", "nope"}) == "-ERR syntax error ");
  CHECK(connection.client.reply_mode == ReplyMode::kOff);
  CHECK(connection.send({"client", "reply", "on"}) == "+OK ");
  CHECK(connection.client.reply_mode == ReplyMode::kOn);
}

TEST_CASE("CLIENT INFO is a line of CLIENT LIST") {
  Connection connection;
  connection.now = MonoTime(std::chrono::seconds(100));
  connection.client.connected_at = MonoTime(std::chrono::milliseconds(57999));
  connection.client.last_active_at = MonoTime(std::chrono::seconds(98));
  connection.client.name = "me";
  connection.client.lib_name = "lib";
  connection.client.lib_version = "1.0";
  connection.client.input_bytes = 10;
  connection.client.output_bytes = 20;
  connection.client.last_command = &command_row(CommandId::kClientInfo);
  const std::string total = std::to_string(sizeof(ClientState) + 30);
  const std::string line =
      "id=7 addr=10.0.0.1:5000 laddr=10.0.0.2:9443 fd=-1 name=me age=42 idle=2 flags=N db=0 sub=0 psub=0 "
      "ssub=0 multi=-1 "
      "qbuf=10 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=20 oll=0 omem=0 tot-mem=" +
      total + " events=r cmd=client|info user=default redir=-1 resp=2 lib-name=lib lib-ver=1.0";
  CHECK(client_info_line(connection.client, connection.now) == line);
  CHECK(connection.ask({"client", "info"}).text == line + "\n");

  connection.client.version = RespVersion::k3;
  const ReplyValue verbatim = connection.ask({"client", "info"});
  CHECK(verbatim.kind == ReplyValue::Kind::kVerbatim);
  CHECK(verbatim.format == "txt");
  CHECK(verbatim.text.find(" resp=3 ") != std::string::npos);

  connection.client.last_command = nullptr;
  connection.client.readonly = connection.client.no_evict = connection.client.no_touch = true;
  const std::string flagged = client_info_line(connection.client, connection.now);
  CHECK(flagged.find(" flags=reT ") != std::string::npos);
  CHECK(flagged.find(" cmd=NULL ") != std::string::npos);
}

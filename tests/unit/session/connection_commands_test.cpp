#include <doctest/doctest.h>

#include "tests/unit/session/connection.h"

using namespace ringhold;

TEST_CASE("PING, ECHO, QUIT") {
  Connection connection;
  CHECK(connection.send({"ping"}) == "+PONG ");
  CHECK(connection.send({"PING", "hi there"}) == "$8 hi there ");
  CHECK(connection.send({"PING", ""}) == "$0  ");
  CHECK(connection.send({"PING", "a", "b"}) == "-ERR wrong number of arguments for 'ping' command ");
  connection.send({"echo", std::string_view("\0\r\n", 3)});
  CHECK(connection.bytes == std::string_view("$3\r\n\0\r\n\r\n", 9));
  CHECK(!connection.client.close_after_reply);
  CHECK(connection.send({"quit"}) == "+OK ");
  CHECK(connection.client.close_after_reply);
}

TEST_CASE("SELECT takes the one database that there is") {
  Connection connection;
  CHECK(connection.send({"select", "0"}) == "+OK ");
  for (const char* index : {"1", "15", "-1", "2147483647"}) {
    CHECK(connection.send({"select", index}) == "-ERR DB index is out of range ");
  }
  for (const char* index : {"x", "", "0.0", "99999999999999999999"}) {
    CHECK(connection.send({"select", index}) == "-ERR value is not an integer or out of range ");
  }
  CHECK(connection.send({"select", "2147483648"}) ==
        "-ERR value is out of range, value must between -2147483648 and 2147483647 ");
}

TEST_CASE("READONLY, READWRITE and ASKING say that the client knows Redis Cluster") {
  for (const char* command : {"readonly", "readwrite", "asking"}) {
    Connection connection;
    CHECK(connection.send({command}) == "+OK ");
    CHECK(connection.client.knows_cluster);
  }
  Connection connection;
  connection.send({"readonly"});
  CHECK(connection.client.readonly);
  CHECK(!connection.client.asking);
  connection.send({"readwrite"});
  CHECK(!connection.client.readonly);
  connection.send({"asking"});
  CHECK(connection.client.asking);
}

TEST_CASE("HELLO describes the server, in the version that was asked for") {
  Connection connection;
  const std::string two =
      "*14 $6 server $5 redis $7 version $6 7.0.15 $5 proto :2 $2 id :7 $4 mode $10 standalone $4 role $6 "
      "master "
      "$7 modules *0 ";
  const std::string three =
      "%7 $6 server $5 redis $7 version $6 7.0.15 $5 proto :3 $2 id :7 $4 mode $10 standalone $4 role $6 "
      "master "
      "$7 modules *0 ";
  CHECK(connection.send({"hello"}) == two);
  CHECK(connection.send({"HELLO", "3"}) == three);
  CHECK(connection.client.version == RespVersion::k3);
  CHECK(connection.send({"hello"}) == three);
  CHECK(connection.send({"hello", "2"}) == two);
  CHECK(connection.client.version == RespVersion::k2);
  connection.identity.mode = "cluster";
  CHECK(connection.send({"hello"}).find("$4 mode $7 cluster ") != std::string::npos);
}

TEST_CASE("HELLO's errors change nothing") {
  Connection connection("u:client:pw");
  const std::string protocol = "-ERR Protocol version is not an integer or out of range ";
  CHECK(connection.send({"hello", "x"}) == protocol);
  CHECK(connection.send({"hello", "99999999999999999999"}) == protocol);
  for (const char* version : {"1", "4", "-3", "0"}) {
    CHECK(connection.send({"hello", version}) == "-NOPROTO unsupported protocol version ");
  }
  CHECK(connection.send({"hello", "3", "Nope"}) == "-ERR Syntax error in HELLO option 'Nope' ");
  CHECK(connection.send({"hello", "3", "AUTH", "u"}) == "-ERR Syntax error in HELLO option 'AUTH' ");
  CHECK(connection.send({"hello", "3", "setname"}) == "-ERR Syntax error in HELLO option 'setname' ");
  CHECK(connection.send({"hello", "3", "SETNAME", "a b"}) ==
        "-ERR Client names cannot contain spaces, newlines or special characters. ");
  CHECK(connection.send({"hello", "3", "SETNAME", "name", "AUTH", "u", "wrong"}) ==
        "-WRONGPASS invalid username-password pair or user is disabled. ");
  CHECK(connection.client.version == RespVersion::k2);
  CHECK(connection.client.name.empty());
  CHECK(connection.client.user == "default");
}

TEST_CASE("HELLO authenticates and names") {
  Connection connection("u:admin:pw", Role::kNone);
  CHECK(
      connection.send({"hello", "3"}) ==
      "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> "
      "<pass> "
      "option can be used to authenticate the client and select the RESP protocol version at the same time ");
  CHECK(connection.client.version == RespVersion::k2);
  CHECK(connection.ask({"hello", "3", "auth", "u", "pw", "SetName", "me"}).elements.size() == 14);
  CHECK(connection.client.role == Role::kAdmin);
  CHECK(connection.client.user == "u");
  CHECK(connection.client.name == "me");
  CHECK(connection.client.version == RespVersion::k3);
}

TEST_CASE("AUTH, with and without a user") {
  Connection connection("default:client:secret\nops:admin:root", Role::kNone);
  const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled. ";
  CHECK(connection.send({"auth", "nope"}) == wrong);
  CHECK(connection.send({"auth", "ops", "secret"}) == wrong);
  CHECK(connection.client.role == Role::kNone);
  CHECK(connection.send({"auth", "a", "b", "c"}) == "-ERR syntax error ");
  CHECK(connection.send({"auth", "secret"}) == "+OK ");
  CHECK(connection.client.role == Role::kClient);
  CHECK(connection.send({"AUTH", "ops", "root"}) == "+OK ");
  CHECK(connection.client.role == Role::kAdmin);
  CHECK(connection.client.user == "ops");
  // A failed attempt takes nothing away.
  CHECK(connection.send({"auth", "ops", "x"}) == wrong);
  CHECK(connection.client.role == Role::kAdmin);
}

TEST_CASE("AUTH where there are no passwords") {
  Connection connection;
  CHECK(connection.send({"auth", "hunter2"}) ==
        "-ERR AUTH <password> called without any password configured for the default user. Are you sure your "
        "configuration is correct? ");
  CHECK(connection.send({"auth", "default", "hunter2"}) ==
        "-WRONGPASS invalid username-password pair or user is disabled. ");
}

TEST_CASE("no reply ever holds a password") {
  Connection connection("u:client:hunter2");
  for (const std::vector<std::string_view>& args :
       std::vector<std::vector<std::string_view>>{{"auth", "hunter2"},
                                                  {"auth", "u", "hunter2x"},
                                                  {"auth", "u", "hunter2", "x"},
                                                  {"hello", "3", "auth", "u", "hunter2x"},
                                                  {"hello", "9", "auth", "u", "hunter2"},
                                                  {"hello", "3", "auth", "u", "hunter2", "nope"},
                                                  {"auth", "u", "hunter2"}}) {
    CHECK(connection.send(args).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("RESET brings back what a new connection has") {
  Connection connection("u:admin:pw", Role::kNone);
  connection.send({"hello", "3", "auth", "u", "pw", "setname", "me"});
  connection.send({"client", "reply", "off"});
  connection.send({"client", "no-evict", "on"});
  connection.send({"client", "no-touch", "on"});
  connection.send({"readonly"});
  connection.send({"asking"});
  CHECK(connection.send({"reset"}) == "+RESET ");
  const ClientState& client = connection.client;
  CHECK(client.role == Role::kNone);
  CHECK(client.user == "default");
  CHECK(client.name.empty());
  CHECK(client.version == RespVersion::k2);
  CHECK(client.reply_mode == ReplyMode::kOn);
  CHECK(!client.no_evict);
  CHECK(!client.no_touch);
  CHECK(!client.readonly);
  CHECK(!client.asking);
  CHECK(!client.knows_cluster);
  CHECK(client.id == 7);
}

TEST_CASE("every command that the connection answers has a handler, and answers once in either protocol") {
  for (const RespVersion version : {RespVersion::k2, RespVersion::k3}) {
    for (const CommandRow& row : command_rows()) {
      CAPTURE(row.name);
      const bool container = !subcommands_of(row).empty() && row.id != CommandId::kCommand;
      if (row.routing != Routing::kConnection || container) continue;
      Connection connection;
      connection.client.version = version;
      std::string name(row.name);
      const std::size_t bar = name.find('|');
      std::vector<std::string_view> args = {std::string_view(name).substr(0, bar)};
      if (bar != std::string::npos) args.push_back(std::string_view(name).substr(bar + 1));
      const auto least = static_cast<std::size_t>(row.arity > 0 ? row.arity : -row.arity);
      while (args.size() < least) args.emplace_back("0");
      const ReplyValue reply = connection.ask(args);
      CHECK(reply.text != "ERR this command is not implemented");
    }
  }
}

// COMMAND and its subcommands, in the shapes that clients read.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/unit/session/connection.h"

using namespace ringhold;

namespace {

using Texts = std::vector<std::string>;

bool contains(const Texts& all, std::string_view text) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

}  // namespace

TEST_CASE("COMMAND INFO get, byte for byte") {
  Connection connection;
  CHECK(connection.send({"command", "info", "GET"}) ==
        "*1 *10 $3 get :2 *2 +readonly +fast :1 :1 :1 *3 +@read +@string +@fast *0 "
        "*1 *6 $5 flags *2 +RO +access $12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :1 "
        "$9 find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :0 $7 keystep :1 $5 limit :0 *0 ");
  connection.client.version = RespVersion::k3;
  CHECK(connection.send({"command", "info", "get"}) ==
        "*1 *10 $3 get :2 ~2 +readonly +fast :1 :1 :1 ~3 +@read +@string +@fast ~0 "
        "~1 %3 $5 flags ~2 +RO +access $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1 "
        "$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0 ~0 ");
}

TEST_CASE("COMMAND INFO of several, of unknown ones and of subcommands") {
  Connection connection;
  const ReplyValue reply =
      connection.ask({"command", "info", "mset", "nope", "Config|Get", "rename", "size"});
  REQUIRE(reply.elements.size() == 5);
  const std::vector<ReplyValue>& mset = reply.elements[0].elements;
  CHECK(mset[0].text == "mset");
  CHECK(mset[1].integer == -3);
  CHECK(texts(mset[2]) == Texts{"write", "denyoom"});
  CHECK(mset[3].integer == 1);
  CHECK(mset[4].integer == -1);
  CHECK(mset[5].integer == 2);
  CHECK(texts(mset[6]) == Texts{"@write", "@string", "@slow"});
  CHECK(texts(mset[7]) == Texts{"request_policy:multi_shard", "response_policy:all_succeeded"});
  CHECK(field(field(field(mset[8].elements[0], "find_keys"), "spec"), "lastkey").integer == -1);
  CHECK(reply.elements[1].is_null());
  CHECK(reply.elements[2].elements[0].text == "config|get");
  CHECK(texts(reply.elements[2].elements[6]) == Texts{"@admin", "@slow", "@dangerous"});

  // Two keys that are used differently have a specification each, while the legacy range covers both.
  const std::vector<ReplyValue>& rename = reply.elements[3].elements;
  CHECK(rename[3].integer == 1);
  CHECK(rename[4].integer == 2);
  REQUIRE(rename[8].elements.size() == 2);
  CHECK(texts(field(rename[8].elements[0], "flags")) == Texts{"RW", "access", "delete"});
  CHECK(texts(field(rename[8].elements[1], "flags")) == Texts{"OW", "update"});
  CHECK(field(field(field(rename[8].elements[1], "begin_search"), "spec"), "index").integer == 2);
  CHECK(reply.elements[4].elements[0].text == "size");
}

TEST_CASE("COMMAND INFO: keys that are counted, and keys that nobody knows beforehand") {
  Connection connection;
  const ReplyValue reply = connection.ask({"command", "info", "zunion", "zunionstore", "sort", "sort_ro"});
  const std::vector<ReplyValue>& zunion = reply.elements[0].elements;
  CHECK(texts(zunion[2]) == Texts{"readonly", "movablekeys"});
  CHECK(zunion[3].integer == 0);
  CHECK(texts(zunion[6]) == Texts{"@read", "@sortedset", "@slow"});
  REQUIRE(zunion[8].elements.size() == 1);
  const ReplyValue& counted = zunion[8].elements[0];
  CHECK(texts(field(counted, "flags")) == Texts{"RO", "access"});
  CHECK(field(field(field(counted, "begin_search"), "spec"), "index").integer == 1);
  CHECK(field(field(counted, "find_keys"), "type").text == "keynum");

  const std::vector<ReplyValue>& zunionstore = reply.elements[1].elements;
  CHECK(zunionstore[4].integer == 1);
  REQUIRE(zunionstore[8].elements.size() == 2);
  CHECK(texts(field(zunionstore[8].elements[0], "flags")) == Texts{"OW", "update"});
  CHECK(texts(field(zunionstore[8].elements[1], "flags")) == Texts{"RO", "access"});
  CHECK(field(field(field(zunionstore[8].elements[1], "begin_search"), "spec"), "index").integer == 2);

  const std::vector<ReplyValue>& sort = reply.elements[2].elements;
  CHECK(texts(sort[6]) == Texts{"@write", "@set", "@sortedset", "@list", "@slow", "@dangerous"});
  REQUIRE(sort[8].elements.size() == 3);
  for (const std::size_t unknown : {1U, 2U}) {
    CHECK(field(field(sort[8].elements[unknown], "begin_search"), "type").text == "unknown");
    CHECK(field(field(sort[8].elements[unknown], "find_keys"), "type").text == "unknown");
  }
  CHECK(texts(field(sort[8].elements[2], "flags")) == Texts{"OW", "update"});
  CHECK(reply.elements[3].elements[8].elements.size() == 2);
}

TEST_CASE("COMMAND lists every command once, with its subcommands inside") {
  for (const RespVersion version : {RespVersion::k2, RespVersion::k3}) {
    Connection connection;
    connection.client.version = version;
    const ReplyValue all = connection.ask({"command"});
    std::set<std::string> names;
    for (const ReplyValue& command : all.elements) {
      REQUIRE(command.elements.size() == 10);
      CHECK(names.insert(command.elements[0].text).second);
      if (command.elements[0].text == "client") {
        CHECK(command.elements[9].elements.size() == 11);
        CHECK(command.elements[9].elements[0].elements[0].text == "client|getname");
      }
    }
    CHECK(names.count("get") == 1);
    CHECK(names.count("remove") == 1);
    CHECK(names.count("client|id") == 0);
    CHECK(connection.ask({"command", "count"}).integer == static_cast<std::int64_t>(names.size()));
    CHECK(connection.ask({"command", "info"}).elements.size() == names.size());
  }
}

TEST_CASE("COMMAND LIST and its filters") {
  Connection connection;
  const Texts all = texts(connection.ask({"command", "list"}));
  CHECK(contains(all, "get"));
  CHECK(contains(all, "client|id"));
  CHECK(std::count(all.begin(), all.end(), "set") == 1);
  CHECK(texts(connection.ask({"command", "list", "filterby", "pattern", "getr*"})) == Texts{"getrange"});
  CHECK(texts(connection.ask({"command", "list", "FILTERBY", "PATTERN", "OBJECT|R*"})) ==
        Texts{"object|refcount"});
  CHECK(connection.send({"command", "list", "filterby", "module", "x"}) == "*0 ");
  const Texts strings = texts(connection.ask({"command", "list", "filterby", "aclcat", "STRING"}));
  CHECK(contains(strings, "incr"));
  CHECK(!contains(strings, "del"));
  CHECK(texts(connection.ask({"command", "list", "filterby", "aclcat", "keyspace"})).size() > 20);
  CHECK(connection.send({"command", "list", "filterby", "aclcat", "nope"}) == "*0 ");
  CHECK(connection.send({"command", "list", "filterby"}) == "-ERR syntax error ");
  CHECK(connection.send({"command", "list", "filterby", "what", "x"}) == "-ERR syntax error ");
  CHECK(connection.send({"command", "list", "pattern", "pattern", "x"}) == "-ERR syntax error ");
}

TEST_CASE("COMMAND GETKEYS") {
  Connection connection;
  CHECK(connection.send({"command", "getkeys", "get", "k"}) == "*1 $1 k ");
  CHECK(connection.send({"command", "getkeys", "MSET", "a", "1", "b", "2"}) == "*2 $1 a $1 b ");
  CHECK(connection.send({"command", "getkeys", "memory", "usage", "k"}) == "*1 $1 k ");
  CHECK(connection.send({"command", "getkeys", "set", "k", "v", "60"}) == "*1 $1 k ");
  CHECK(connection.send({"command", "getkeys", "ttl", "k", "60"}) == "*1 $1 k ");
  CHECK(connection.send({"command", "getkeys", "nope", "k"}) == "-ERR Invalid command specified ");
  CHECK(connection.send({"command", "getkeys", "config|get", "k"}) == "-ERR Invalid command specified ");
  CHECK(connection.send({"command", "getkeys", "config", "nope"}) == "-ERR Invalid command specified ");
  CHECK(connection.send({"command", "getkeys", "ping", "x"}) == "-ERR The command has no key arguments ");
  CHECK(connection.send({"command", "getkeys", "config", "get", "x"}) ==
        "-ERR The command has no key arguments ");
  CHECK(connection.send({"command", "getkeys", "memory", "x"}) == "-ERR Invalid command specified ");
  const std::string number = "-ERR Invalid number of arguments specified for command ";
  CHECK(connection.send({"command", "getkeys", "get"}) ==
        "-ERR wrong number of arguments for 'command|getkeys' command ");
  CHECK(connection.send({"command", "getkeys", "get", "a", "b"}) == number);
  CHECK(connection.send({"command", "getkeys", "mset", "a"}) == number);
}

TEST_CASE("COMMAND GETKEYSANDFLAGS") {
  Connection connection;
  CHECK(connection.send({"command", "getkeysandflags", "rename", "a", "b"}) ==
        "*2 *2 $1 a *3 +RW +access +delete *2 $1 b *2 +OW +update ");
  CHECK(connection.send({"command", "getkeysandflags", "set", "a", "get"}) == "*1 *2 $1 a *2 +OW +update ");
  CHECK(connection.send({"command", "getkeysandflags", "set", "a", "b", "GET"}) ==
        "*1 *2 $1 a *3 +RW +access +update ");
  connection.client.version = RespVersion::k3;
  CHECK(connection.send({"command", "getkeysandflags", "lcs", "a", "b"}) ==
        "*2 *2 $1 a ~2 +RO +access *2 $1 b ~2 +RO +access ");
  connection.client.version = RespVersion::k2;
  CHECK(connection.send({"command", "getkeysandflags", "zunionstore", "d", "2", "a", "b"}) ==
        "*3 *2 $1 d *2 +OW +update *2 $1 a *2 +RO +access *2 $1 b *2 +RO +access ");
  CHECK(connection.send({"command", "getkeysandflags", "sort", "a", "store", "b"}) ==
        "*2 *2 $1 a *2 +RO +access *2 $1 b *2 +OW +update ");
}

TEST_CASE("COMMAND DOCS get, byte for byte") {
  Connection connection;
  CHECK(connection.send({"command", "docs", "GET", "nope"}) ==
        "*2 $3 get *10 $7 summary $28 Returns the string at a key. $5 since $5 1.0.0 $5 group $6 string "
        "$10 complexity $4 O(1) $9 arguments *1 *6 $4 name $3 key $4 type $3 key $14 key_spec_index :0 ");
  connection.client.version = RespVersion::k3;
  CHECK(connection.send({"command", "docs", "get"}) ==
        "%1 $3 get %5 $7 summary $28 Returns the string at a key. $5 since $5 1.0.0 $5 group $6 string "
        "$10 complexity $4 O(1) $9 arguments *1 %3 $4 name $3 key $4 type $3 key $14 key_spec_index :0 ");
  CHECK(connection.send({"command", "docs", "nope"}) == "%0 ");
}

TEST_CASE("COMMAND DOCS gives arguments as Redis does") {
  Connection connection;
  connection.client.version = RespVersion::k3;
  const ReplyValue docs =
      connection.ask({"command", "docs", "set", "mset", "copy", "getset", "incrbyfloat", "config"});
  const ReplyValue set = field(field(docs, "set"), "arguments");
  REQUIRE(set.elements.size() == 5);
  CHECK(field(set.elements[1], "type").text == "string");
  CHECK(field(set.elements[2], "type").text == "oneof");
  CHECK(texts(field(set.elements[2], "flags")) == Texts{"optional"});
  CHECK(field(set.elements[3], "token").text == "GET");
  const ReplyValue expiration = field(set.elements[4], "arguments");
  REQUIRE(expiration.elements.size() == 5);
  CHECK(field(expiration.elements[0], "name").text == "seconds");
  CHECK(field(expiration.elements[0], "type").text == "integer");
  CHECK(field(expiration.elements[0], "token").text == "EX");
  CHECK(field(expiration.elements[2], "type").text == "unix-time");
  CHECK(field(expiration.elements[4], "type").text == "pure-token");

  const ReplyValue pairs = field(field(docs, "mset"), "arguments").elements.at(0);
  CHECK(field(pairs, "type").text == "block");
  CHECK(texts(field(pairs, "flags")) == Texts{"multiple"});
  const ReplyValue copy = field(field(docs, "copy"), "arguments");
  CHECK(field(copy.elements[0], "key_spec_index").integer == 0);
  CHECK(field(copy.elements[1], "key_spec_index").integer == 1);
  CHECK(field(copy.elements[2], "token").text == "DB");
  CHECK(texts(field(field(docs, "getset"), "doc_flags")) == Texts{"deprecated"});
  CHECK(field(field(field(docs, "incrbyfloat"), "arguments").elements[1], "type").text == "double");
  CHECK(field(field(docs, "config"), "subcommands").elements.size() == 8);
  CHECK(field(field(field(docs, "config"), "subcommands").elements[1], "group").text == "server");
}

TEST_CASE("COMMAND DOCS documents everything that COMMAND lists") {
  for (const RespVersion version : {RespVersion::k2, RespVersion::k3}) {
    Connection connection;
    connection.client.version = version;
    const std::size_t count = static_cast<std::size_t>(connection.ask({"command", "count"}).integer);
    CHECK(connection.ask({"command", "docs"}).elements.size() == 2 * count);
  }
}

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/session/connection.h"

using namespace ringhold;

namespace {

using Texts = std::vector<std::string>;

bool contains(const Texts& lines, std::string_view line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

}  // namespace

TEST_CASE("HELP lists every command once, by group") {
  Connection connection;
  const Texts lines = texts(connection.ask({"help"}));
  CHECK(lines[0] == "HELP command explains one of these:");
  CHECK(lines[1].find("connection: PING ECHO HELLO") == 0);
  std::size_t words = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    words += static_cast<std::size_t>(std::count(lines[i].begin(), lines[i].end(), ' '));
  }
  CHECK(static_cast<std::int64_t>(words) == connection.ask({"command", "count"}).integer);
}

TEST_CASE("HELP explains a command, its short forms included") {
  Connection connection;
  const Texts set = texts(connection.ask({"help", "set"}));
  CHECK(set[0].find("SET key value [NX | XX] [GET] [EX seconds | ") == 0);
  CHECK(set[1].find("    Sets the string at a key") == 0);
  CHECK(contains(set, "    Costs O(1)"));
  CHECK(contains(set, "    Since 1.0.0; group string"));
  CHECK(contains(set, "SET key value seconds"));
  CHECK(contains(set, "    Short for SET key value EX seconds."));
  CHECK(texts(connection.ask({"HELP", "SIZE"}))[0] == "SIZE");
  CHECK(contains(texts(connection.ask({"help", "substr"})), "    Better: `GETRANGE`"));
}

TEST_CASE("HELP knows containers and subcommands") {
  Connection connection;
  const Texts get = texts(connection.ask({"help", "config", "GET"}));
  CHECK(get[0] == "CONFIG GET parameter [parameter ...]");
  CHECK(contains(texts(connection.ask({"help", "config", "set"})), "    Needs the role admin"));
  const Texts config = texts(connection.ask({"help", "config"}));
  CHECK(config == texts(connection.ask({"config", "help"})));
  const Texts command = texts(connection.ask({"help", "command"}));
  CHECK(command[0] == "COMMAND");
  CHECK(contains(command, "GETKEYS command arg [arg ...]"));
}

TEST_CASE("HELP for what there is not") {
  Connection connection;
  CHECK(connection.send({"help", "nope"}) == "-ERR there is no command 'nope'; HELP lists them all ");
  CHECK(connection.send({"help", "get", "set"}) ==
        "-ERR there is no command 'get|set'; HELP lists them all ");
  CHECK(connection.send({"help", "a", "b", "c"}) == "-ERR wrong number of arguments for 'help' command ");
  CHECK(connection.send({"help", "\r\n+OK"}) ==
        "-ERR there is no command '\\x0d\\x0a+OK'; HELP lists them all ");
}

TEST_CASE("containers' HELP is an array of lines, as Redis has it") {
  Connection connection;
  for (const CommandRow& row : command_rows()) {
    if (!row.is_subcommand() || row.name.substr(row.name.find('|')) != "|help") continue;
    CAPTURE(row.name);
    const std::string container(row.name.substr(0, row.name.find('|')));
    const ReplyValue help = connection.ask({container, "help"});
    CHECK(help.elements.size() == 1 + 2 * subcommands_of(*find_row(container)).size());
    for (const ReplyValue& line : help.elements) CHECK(line.kind == ReplyValue::Kind::kSimple);
  }
  const Texts lines = texts(connection.ask({"slowlog", "HELP"}));
  CHECK(lines[0] == "SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  CHECK(lines[1] == "GET [count]");
  CHECK(lines[2] == "    Returns the newest entries of the slow log; -1 means all.");
}

TEST_CASE("LOLWUT shows the version") {
  Connection connection;
  const std::string art = connection.ask({"lolwut"}).text;
  CHECK(art.find("Ringhold ver. ") != std::string::npos);
  CHECK(art.find("Redis ver. 7.0.15\n") != std::string::npos);
  CHECK(connection.ask({"lolwut", "version", "5", "6"}).text == art);
}

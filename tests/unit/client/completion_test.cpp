#include "client/completion.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "client/help_view.h"

namespace ringhold::client {
namespace {

using Words = std::vector<std::string>;

bool offers(std::string_view line, const std::string& word) {
  const Words words = complete_command(line);
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST_CASE("complete_command: names, in the case in which they were begun") {
  CHECK(offers("ge", "get"));
  CHECK(offers("GE", "GET"));
  CHECK(offers("", "ping"));
  CHECK(complete_command("getra") == Words{"getrange"});
  CHECK(complete_command("nosuch").empty());
}

TEST_CASE("complete_command: each name once, however many rows it has") {
  const Words words = complete_command("set");
  CHECK(std::count(words.begin(), words.end(), "set") == 1);
}

TEST_CASE("complete_command: subcommands, and nothing where keys stand") {
  CHECK(offers("config ", "get"));
  CHECK(offers("CONFIG r", "resetstat"));
  CHECK(complete_command("config|").empty());
  CHECK(complete_command("get ").empty());
  CHECK(complete_command("config get ").empty());
}

TEST_CASE("complete_command: behind help and a repeat count") {
  CHECK(offers("help ge", "get"));
  CHECK(offers("help config g", "get"));
  CHECK(offers("5 inc", "incr"));
}

TEST_CASE("complete_command: words of the client's own, and odd lines") {
  CHECK(offers("st", "status"));
  CHECK(offers("qu", "quit"));
  CHECK(complete_command("get \"ab").empty());
}

TEST_CASE("render_help: a command, its subcommands, a group") {
  const std::string get = render_help(Words{"GET"}, false);
  CHECK(get.find("\n  GET key\n") != std::string::npos);
  CHECK(get.find("GETRANGE") == std::string::npos);
  CHECK(render_help(Words{"config"}, false).find("CONFIG GET") != std::string::npos);
  CHECK(render_help(Words{"config", "get"}, false).find("CONFIG SET") == std::string::npos);
  CHECK(render_help(Words{"@string"}, false).find("\n  APPEND ") != std::string::npos);
  CHECK(render_help(Words{}, false).find("@string") != std::string::npos);
  CHECK(render_help(Words{"no\x1bsuch"}, false) ==
        "No help for 'no\\x1bsuch'; \"help\" alone lists the groups.\n");
  CHECK(get.find('\x1b') == std::string::npos);
  CHECK(render_help(Words{"get"}, true).find("\x1b[1mGET\x1b[0m") != std::string::npos);
}

}  // namespace
}  // namespace ringhold::client

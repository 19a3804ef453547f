#include "client/completion.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "client/help_view.h"
#include "common/command/command_table.h"

namespace ringhold::client {
namespace {

using Words = std::vector<std::string>;

bool offers(std::string_view line, const std::string& word) {
  const Words words = complete_command(line).words;
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST_CASE("complete_command: names, in the case in which they were begun") {
  CHECK(offers("ge", "get"));
  CHECK(offers("GE", "GET"));
  CHECK(offers("", "ping"));
  CHECK(complete_command("getra").words == Words{"getrange"});
  CHECK(complete_command("nosuch").words.empty());
}

TEST_CASE("complete_command: each name once, however many rows it has") {
  const Words words = complete_command("set").words;
  CHECK(std::count(words.begin(), words.end(), "set") == 1);
}

TEST_CASE("complete_command: subcommands, and nothing where keys stand") {
  CHECK(offers("config ", "get"));
  CHECK(offers("CONFIG r", "resetstat"));
  CHECK(complete_command("config|").words.empty());
  CHECK(complete_command("get ").words.empty());
  CHECK(complete_command("config get ").words.empty());
}

TEST_CASE("complete_command: behind help and a repeat count") {
  CHECK(offers("help ge", "get"));
  CHECK(offers("help config g", "get"));
  CHECK(offers("5 inc", "incr"));
}

TEST_CASE("complete_command: words of the client's own, and odd lines") {
  CHECK(offers("st", "status"));
  CHECK(offers("qu", "quit"));
  CHECK(complete_command("get \"ab").words.empty());
}

TEST_CASE("complete_command: the words of options, where they may stand") {
  CHECK(complete_command("set k v ").words ==
        Words{"ex", "exat", "get", "keepttl", "nx", "px", "pxat", "xx"});
  CHECK(complete_command("SET k v NX ").words == Words{"EX", "EXAT", "GET", "KEEPTTL", "PX", "PXAT"});
  CHECK(complete_command("set k v ex ").words.empty());
  CHECK(complete_command("expire k 1 ").words == Words{"gt", "lt", "nx", "xx"});
  CHECK(complete_command("sort k d").words == Words{"desc"});
  CHECK(complete_command("linsert k ").words == Words{"after", "before"});
  CHECK(complete_command("lmove a b l").words == Words{"left"});
  CHECK(complete_command("zinter 2 a b ").words == Words{"aggregate", "weights", "withscores"});
  CHECK(complete_command("zinter 2 a ").words.empty());
  CHECK(complete_command("scan 0 type h").words == Words{"hash"});
  CHECK(complete_command("command docs getra").words == Words{"getrange"});
  CHECK(complete_command("help @str").words == Words{"@string"});
  CHECK(complete_command("help LINS").words == Words{"LINSERT"});
  CHECK(complete_command("set k \"v ").words.empty());
  CHECK(complete_command("set \"a b\" v n").words == Words{"nx"});
  CHECK(complete_command("SET k v n").typed == 1);
}

TEST_CASE("hint_for: what is still to be typed") {
  struct Case {
    const char* line;
    const char* hint;
  };
  for (const Case& c : {Case{"", ""},
                        {"ge", ""},
                        {"get", " key"},
                        {"get ", "key"},
                        {"get k", ""},
                        {"get k extra", ""},
                        {"nosuch ", ""},
                        {"5 getrange k ", "start end"},
                        {"lrem ", "key count element"},
                        {"size", ""},
                        {"lget", " key index"},
                        {"config get ", "parameter [parameter ...]"},
                        {"config", " <GET | HELP | RESETSTAT | SET>"},
                        {"expire k 1 n", ""},
                        {"expire k 1 nx", ""},
                        {"set k v ",
                         "[NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT "
                         "unix-time-milliseconds | KEEPTTL]"},
                        {"set k v ex 10 ", "[NX | XX] [GET]"},
                        {"zadd k xx ch ", "[GT | LT] [INCR] score member [score member ...]"},
                        {"zadd k 1 ", "member [score member ...]"},
                        {"zadd k 1 m ", "[score member ...]"},
                        {"mset a b ", "[key value ...]"},
                        {"mset a b c ", "value [key value ...]"},
                        {"sort k get # ",
                         "[GET pattern ...] [BY pattern] [LIMIT offset count] [ASC | DESC] [ALPHA] "
                         "[STORE destination]"},
                        {"sort k limit ",
                         "offset count [BY pattern] [GET pattern [GET pattern ...]] [ASC | DESC] "
                         "[ALPHA] [STORE destination]"},
                        {"lmpop 2 a b ", "<LEFT | RIGHT> [COUNT count]"},
                        {"connect ", "host:port"},
                        {"status ", "[--watch [seconds]]"}}) {
    CAPTURE(c.line);
    CHECK(hint_for(c.line) == std::string(c.hint));
  }
}

// Whatever is typed, word for word of what the table says, hints and completion hold.
TEST_CASE("hint_for and complete_command: every command, with any number of arguments") {
  for (const CommandRow& row : command_rows()) {
    std::string line(row.name);
    std::replace(line.begin(), line.end(), '|', ' ');
    CAPTURE(line);
    if (!row.syntax.empty() && !row.is_short_form() && row.name.find('|') == std::string_view::npos) {
      CHECK(hint_for(line).size() > 1);
    }
    for (int i = 0; i < 8; ++i) {
      line += i % 3 == 2 ? " 2" : " x";
      (void)hint_for(line);
      (void)complete_command(line + " ");
    }
  }
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

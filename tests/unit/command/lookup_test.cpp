#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "common/command/command_table.h"

using namespace ringhold;

namespace {

using Args = std::vector<std::string_view>;

CommandLookup look_up(const Args& args) {
  return find_command(args);
}

const CommandRow* row_of(const Args& args) {
  return find_command(args).row;
}

std::string error_of(const Args& args) {
  const CommandLookup found = find_command(args);
  CHECK(found.row == nullptr);
  return found.error;
}

std::string mixed_case(std::string_view text) {
  std::string mixed(text);
  for (std::size_t i = 0; i < mixed.size(); i += 2) mixed[i] = to_upper(mixed.substr(i, 1))[0];
  return mixed;
}

// A request with the row's least number of arguments.
struct Request {
  std::vector<std::string> words;
  Args args;
  explicit Request(const CommandRow& row) {
    std::string name = mixed_case(row.name);
    if (const std::size_t bar = name.find('|'); bar != std::string::npos) {
      words = {name.substr(0, bar), name.substr(bar + 1)};
    } else {
      words = {name};
    }
    const auto least = static_cast<std::size_t>(row.arity > 0 ? row.arity : -row.arity);
    while (words.size() < least) words.emplace_back("x");
    for (const std::string& word : words) args.emplace_back(word);
  }
};

}  // namespace

TEST_CASE("every command is found by its name in any case, and counted") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    if (!subcommands_of(row).empty() && row.id != CommandId::kCommand) continue;
    Request request(row);
    if (row.number_at > 0) request.args[row.number_at] = "60";
    const CommandLookup found = find_command(request.args);
    REQUIRE(found.row == &row);
    CHECK(found.error.empty());
  }
}

TEST_CASE("rows are found by full name, without regard to arity") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    const CommandRow* found = find_row(mixed_case(row.name));
    REQUIRE(found != nullptr);
    CHECK(found->name == row.name);
    CHECK((found == &row || row.is_short_form()));
  }
  for (const std::string_view name :
       {"", "|", "nope", "config|", "|get", "config|nope", "get|get", "nope|get", "config|get|get",
        "a name that is much longer than any command has"}) {
    CAPTURE(name);
    CHECK(find_row(name) == nullptr);
  }
  // Not a name, though its bytes would be those of one if zero bytes did not count.
  CHECK(find_row(std::string_view("get\0", 4)) == nullptr);
}

TEST_CASE("unknown commands are refused in Redis's words") {
  CHECK(error_of({"foo"}) == "ERR unknown command 'foo', with args beginning with: ");
  CHECK(error_of({"FOO", "a", "b"}) == "ERR unknown command 'FOO', with args beginning with: 'a' 'b' ");
  CHECK(error_of({""}) == "ERR unknown command '', with args beginning with: ");
  CHECK(error_of({"config|get", "x"}) == "ERR unknown command 'config|get', with args beginning with: 'x' ");
  // Commands of later issues, and those that are not for now.
  for (const char* name : {"xadd", "pfadd", "eval", "multi", "subscribe", "acl", "monitor", "wait"}) {
    CHECK(row_of({name, "a", "b", "c"}) == nullptr);
  }
}

TEST_CASE("what an unknown command's error quotes is cut as Redis cuts it") {
  const std::string long_name(300, 'n');
  CHECK(error_of({long_name}) ==
        "ERR unknown command '" + std::string(128, 'n') + "', with args beginning with: ");
  const std::string half(100, 'a');
  // 103 bytes with quotes and blank; 25 are left for the next; the third does not come any more.
  CHECK(error_of({"foo", half, std::string(100, 'b'), "c"}) ==
        "ERR unknown command 'foo', with args beginning with: '" + half + "' '" + std::string(25, 'b') +
            "' ");
  CHECK(error_of({"foo", std::string_view("a\0b", 3)}) ==
        "ERR unknown command 'foo', with args beginning with: 'a' ");
}

TEST_CASE("unknown subcommands are refused in Redis's words") {
  CHECK(error_of({"config", "nope"}) == "ERR unknown subcommand 'nope'. Try CONFIG HELP.");
  CHECK(error_of({"Client", "x y", "z"}) == "ERR unknown subcommand 'x y'. Try CLIENT HELP.");
  CHECK(error_of({"config", "rewrite"}) == "ERR unknown subcommand 'rewrite'. Try CONFIG HELP.");
  CHECK(error_of({"command", "nope"}) == "ERR unknown subcommand 'nope'. Try COMMAND HELP.");
  // A subcommand of another container is none.
  CHECK(error_of({"memory", "keyslot"}) == "ERR unknown subcommand 'keyslot'. Try MEMORY HELP.");
  CHECK(error_of({"keyslot", "x"}) == "ERR unknown command 'keyslot', with args beginning with: 'x' ");
}

TEST_CASE("wrong numbers of arguments are refused under the full name") {
  CHECK(error_of({"GET"}) == "ERR wrong number of arguments for 'get' command");
  CHECK(look_up({"GET"}).rejected == find_row("get"));
  CHECK(look_up({"no-such-command"}).rejected == nullptr);
  CHECK(error_of({"get", "a", "b"}) == "ERR wrong number of arguments for 'get' command");
  CHECK(error_of({"config"}) == "ERR wrong number of arguments for 'config' command");
  CHECK(error_of({"CONFIG", "GET"}) == "ERR wrong number of arguments for 'config|get' command");
  CHECK(error_of({"set", "a"}) == "ERR wrong number of arguments for 'set' command");
  CHECK(error_of({"keys", "a", "b"}) == "ERR wrong number of arguments for 'keys' command");
  CHECK(error_of({"ttl"}) == "ERR wrong number of arguments for 'ttl' command");
  CHECK(row_of({"command"}) == &command_row(CommandId::kCommand));
}

TEST_CASE("keys and values come in pairs") {
  CHECK(row_of({"mset", "a", "1", "b", "2"}) == &command_row(CommandId::kMset));
  CHECK(error_of({"mset", "a", "1", "b"}) == "ERR wrong number of arguments for 'mset' command");
  CHECK(error_of({"msetnx", "a", "1", "b"}) == "ERR wrong number of arguments for 'msetnx' command");
  CHECK(row_of({"mget", "a", "b", "c"}) == &command_row(CommandId::kMget));
}

TEST_CASE("SET with a bare number is the short form, with an option it is the full command") {
  const CommandRow& full = command_row(CommandId::kSet);
  const CommandRow& seconds = command_row(CommandId::kSetSeconds);
  CHECK(row_of({"set", "k", "v"}) == &full);
  CHECK(row_of({"set", "k", "v", "60"}) == &seconds);
  CHECK(row_of({"SET", "k", "v", "-1"}) == &seconds);
  CHECK(row_of({"set", "k", "v", "0"}) == &seconds);
  for (const char* option : {"nx", "XX", "get", "KEEPTTL", "EX", "", " 60", "60 ", "+60", "060", "6e1", "1.5",
                             "99999999999999999999"}) {
    CAPTURE(option);
    CHECK(row_of({"set", "k", "v", option}) == &full);
  }
  CHECK(row_of({"set", "k", "v", "60", "NX"}) == &full);
  CHECK(row_of({"set", "k", "v", "EX", "60"}) == &full);
}

TEST_CASE("TTL, KEYS, SIZE and REMOVE are chosen by name and number of arguments") {
  CHECK(row_of({"ttl", "k"}) == &command_row(CommandId::kTtl));
  CHECK(row_of({"ttl", "k", "60"}) == &command_row(CommandId::kTtlSet));
  CHECK(row_of({"ttl", "k", "soon"}) == &command_row(CommandId::kTtlSet));
  CHECK(error_of({"ttl", "k", "60", "NX"}) == "ERR wrong number of arguments for 'ttl' command");
  CHECK(row_of({"keys"}) == &command_row(CommandId::kKeysAll));
  CHECK(row_of({"keys", "*"}) == &command_row(CommandId::kKeys));
  CHECK(row_of({"Size"}) == &command_row(CommandId::kSize));
  CHECK(error_of({"size", "x"}) == "ERR wrong number of arguments for 'size' command");
  CHECK(row_of({"remove", "k"}) == &command_row(CommandId::kRemove));
  CHECK(row_of({"lget", "list", "0"}) == &command_row(CommandId::kListGet));
  CHECK(row_of({"lrem", "list", "a"}) == &command_row(CommandId::kLremAll));
  CHECK(row_of({"lrem", "list", "1", "a"}) == &command_row(CommandId::kLrem));
  CHECK(command_row(CommandId::kTtlSet).is_write());
  CHECK(look_up({"ttl", "k"}).row->is_read_only());
}

TEST_CASE("short forms are rewritten to what they stand for, without copying") {
  const std::string value = "the value";
  const Args args = {"set", "k", value, "60"};
  Args full = {"left", "over"};
  rewrite_short_form(command_row(CommandId::kSetSeconds), args, full);
  CHECK(full == Args{"SET", "k", "the value", "EX", "60"});
  CHECK(full[2].data() == value.data());
  rewrite_short_form(command_row(CommandId::kTtlSet), Args{"ttl", "k", "60"}, full);
  CHECK(full == Args{"EXPIRE", "k", "60"});
  rewrite_short_form(command_row(CommandId::kKeysAll), Args{"keys"}, full);
  CHECK(full == Args{"KEYS", "*"});
  rewrite_short_form(command_row(CommandId::kSize), Args{"size"}, full);
  CHECK(full == Args{"DBSIZE"});
  rewrite_short_form(command_row(CommandId::kListGet), Args{"lget", "k", "-1"}, full);
  CHECK(full == Args{"LINDEX", "k", "-1"});
  rewrite_short_form(command_row(CommandId::kLremAll), Args{"lrem", "k", "a"}, full);
  CHECK(full == Args{"LREM", "k", "0", "a"});
  rewrite_short_form(command_row(CommandId::kRemove), Args{"remove", "k"}, full);
  CHECK(full == Args{"DEL", "k"});
}

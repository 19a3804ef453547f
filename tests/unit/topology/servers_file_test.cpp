#include "cluster/topology/servers_file.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "common/base/limits.h"

namespace ringhold {
namespace {

const Address kA{"127.0.0.1", 9501};
const Address kB{"127.0.0.1", 9502};

TEST_CASE("servers file: the long form") {
  const auto file = parse_servers_file(R"({
    "$schema": "./servers.schema.json",
    "epoch": 18446744073709551615,
    "servers": [
      {"name": "b", "weight": 1000000, "replicas": ["127.0.0.1:9502", "[::1]:9503"]},
      {"replicas": ["127.0.0.1:9501"], "name": "a"}
    ]
  })");
  REQUIRE(file.ok());
  CHECK(file->epoch == 18446744073709551615U);
  CHECK_FALSE(file->short_form);
  CHECK(file->servers == std::vector<ShardSpec>{{"a", 1, {kA}}, {"b", 1000000, {kB, {"::1", 9503}}}});
}

TEST_CASE("servers file: the short form names shards by address") {
  const auto file =
      parse_servers_file(R"([{"addr": "[::1]:9503"}, {"addr": "127.0.0.1:9501", "weight": 500}])");
  REQUIRE(file.ok());
  CHECK(file->short_form);
  CHECK_FALSE(file->epoch.has_value());
  CHECK(file->servers ==
        std::vector<ShardSpec>{{"127.0.0.1:9501", 500, {kA}}, {"[::1]:9503", 1, {{"::1", 9503}}}});
}

TEST_CASE("servers file: a byte order mark and Windows line ends are taken") {
  CHECK(parse_servers_file("\xEF\xBB\xBF[\r\n{\"addr\": \"127.0.0.1:9501\"}\r\n]\r\n").ok());
}

TEST_CASE("servers file: what is formatted parses back") {
  ServersFile file;
  file.servers = {
      {"127.0.0.1:9501", 500, {kA}}, {"a", 1, {kB, {"::1", 1}}}, {"z_-.", 7, {{"data.example", 65535}}}};
  file.epoch = 12;
  CHECK(parse_servers_file(format_servers_file(file)).value() == file);
  file.epoch.reset();
  CHECK(parse_servers_file(format_servers_file(file)).value() == file);
  CHECK(format_servers_file({{{"a", 2, {kA, kB}}}, 7, false}) ==
        "{\n  \"epoch\": 7,\n  \"servers\": [\n"
        "    {\"name\": \"a\", \"weight\": 2, \"replicas\": [\"127.0.0.1:9501\", \"127.0.0.1:9502\"]}\n  "
        "]\n}\n");
}

struct BadFile {
  const char* text;
  std::size_t line;
  const char* says;  // a part of the message
};

// Raw newlines are the lines that count.
const BadFile kBadFiles[] = {
    // Not JSON.
    {"", 1, "the file is empty; write {\"servers\""},
    {" \n\n ", 1, "the file is empty"},
    {"\xEF\xBB\xBF\n", 1, "is the file complete?"},
    {"\xEF\xBB", 1, "this is not JSON"},
    {"\xFF\xFE[", 1, "this is not JSON"},
    {"servers", 1, "this is not JSON"},
    {"{\"servers\":\n[", 2, "is the file complete?"},
    {"[\n{\"addr\":\n\"127.0.0.1:1\"},\n]", 4, "is there a comma too many before it?"},
    {"[\n{\"addr\": \"127.0.0.1:1\",}]", 2, "is there a comma too many before it?"},
    {"{\"servers\": 7\n \"epoch\": 1}", 2, "this is not JSON"},
    {"{\n'servers': []}", 2, "this is not JSON"},
    {"{\"servers\": []}\n\n{}", 3, "expected end of input"},
    {"// mine\n[]", 1, "JSON has no comments"},
    {"[\n\n# mine\n]", 3, "JSON has no comments"},
    {"[\n/* mine */ {}]", 2, "JSON has no comments"},
    {"[\n{\"addr\": \"127.0.0.1\n:1\"}]", 2, "this is not JSON"},
    {"[{\"addr\":\n \"\xC3(\"}]", 2, "UTF-8"},
    {"[{\"weight\": 1e999\n}]", 1, "this is not JSON"},
    {"[{\"weight\": 01\n}]", 1, "this is not JSON"},
    {"[[[[[[[[[[[[[[[[[[[[", 1, "nested more than 16 deep"},
    {"{\"servers\": [],\n\"servers\": []}", 2, "\"servers\" stands twice in one object (first on line 1)"},
    {"[{\"addr\": \"a:1\",\n\n\"addr\": \"b:1\"}]", 3, "\"addr\" stands twice"},
    // Not a list of shards.
    {"\n7", 2, "the file holds the number 7; write {\"servers\""},
    {"null", 1, "the file holds null"},
    {"-1.5", 1, "the file holds the number -1.5"},
    {"\"x\\ny\"", 1, "the file holds the text 'x\\x0ay'"},
    {"{}", 1, "\"servers\" is missing"},
    {"\n{\"server\": []}", 2, "unknown member \"server\"; known here: \"servers\""},
    {"{\"servers\":\n\n{}}", 3, "\"servers\" is an object; write a list"},
    {"{\"servers\":\nnull}", 2, "\"servers\" is null"},
    {"\n[]", 2, "there are no shards"},
    {"{\"servers\":\n[]}", 2, "there are no shards"},
    {"[\n\"127.0.0.1:1\"]", 2, "a shard is an object, not the text '127.0.0.1:1'; write [{\"addr\""},
    {"{\"servers\": [\n\n[]]}", 3, "a shard is an object, not a list; write {\"servers\""},
    {"{\"servers\": [],\n\"epoch\":\n-1}", 3, "\"epoch\" is the number -1; proxies write it"},
    {"{\"epoch\":\"7\", \"servers\": []}", 1, "\"epoch\" is the text '7'"},
    // Long form.
    {"{\"servers\": [\n{}]}", 2, "a shard has no \"name\""},
    {"{\"servers\": [\n{\"replicas\": [\"a:1\"]}]}", 2, "a shard has no \"name\""},
    {"{\"servers\": [\n{\"name\":\"a\"}]}", 2, "shard 'a' has no \"replicas\""},
    {"{\"servers\": [{\n\"name\":\n\"\"}]}", 3, "\"name\" is the text ''; write 1 to 128 letters"},
    {"{\"servers\": [{\n\"name\": \"a b\"}]}", 2, "\"name\" is the text 'a b'"},
    {"{\"servers\": [{\n\"name\": \"\xC3\xA4\"}]}", 2, "\"name\" is the text '\\xc3\\xa4'"},
    {"{\"servers\": [{\n\"name\": \"a\\u0000\"}]}", 2, "\"name\" is the text 'a\\x00'"},
    {"{\"servers\": [{\n\"name\": 1}]}", 2, "\"name\" is the number 1"},
    {"{\"servers\": [{\"name\": \"a\", \"replicas\":\n[]}]}", 2,
     "\"replicas\" is empty; list 1 to 7 addresses"},
    {"{\"servers\": [{\"name\": \"a\", \"replicas\":\n\"a:1\"}]}", 2, "\"replicas\" is the text 'a:1'"},
    {"{\"servers\": [{\"name\": \"a\", \"replicas\": [\n9501]}]}", 2,
     "an address is a text, not the number 9501"},
    {"{\"servers\": [{\"name\": \"a\", \"replicas\": "
     "[\"a:1\",\"a:2\",\"a:3\",\"a:4\",\"a:5\",\"a:6\",\"a:7\",\n\"a:8\"]}]}",
     2, "a shard has at most 7 replicas"},
    {"{\"servers\": [{\"name\": \"a\", \"replicas\": [\"a:1\",\n\"a:1\"]}]}", 2,
     "a:1 stands twice (first on line 1)"},
    {"{\"servers\": [{\"name\": \"a\", \"replicas\": [\"a:1\"]},\n{\"name\": \"b\", \"replicas\": "
     "[\n\"A:1\"]}]}",
     3, "A:1 stands twice (first on line 1)"},
    {"{\"servers\": [{\"name\": \"a\", \"replicas\": [\"[::1]:1\"]},\n{\"name\": \"b\", \"replicas\": "
     "[\"[0:0::1]:1\"]}]}",
     2, "stands twice"},
    {"{\"servers\": [{\n\"name\": \"a\", \"replicas\": [\"a:1\"]},\n{\"replicas\": [\"a:2\"],\n\"name\": "
     "\"a\"}]}",
     4, "the name 'a' stands twice (first on line 2)"},
    {"{\"servers\": [{\"name\": \"a\",\n\"addr\": \"a:1\"}]}", 2, "\"addr\" belongs to the short form"},
    {"{\"servers\": [{\"name\": \"a\",\n\"wieght\": 2}]}", 2,
     "unknown member \"wieght\"; known here: \"name\", \"weight\""},
    // Weights.
    {"[{\"addr\": \"a:1\", \"weight\":\n0}]", 2,
     "\"weight\" is the number 0; write a whole number from 1 to 1000000"},
    {"[{\"addr\": \"a:1\", \"weight\":\n-1}]", 2, "\"weight\" is the number -1"},
    {"[{\"addr\": \"a:1\", \"weight\":\n1.0}]", 2, "\"weight\" is the number 1.0"},
    {"[{\"addr\": \"a:1\", \"weight\":\n1e3}]", 2, "\"weight\" is the number 1e3"},
    {"[{\"addr\": \"a:1\", \"weight\": 1000001\n}]", 1, "\"weight\" is the number 1000001"},
    {"[{\"addr\": \"a:1\", \"weight\": 18446744073709551616\n}]", 1,
     "\"weight\" is the number 18446744073709551616"},
    {"[{\"addr\": \"a:1\", \"weight\":\n\"2\"}]", 2, "\"weight\" is the text '2'"},
    {"[{\"addr\": \"a:1\", \"weight\":\ntrue}]", 2, "\"weight\" is true"},
    // Short form.
    {"[\n{}]", 2, "a shard has no \"addr\"; write [{\"addr\""},
    {"[\n{\"weight\": 1}]", 2, "a shard has no \"addr\""},
    {"[{\"addr\": \"a:1\"},\n{\"addr\":\n\"a:1\"}]", 3, "a:1 stands twice (first on line 1)"},
    {"[{\n\"name\": \"a\"}]", 2, "\"name\" belongs to the long form"},
    {"[{\n\"replicas\": []}]", 2, "\"replicas\" belongs to the long form"},
    {"[{\n\"host\": \"a\"}]", 2, "unknown member \"host\"; known here: \"addr\", \"weight\""},
    // Addresses.
    {"[{\"addr\":\n\"127.0.0.1\"}]", 2, "write HOST:PORT"},
    {"[{\"addr\":\n\"127.0.0.1:\"}]", 2, "write HOST:PORT"},
    {"[{\"addr\":\n\":9501\"}]", 2, "write HOST:PORT"},
    {"[{\"addr\":\n\"127.0.0.1:65536\"}]", 2, "write HOST:PORT"},
    {"[{\"addr\":\n\"127.0.0.1:-1\"}]", 2, "write HOST:PORT"},
    {"[{\"addr\":\n\"::1:9501\"}]", 2, "write HOST:PORT"},
    {"[{\"addr\":\n\"127.0.0.1:0\"}]", 2, "has port 0"},
    {"[{\"addr\":\n\"0.0.0.0:9501\"}]", 2, "stands for every address"},
    {"[{\"addr\":\n\"[::]:9501\"}]", 2, "stands for every address"},
    {"[{\"addr\":\n\"[0:0::0]:9501\"}]", 2, "stands for every address"},
    {"[{\"addr\":\n\"127.0.0.256:9501\"}]", 2, "no valid IPv4 address"},
    {"[{\"addr\":\n\"127.1:9501\"}]", 2, "no valid IPv4 address"},
    {"[{\"addr\":\n\"[1::2::3]:9501\"}]", 2, "no valid IPv6 address"},
    {"[{\"addr\":\n\"a..b:9501\"}]", 2, "no valid host name"},
    {"[{\"addr\":\n\"-a:9501\"}]", 2, "no valid host name"},
    {"[{\"addr\":\n\"https://a:9501\"}]", 2, "write HOST:PORT"},
};

TEST_CASE("servers file: every kind of bad file is refused with its line, the reason and advice") {
  for (const BadFile& bad : kBadFiles) {
    CAPTURE(std::string(bad.text));
    const auto file = parse_servers_file(bad.text);
    REQUIRE_FALSE(file.ok());
    CAPTURE(file.error().message);
    CHECK(file.error().message.starts_with(fmt::format("line {}: ", bad.line)));
    CHECK(file.error().message.find(bad.says) != std::string::npos);
    CHECK(file.error().message.find("json.exception") == std::string::npos);
  }
}

TEST_CASE("servers file: a file that is cut anywhere is refused") {
  const std::string whole =
      R"({"servers": [{"name": "a", "weight": 12, "replicas": ["127.0.0.1:9501"]}], "epoch": 3})";
  REQUIRE(parse_servers_file(whole).ok());
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(parse_servers_file(whole.substr(0, n)).ok());
}

TEST_CASE("servers file: sizes and counts are bounded") {
  std::string list;
  for (std::size_t i = 0; i <= limits::kShardsMax; ++i) {
    list += fmt::format("{}{{\"addr\": \"h{}:1\"}}", i == 0 ? "[" : ",\n", i);
  }
  const auto too_many = parse_servers_file(list + "]");
  REQUIRE_FALSE(too_many.ok());
  CHECK(too_many.error().message.starts_with("line 1025: more than 1024 shards"));
  CHECK(parse_servers_file(list.substr(0, list.rfind(",\n")) + "]").value().servers.size() ==
        limits::kShardsMax);

  const auto huge = parse_servers_file(std::string(limits::kServersFileBytesMax, ' ') + "[]");
  REQUIRE_FALSE(huge.ok());
  CHECK(huge.error().message.find("the most is") != std::string::npos);

  std::string zeros = "[0";
  for (std::size_t i = 0; i < limits::kJsonValuesMax; ++i) zeros += ",0";
  CHECK(parse_servers_file(zeros + "]").error().message.find("more than 32768 values") != std::string::npos);

  std::string members = "{";
  for (std::size_t i = 0; i <= limits::kJsonMembersMax; ++i) members += fmt::format("\"m{}\": 0,\n", i);
  CHECK(parse_servers_file(members + "}").error().message == "line 65: more than 64 members in one object");

  const std::string name(limits::kShardNameBytesMax, 'n');
  const std::string form = R"({{"servers": [{{"name": "{}", "replicas": ["a:1"]}}]}})";
  CHECK(parse_servers_file(fmt::format(fmt::runtime(form), name)).ok());
  CHECK_FALSE(parse_servers_file(fmt::format(fmt::runtime(form), name + "n")).ok());
}

TEST_CASE("servers file: an address that is too long to be a name needs the long form") {
  const std::string host(limits::kShardNameBytesMax, 'h');
  const auto file = parse_servers_file(fmt::format("[\n{{\"addr\": \"{}:1\"}}]", host));
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().message.starts_with("line 2: "));
  CHECK(file.error().message.find("long form") != std::string::npos);
}

}  // namespace
}  // namespace ringhold

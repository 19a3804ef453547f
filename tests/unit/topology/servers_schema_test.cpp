// The schema and the example that ship must not drift away from the parser.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cluster/topology/servers_file.h"
#include "common/base/limits.h"

namespace ringhold {
namespace {

std::string shipped(const std::string& name) {
  std::ifstream file(std::string(CLUSTER_DIR) + "/" + name);
  REQUIRE(file.good());
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

TEST_CASE("servers.json: the example is what the formatter writes") {
  const auto example = parse_servers_file(shipped("servers.json"));
  REQUIRE(example.ok());
  CHECK(example->servers.size() == 3);
  CHECK(format_servers_file(*example) == shipped("servers.json"));
}

TEST_CASE("servers.schema.json: its bounds are the parser's") {
  const auto schema = nlohmann::json::parse(shipped("servers.schema.json"));
  const auto& kinds = schema["definitions"];
  const auto& shard = kinds["shard"]["properties"];
  CHECK(kinds["longForm"]["properties"]["servers"]["maxItems"] == limits::kShardsMax);
  CHECK(kinds["shortForm"]["maxItems"] == limits::kShardsMax);
  CHECK(shard["name"]["maxLength"] == limits::kShardNameBytesMax);
  CHECK(shard["replicas"]["maxItems"] == limits::kReplicasMax);
  CHECK(kinds["weight"]["maximum"] == limits::kWeightMax);
  CHECK(kinds["longForm"]["additionalProperties"] == false);
  // Every member that the schema knows, the parser takes.
  for (const char* member : {"$schema", "epoch", "servers"})
    CHECK(kinds["longForm"]["properties"].contains(member));
  CHECK(kinds["longForm"]["properties"].size() == 3);
  CHECK(shard.size() == 3);
}

}  // namespace
}  // namespace ringhold

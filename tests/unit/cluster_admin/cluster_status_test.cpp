#include "cluster/admin/cluster_status.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace ringhold {
namespace {

TEST_CASE("cluster status: the document of `ringhold status --json`") {
  const ClusterStatus status{
      .cluster = "cc",
      .epoch = 7,
      .generation = 2,
      .authority = "a",
      .shards = {{.name = "a",
                  .weight = 3,
                  .slots = 4096,
                  .keys = 10,
                  .bytes = 2000,
                  .ops = 1.5,
                  .use = ShardStatus::Use{90, 10, 5, 2},
                  .replicas = {{.addr = "127.0.0.1:9501", .role = "leader", .state = "up", .lag = 0}}},
                 {.name = "b", .slots = 12288}},
  };
  CHECK(
      cluster_status_json(status) ==
      R"({"cluster":"cc","epoch":7,"generation":2,"authority":"a","shards":[)"
      R"({"name":"a","share":0.25,"slots":4096,"keys":10,"bytes":2000,"ops":1.5,"hits":90,"misses":10,"expired":5,"evicted":2,"weight":3,)"
      R"("replicas":[{"addr":"127.0.0.1:9501","role":"leader","state":"up","lag":0}]},)"
      R"({"name":"b","share":0.75,"slots":12288,"keys":null,"bytes":null,"ops":null,"hits":null,"misses":null,"expired":null,)"
      R"("evicted":null,"weight":1,"replicas":[]}],)"
      R"("migration":null,"pending":null})");
}

TEST_CASE("cluster status: a pending edit, and text that is not UTF-8") {
  const ClusterStatus status{
      .pending = PendingEdit{.file = "servers.json", .error = "line 3: \xff", .note = "say \"what\""}};
  const auto document = nlohmann::json::parse(cluster_status_json(status));
  CHECK(document["shards"].is_array());
  CHECK(document["shards"].empty());
  CHECK(document["pending"]["file"] == "servers.json");
  CHECK(document["pending"]["error"] == "line 3: \xEF\xBF\xBD");
  CHECK(document["pending"]["note"] == "say \"what\"");
}

}  // namespace
}  // namespace ringhold

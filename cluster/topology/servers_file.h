// servers.json: the one file by which an operator sizes the cluster. docs/servers-json.md is its manual,
// cluster/servers.schema.json its schema.
//
//   {"servers": [{"name": "a", "weight": 1, "replicas": ["127.0.0.1:9501"]}]}
//   [{"addr": "127.0.0.1:9501", "weight": 500}]          the short form: one replica, named by its address
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/reactor/address.h"

namespace ringhold {

struct ShardSpec {
  std::string name;
  std::uint32_t weight = 1;
  std::vector<Address> replicas;
  bool operator==(const ShardSpec&) const = default;
};

struct ServersFile {
  std::vector<ShardSpec> servers;      // ascending by name, whatever the file's order
  std::optional<std::uint64_t> epoch;  // "epoch": written by proxies, later
  bool short_form = false;
  bool operator==(const ServersFile&) const = default;
};

// Errors are for the operator: "line 7: ", what is wrong, and what to write instead. Refused: what does not
// parse (comments too), no shards ([] too), names or addresses that stand twice, bad addresses (port 0 and
// wildcards too), bad weights, more than 7 replicas, unknown members ("$schema" is known, for editors),
// members that stand twice, bad names.
Result<ServersFile> parse_servers_file(std::string_view text);

// In the long form, one line for each shard, with a newline at the end; parses back to the same servers and
// epoch.
std::string format_servers_file(const ServersFile& file);

// 1..limits::kShardNameBytesMax of letters, digits and . : _ - [ ], so that an address is a name too.
bool is_shard_name(std::string_view name);

}  // namespace ringhold

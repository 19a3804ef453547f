// servers.json: the one file by which an operator sizes the cluster.
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
  std::vector<ShardSpec> servers;       // ascending by name, whatever the file's order
  std::optional<std::uint64_t> epoch;   // "epoch": written by proxies, later
  bool short_form = false;
};

// Errors are for the operator: "line 7: …", what is wrong, and what to write instead. Refused: what does not parse, no
// shards ([] too), duplicate names or addresses, bad addresses (port 0 and wildcards too), bad weights, more than 7 replicas,
// unknown members, names that are empty, too long, or hold characters other than letters, digits, '.', ':', '_', '-', '[', ']'.
Result<ServersFile> parse_servers_file(std::string_view text);

// In the long form, pretty-printed, with a newline at the end; parses back to the same value.
std::string format_servers_file(const ServersFile& file);

}  // namespace ringhold

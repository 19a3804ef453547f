#include "dataserver/authority.h"

#include <fmt/core.h>

#include "cluster/topology/servers_file.h"
#include "common/base/log.h"

namespace ringhold {

namespace {

EditResultMessage answer(const EditMessage& edit, EditStatus status, std::string message = {}) {
  return {edit.request, status, std::move(message)};
}

EditResultMessage found(Node& node, const EditMessage& edit, const ServersFile& file) {
  const ShardSpec& first = file.servers.front();
  if (first.replicas.front() != node.self) {
    return answer(edit, EditStatus::kNotAuthority,
                  fmt::format("{} founds no cluster: that is for shard '{}' at {}", node.self.text(),
                              first.name, first.replicas.front().text()));
  }
  node.decided_topology = true;
  node.topology.offer(std::make_shared<const Topology>(found_topology(file, node.world.rng)));
  log::info("founded cluster {} with {} shards", node.topology.cluster().hex(), file.servers.size());
  return answer(edit, EditStatus::kApplied);
}

// Who decides in the place of an authority that `next` removes; empty if it stays.
const std::string& successor_of(const Topology& current, const Topology& next) {
  static const std::string nobody;
  if (next.find_shard(current.authority) != nullptr) return nobody;
  for (const Shard& shard : next.shards) {
    if (current.find_shard(shard.name) != nullptr) return shard.name;
  }
  return nobody;
}

}  // namespace

EditResultMessage decide_edit(Node& node, const EditMessage& edit) {
  const Result<ServersFile> file = parse_servers_file(edit.servers);
  if (!file) return answer(edit, EditStatus::kRefused, file.error().message);
  const TopologyPtr current = node.topology.current();
  if (current == nullptr) {
    if (const TopologyPtr& remembered = node.topology.remembered(); remembered != nullptr) {
      return answer(edit, EditStatus::kNotAuthority,
                    fmt::format("{} remembers topology {}, and waits until it is confirmed", node.self.text(),
                                remembered->version.text()));
    }
    if (!edit.expected.is_none()) {
      return answer(edit, EditStatus::kNotAuthority,
                    fmt::format("{} knows no topology yet, so it cannot change one", node.self.text()));
    }
    return found(node, edit, *file);
  }
  const bool new_generation = edit.takeover || !node.decided_topology;
  const Result<Topology> next = edit_topology(*current, *file, node.world.rng, new_generation);
  if (!next) return answer(edit, EditStatus::kRefused, next.error().message);
  if (next->version == current->version) return answer(edit, EditStatus::kApplied);  // nothing to change
  const std::string& decider = edit.takeover ? successor_of(*current, *next) : current->authority;
  if (decider.empty()) {
    return answer(edit, EditStatus::kRefused,
                  fmt::format("shard '{}' decides, and this edit keeps it", current->authority));
  }
  if (node.ownership.shard() != decider) {
    return answer(edit, EditStatus::kNotAuthority,
                  fmt::format("shard '{}' decides, not {}", decider, node.self.text()));
  }
  if (edit.expected != current->version) {
    return answer(edit, EditStatus::kConflict,
                  fmt::format("the topology is {} by now, the edit was made for {}", current->version.text(),
                              edit.expected.text()));
  }
  for (const std::string& line : describe_difference(current->specs(), next->specs())) {
    log::info("topology {}: {}", next->version.text(), line);
  }
  node.decided_topology = true;
  node.topology.offer(std::make_shared<const Topology>(*next));
  return answer(edit, EditStatus::kApplied);
}

}  // namespace ringhold

#include "cluster/peer/topology_holder.h"

#include <fmt/core.h>

#include <utility>

#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold {

bool TopologyHolder::compatible(const Id128& other) const {
  return !newest() || other.is_none() || other == cluster();
}

bool TopologyHolder::is_news(const TopologyVersion& version) const {
  if (broken(Bug::kStaleTopologyAccepted)) return version != this->version();
  // The same again says that it still holds.
  if (remembered_) return version >= remembered_->version;
  return version > this->version();
}

void TopologyHolder::remember(TopologyPtr topology) {
  INVARIANT(!current_);
  remembered_ = std::move(topology);
  encoded_ = encode_topology(*remembered_);
}

Result<void> TopologyHolder::offer(const TopologyMessage& message) {
  if (!compatible(message.cluster)) {
    return Error{fmt::format("it belongs to cluster {}, this process to cluster {}", message.cluster.hex(),
                             cluster().hex())};
  }
  if (!is_news(message.version)) return {};
  Result<Topology> decoded = decode_topology(message.payload);
  if (!decoded) return decoded.error();
  if (decoded->version != message.version || decoded->cluster != message.cluster) {
    return Error{"a topology message and its content disagree about the version"};
  }
  adopt(std::make_shared<const Topology>(std::move(*decoded)), std::string(message.payload));
  return {};
}

void TopologyHolder::offer(TopologyPtr topology) {
  if (!topology || !compatible(topology->cluster) || !is_news(topology->version)) return;
  std::string encoded = encode_topology(*topology);
  adopt(std::move(topology), std::move(encoded));
}

void TopologyHolder::adopt(TopologyPtr topology, std::string encoded) {
  const TopologyPtr before = std::exchange(current_, std::move(topology));
  remembered_.reset();
  encoded_ = std::move(encoded);
  if (on_change) on_change(before);
}

}  // namespace ringhold

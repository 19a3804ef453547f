// TopologyHolder: the topology that one loop goes by, and the rule by which it changes: only ever to a newer
// one of the same cluster.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cluster/peer/messages.h"
#include "cluster/topology/topology.h"

namespace ringhold {

class TopologyHolder {
 public:
  // Null until the first one is known.
  const TopologyPtr& current() const { return current_; }
  TopologyVersion version() const { return current_ ? current_->version : TopologyVersion{}; }
  Id128 cluster() const { return current_ ? current_->cluster : Id128{}; }
  // As it travels: valid until the next change. Precondition: there is one.
  TopologyMessage message() const { return {cluster(), version(), encoded_}; }

  // Whether `cluster` may be spoken to at all: the same, or one of the two knows none.
  bool compatible(const Id128& cluster) const;

  // A peer showed its topology. Adopts it, and calls on_change, if it is newer and of the same cluster. The
  // error is a sentence about a peer of a foreign cluster or a damaged message; an old topology is no error.
  Result<void> offer(const TopologyMessage& message);
  // The same for a value of this process.
  void offer(TopologyPtr topology);

  // Called after each change, with what was there before (null at first).
  std::function<void(const TopologyPtr& before)> on_change;

 private:
  bool is_news(const TopologyVersion& version) const;
  void adopt(TopologyPtr topology, std::string encoded);

  TopologyPtr current_;
  std::string encoded_;
};

}  // namespace ringhold

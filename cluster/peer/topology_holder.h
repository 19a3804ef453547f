// TopologyHolder: the topology that one loop goes by, and the rule by which it changes: only ever to a newer
// one of the same cluster.
//
// A server that comes back remembers the topology that it went by before. The cluster may have moved on
// meanwhile, so it does not go by that: it shows it to others, and waits until it is shown the same or a
// newer one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cluster/peer/messages.h"
#include "cluster/topology/topology.h"

namespace ringhold {

class TopologyHolder {
 public:
  // Null until there is one to go by.
  const TopologyPtr& current() const { return current_; }
  TopologyVersion version() const { return current_ ? current_->version : TopologyVersion{}; }
  // Of the topology that it goes by, or remembers.
  Id128 cluster() const { return newest() ? newest()->cluster : Id128{}; }
  // As it travels: valid until the next change. Precondition: there is one.
  TopologyMessage message() const { return {cluster(), version(), encoded_}; }

  // Precondition: current() is null.
  void remember(TopologyPtr topology);
  // Null if there is none, or one is gone by already.
  const TopologyPtr& remembered() const { return remembered_; }
  // Precondition: remembered() is not null.
  RememberedMessage remembered_message() const { return {{cluster(), remembered_->version, encoded_}}; }
  // What it goes by or, before that, remembers; null if neither.
  const TopologyPtr& newest() const { return current_ ? current_ : remembered_; }

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
  TopologyPtr remembered_;
  std::string encoded_;  // the newest
};

}  // namespace ringhold

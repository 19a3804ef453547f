// ClusterReplyCache: what CLUSTER SLOTS, SHARDS and NODES say by the topology at hand.
//
// Neighbouring slots mostly have different owners, so such a reply may be 1.5 MB long and take 3 ms to write,
// and all clients of a cluster ask for it when something has moved. It holds one reply per command and RESP
// version, and begins anew with each topology. One per loop, of one process: the replies say who "myself" is.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "cluster/topology/topology.h"
#include "common/command/command_id.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

class ClusterReplyCache {
 public:
  // Writes the reply that is kept for `command`; if there is none, lets `write` write it to `reply`, and
  // keeps that.
  void reply_to(CommandId command, const Topology& topology, ReplyWriter& reply,
                const std::function<void()>& write);

 private:
  Id128 cluster_;
  TopologyVersion version_;
  std::map<std::pair<CommandId, RespVersion>, std::string> replies_;
};

}  // namespace ringhold

// Node: what the parts of one data server share. One loop, one Node; it outlives every session.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cluster/admin/cluster_reply_cache.h"
#include "cluster/peer/topology_holder.h"
#include "cluster/upstream/router.h"
#include "common/reactor/world.h"
#include "common/session/config_table.h"
#include "common/session/server_commands.h"
#include "common/session/slowlog.h"
#include "common/session/stats.h"
#include "dataserver/ownership.h"
#include "dataserver/server.h"
#include "dataserver/store/store.h"

namespace ringhold {

struct Node {
  Node(World world_, DataServerOptions options_);

  // The shard's log time: the wall clock, but never backwards.
  UnixMs log_time();
  // Keys of slots that this server does not serve (any more) are dropped. Called when the topology has
  // changed.
  void on_topology_changed();

  World world;
  DataServerOptions options;
  Address self;  // advertised
  Store store;
  TopologyHolder topology;
  Ownership ownership;
  Router router;  // to the other shards, for commands on foreign slots
  ServerStats stats;
  Slowlog slowlog;
  ConfigTable config;
  ClusterReplyCache cluster_replies;
  ProcessFacts facts;
  bool decided_topology = false;  // in this life, as the authority
  std::uint64_t forwarded = 0;    // commands on foreign slots that were sent on
  std::function<void()> on_shutdown_request;

 private:
  UnixMs last_log_time_ = 0;
};

}  // namespace ringhold

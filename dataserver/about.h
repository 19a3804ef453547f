// What a data server says about itself: the figures of INFO and CLUSTER STATUS, and the parameters of CONFIG.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cluster/admin/cluster_status.h"
#include "common/session/server_commands.h"
#include "dataserver/node.h"

namespace ringhold {

struct NodeFigures {
  StoreFigures store;
  ClusterFigures cluster;
  std::vector<std::pair<std::string, std::string>> extra;
};

NodeFigures node_figures(Node& node);
// The cluster as this server sees it: figures of its own shard only.
ClusterStatus cluster_status(Node& node);
void add_node_parameters(Node& node);

}  // namespace ringhold

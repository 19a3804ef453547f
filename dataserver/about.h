// What a data server says about itself: the figures of INFO and CLUSTER STATUS.
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
  BackupState backup;
};

NodeFigures node_figures(Node& node);
// What a backup's header says of this server.
BackupHeader about_backup(const Node& node);
// The cluster as this server sees it: figures of its own shard only.
ClusterStatus cluster_status(Node& node);

}  // namespace ringhold

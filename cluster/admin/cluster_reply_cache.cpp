#include "cluster/admin/cluster_reply_cache.h"

namespace ringhold {

void ClusterReplyCache::reply_to(CommandId command, const Topology& topology, ReplyWriter& reply,
                                 const std::function<void()>& write) {
  if (topology.cluster != cluster_ || topology.version != version_) {
    replies_.clear();
    cluster_ = topology.cluster;
    version_ = topology.version;
  }
  std::string& kept = replies_[{command, reply.version()}];
  if (!kept.empty()) {
    reply.raw(kept);
    return;
  }
  const std::size_t start = reply.out().size();
  write();
  kept = reply.out().view().substr(start);
}

}  // namespace ringhold

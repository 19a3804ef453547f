#include "dataserver/node.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/session/run_id.h"

namespace ringhold {

Node::Node(World world_, DataServerOptions options_)
    : world(world_),
      options(std::move(options_)),
      store(StoreOptions{.seed = world.rng.next(), .value_bytes_max = options.value_bytes_max}),
      ownership(!options.name.empty()),
      router(world,
             RouterOptions{.conns = 1, .deadline = options.deadline, .caller = "data server", .lazy = true},
             topology) {
  facts.kind = "dataserver";
  facts.version = RINGHOLD_VERSION;
  facts.build_id = options.build_id;
  facts.run_id = make_run_id(world.rng);
  facts.shard = options.name;
  facts.started_at = world.clock.turn_time();
  facts.clients_max = options.connections_max;
  topology.on_change = [this](const TopologyPtr& /*before*/) { on_topology_changed(); };
}

UnixMs Node::log_time() {
  last_log_time_ = std::max(last_log_time_, world.clock.wall_ms());
  return last_log_time_;
}

void Node::on_topology_changed() {
  const Topology& now = *topology.current();
  const bool was_alone = ownership.shard().empty() && ownership.count() == kSlotCount;
  std::uint64_t dropped = 0;
  for (const Slot slot : ownership.update(now, self)) {
    dropped += store.slot_size(slot);
    store.drop_slot(slot);
  }
  if (ownership.shard().empty()) {
    log::warn("topology {} does not list {}: this server serves no slot{}", now.version.text(), self.text(),
              was_alone ? "; is --advertise right?" : "");
  } else {
    log::info("topology {}: shard '{}', {} of {} slots", now.version.text(), ownership.shard(),
              ownership.count(), kSlotCount);
  }
  if (!options.name.empty() && !ownership.shard().empty() && options.name != ownership.shard()) {
    log::warn("this server was started with --name {}, but the topology calls its shard '{}'", options.name,
              ownership.shard());
  }
  if (dropped > 0) log::info("dropped {} keys of slots that moved to other shards", dropped);
  router.on_topology_changed();
}

}  // namespace ringhold

#include "dataserver/node.h"

#include <algorithm>
#include <numeric>
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
             topology),
      turns(world) {
  facts.kind = "dataserver";
  facts.version = RINGHOLD_VERSION;
  facts.build_id = options.build_id;
  facts.run_id = make_run_id(world.rng);
  facts.shard = options.name;
  facts.started_at = world.clock.turn_time();
  facts.started_wall_ms = world.clock.wall_ms();
  facts.clients_max = options.connections_max;
  topology.on_change = [this](const TopologyPtr& /*before*/) { on_topology_changed(); };
}

UnixMs Node::log_time() {
  last_log_time_ = std::max(last_log_time_, world.clock.wall_ms());
  return last_log_time_;
}

// --- memory ---

bool Node::make_room(std::span<const std::string_view> args) {
  const std::uint64_t bound = options.max_memory;
  if (bound == 0) return true;
  if (options.eviction == Eviction::kNone) return store.live_bytes() <= bound;
  const std::size_t bytes =
      std::accumulate(args.begin(), args.end(), std::size_t{0},
                      [](std::size_t sum, std::string_view arg) { return sum + arg.size(); });
  if (bytes > bound) return false;
  store.evict_slice(log_time(), bound - bytes, limits::kEvictKeysPerSlice);
  return true;  // what is above the bound now goes in further slices: see must_wait
}

bool Node::evict_slice() {
  if (options.max_memory == 0 || options.eviction == Eviction::kNone) return false;
  if (store.live_bytes() <= options.max_memory) return false;
  return store.evict_slice(log_time(), options.max_memory, limits::kEvictKeysPerSlice) > 0;
}

bool Node::disk_is_behind() const {
  return backup != nullptr && backup->writes_must_wait();
}

bool Node::memory_is_over() const {
  if (options.max_memory == 0 || options.eviction == Eviction::kNone) return false;
  // What is evicted, or was deleted at once, is still being freed.
  return store.used_bytes() > options.max_memory + options.max_memory / limits::kOverMemoryPart &&
         (store.freeing_bytes() > 0 || store.size() > 1);
}

bool Node::must_wait(const CommandRow& row) {
  const bool wait = (disk_is_behind() && row.is_write()) || (memory_is_over() && row.has(kDenyOom));
  somebody_waits_ = somebody_waits_ || wait;
  return wait;
}

void Node::note_room() {
  if (!somebody_waits_ || disk_is_behind() || memory_is_over()) return;
  somebody_waits_ = false;
  if (on_room) on_room();
}

void Node::remember_topology(TopologyPtr remembered) {
  const Shard* shard = remembered->find_shard_at(self);
  if (shard == nullptr) {
    log::warn("the topology {} in the backup does not list {}, and is not used; is --advertise right?",
              remembered->version.text(), self.text());
    return;
  }
  log::info("topology {} of the backup: shard '{}'; no slot is served until it is confirmed",
            remembered->version.text(), shard->name);
  ownership.wait_for_topology();
  backed_up_ = remembered->version;
  topology.remember(std::move(remembered));
}

void Node::on_topology_changed() {
  const Topology& now = *topology.current();
  // A backup that says what was before would be of less use.
  if (now.version != backed_up_ && !options.backup_file.empty()) store.note_change();
  backed_up_ = now.version;
  const bool was_alone = ownership.shard().empty() && ownership.count() == kSlotCount;
  std::uint64_t dropped = 0;
  ownership.update(now, self);
  // Also what a backup of an earlier life has brought back.
  for (std::uint16_t i = 0; i < kSlotCount; ++i) {
    const Slot slot{i};
    if (ownership.owns(slot) || store.slot_size(slot) == 0) continue;
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

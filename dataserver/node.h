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
#include "common/session/turn_share.h"
#include "dataserver/backup/backup_job.h"
#include "dataserver/ownership.h"
#include "dataserver/server.h"
#include "dataserver/store/store.h"

namespace ringhold {

struct Node {
  Node(World world_, DataServerOptions options_);

  // The shard's log time: the wall clock, but never backwards.
  UnixMs log_time();
  // Memory at its bound (--max-memory). Before a command that may add to the store: makes room for it, or
  // says that there is none.
  bool make_room(std::span<const std::string_view> args);
  // Another slice of eviction, while memory is above its bound; true if there is more to do.
  bool evict_slice();
  // The disk, or eviction, has to catch up first: this command, and what its client has sent after it, is not
  // executed until on_room is called.
  bool must_wait(const CommandRow& row);
  // False: must_wait says so of no command; asked first, where the command has to be decoded for the
  // question.
  bool somebody_may_wait() const { return disk_is_behind() || memory_is_over(); }
  // Calls on_room if somebody had to wait, and need not any more.
  void note_room();

  // The server went by this topology when its backup was made. It serves no slot until others confirm that,
  // or show a newer one (TopologyHolder). Precondition: it knows no topology, and its own address.
  void remember_topology(TopologyPtr remembered);
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
  TurnShare turns;
  ConfigTable config;
  ClusterReplyCache cluster_replies;
  ProcessFacts facts;
  std::unique_ptr<BackupJob> backup;  // null: this server makes none
  std::uint64_t keys_loaded = 0;      // from the backup, at the start
  std::uint64_t keys_expired = 0;     // ... that were not loaded, because their time was over
  bool decided_topology = false;      // in this life, as the authority
  std::uint64_t forwarded = 0;        // commands on foreign slots that were sent on
  std::function<void()> on_shutdown_request;
  std::function<void()> on_room;
  std::function<void()> on_sample;  // a few times a second

 private:
  bool disk_is_behind() const;
  bool memory_is_over() const;

  UnixMs last_log_time_ = 0;
  TopologyVersion backed_up_;  // the topology that stands in the last backup, or will in the next
  bool somebody_waits_ = false;
};

}  // namespace ringhold
